/** `-j SYNPROXY`: the kernel shakes hands in the server's place. iptables-extensions(8); net/netfilter/xt_SYNPROXY.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { tcpFlag } from '../../packet/skb.js';
import { defineTarget, option } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, integer } from '../value.js';

export interface SynproxyTarget {
  readonly sackPerm: boolean;
  readonly timestamp: boolean;
  readonly wscale: number | null;
  readonly mss: number | null;
  readonly ecn: boolean;
}

export const synproxy = defineTarget({
  name: 'SYNPROXY',
  families: [4, 6],
  protos: [6],
  hooks: ['INPUT', 'FORWARD'],
  options: {
    'sack-perm': option(flag),
    timestamp: option(flag),
    wscale: option(integer('factor', 0, 0xffffffff)),
    mss: option(integer('bytes', 0, 0xffffffff)),
    ecn: option(flag),
  },
  build: (given): SynproxyTarget => ({
    sackPerm: given['sack-perm'] !== undefined,
    timestamp: given.timestamp !== undefined,
    // Greater numbers lose their upper bits on the way into the kernel's structure.
    wscale: given.wscale === undefined ? null : given.wscale.value & 0xff,
    mss: given.mss === undefined ? null : given.mss.value & 0xffff,
    ecn: given.ecn !== undefined,
  }),
  save: (data) => [
    ...(data.sackPerm ? ['--sack-perm'] : []),
    ...(data.timestamp ? ['--timestamp'] : []),
    ...(data.wscale === null ? [] : ['--wscale', String(data.wscale)]),
    ...(data.mss === null ? [] : ['--mss', String(data.mss)]),
    ...(data.ecn ? ['--ecn'] : []),
  ],
  listing: (cursor): SynproxyTarget | null => (cursor.accept('SYNPROXY') ? readListed(cursor) : null),
  // A SYN is answered in the server's name, an ACK is an answer to that or nothing: neither goes on.
  apply: (_data, { skb }) => {
    const flags = (skb.tcp?.flags ?? 0) & (tcpFlag.SYN | tcpFlag.ACK | tcpFlag.FIN | tcpFlag.RST);
    if (flags === tcpFlag.SYN) return { kind: 'drop', instead: shakesHands };
    return flags === tcpFlag.ACK ? { kind: 'drop' } : { kind: 'continue', skb };
  },
});

const shakesHands =
  'SYNPROXY shakes hands in the place of the server; what comes of the connection that it then makes is not followed';

function readListed(cursor: ListingCursor): SynproxyTarget {
  const number = (label: string) => (cursor.accept(label) ? parseUint32(cursor.take() ?? '') : null);
  const sackPerm = cursor.accept('sack-perm');
  const timestamp = cursor.accept('timestamp');
  const wscale = number('wscale');
  const mss = number('mss');
  return { sackPerm, timestamp, wscale, mss, ecn: cursor.accept('ecn') };
}
