/** `-j SECMARK`: the packet's label for a security module. iptables-extensions(8); net/netfilter/xt_SECMARK.c. */
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { firstBytes, text } from '../value.js';
import { bareWord } from './bare-word.js';

export interface SecmarkTarget {
  readonly context: string;
}

const longestContext = 255;

export const secmark = defineTarget({
  name: 'SECMARK',
  families: [4, 6],
  tables: ['mangle', 'security'],
  options: { selctx: option(text('context', Number.POSITIVE_INFINITY)) },
  build: (given): SecmarkTarget | Refusal =>
    given.selctx === undefined
      ? refuse('--selctx is missing')
      : { context: firstBytes(given.selctx.value, longestContext) },
  save: (data) => ['--selctx', data.context],
  loses: (data) => bareWord('context', data.context),
  listing: (cursor): SecmarkTarget | null => {
    const context = cursor.accept('SECMARK', 'selctx') ? cursor.take() : null;
    return context === null ? null : { context };
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});
