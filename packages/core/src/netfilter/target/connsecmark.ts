/** `-j CONNSECMARK`: the security mark of the packet kept with its connection, or taken from it. iptables-extensions(8); net/netfilter/xt_CONNSECMARK.c. */
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { flag, pick } from '../value.js';

export interface ConnsecmarkTarget {
  readonly operation: 'save' | 'restore';
}

export const connsecmark = defineTarget({
  name: 'CONNSECMARK',
  families: [4, 6],
  tables: ['mangle', 'security'],
  options: { save: option(flag), restore: option(flag) },
  sample: (choose) => [pick(choose, ['--save', '--restore'])],
  build: (given): ConnsecmarkTarget | Refusal => {
    if (given.save === undefined && given.restore === undefined) return refuse('neither --save nor --restore is given');
    if (given.save !== undefined && given.restore !== undefined) return refuse('--save does not go with --restore');
    return { operation: given.save === undefined ? 'restore' : 'save' };
  },
  save: (data) => [`--${data.operation}`],
  listing: (cursor): ConnsecmarkTarget | null => {
    const operation = cursor.accept('CONNSECMARK') ? cursor.take() : null;
    return operation === 'save' || operation === 'restore' ? { operation } : null;
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});
