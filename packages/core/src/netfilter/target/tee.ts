/** `-j TEE`: a copy of the packet goes to another host of the link. iptables-extensions(8); net/netfilter/xt_TEE.c. */
import type { Ip } from '../../inet/ip.js';
import { formatIp, parseIp } from '../../inet/ip-text.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { host } from '../host.js';
import { firstBytes, text } from '../value.js';
import { bareWord } from './bare-word.js';

export interface TeeTarget {
  readonly gateway: Ip;
  readonly oif: string | null;
}

const longestInterface = 15;

export const tee = defineTarget({
  name: 'TEE',
  families: [4, 6],
  options: { gateway: option(host), oif: option(text('name', Number.POSITIVE_INFINITY)) },
  sample: (choose, cx) => [
    '--gateway',
    ...host.sample(choose, cx),
    ...(choose(2) === 0 ? ['--oif', choose(2) === 0 ? 'eth0' : '1234567890123456'] : []),
  ],
  build: (given): TeeTarget | Refusal => {
    const gateway = given.gateway?.value;
    if (gateway === undefined) return refuse('--gateway is missing');
    if ((gateway.a | gateway.b | gateway.c | gateway.d) === 0) return refuse('the gateway is no host');
    const oif = firstBytes(given.oif?.value ?? '', longestInterface);
    return { gateway, oif: oif === '' ? null : oif };
  },
  save: ({ gateway, oif }) => ['--gateway', formatIp(gateway), ...(oif === null ? [] : ['--oif', oif])],
  loses: ({ oif }) => (oif === null ? null : bareWord('interface name', oif)),
  listing: (cursor): TeeTarget | null => {
    const gateway = cursor.accept('TEE') ? parseIp(cursor.acceptPrefix('gw:') ?? '') : null;
    return gateway === null ? null : { gateway, oif: cursor.acceptPrefix('oif=') };
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});
