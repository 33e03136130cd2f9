/** `-j NETMAP`: another network for the address, host bits kept. iptables-extensions(8); net/netfilter/xt_NETMAP.c. */
import { maskOf } from '../../inet/mask.js';
import { formatPrefix, type Prefix, parsePrefix } from '../../inet/prefix.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { hostMask, prefixOfHost } from '../host.js';

export interface NetmapTarget {
  readonly to: Prefix;
}

export const netmap = defineTarget({
  name: 'NETMAP',
  families: [4, 6],
  tables: ['nat'],
  hooks: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  options: { to: option(hostMask) },
  build: (given): NetmapTarget | Refusal =>
    given.to === undefined ? refuse('--to is missing') : { to: prefixOfHost(given.to.value) },
  save: (data) => ['--to', formatPrefix(data.to)],
  listing: (cursor): NetmapTarget | null => {
    const at = cursor.at;
    const to = parsePrefix(cursor.acceptPrefix('to:') ?? '');
    if (to === null) cursor.reset(at);
    return to === null ? null : { to };
  },
  apply: ({ to }, { hook }) => {
    const kind = hook === 'PREROUTING' || hook === 'OUTPUT' ? 'dst' : 'src';
    const mapped = { ip: to.ip, mask: maskOf(to.ip.family, to.length) };
    const plain = { addresses: null, ports: null, portBase: null, random: false, persistent: false };
    return { kind: 'nat', spec: { kind, ...plain, netmap: mapped } };
  },
});
