/** `-j ECN`: takes explicit congestion notification out of a packet. RFC 3168; net/ipv4/netfilter/ipt_ECN.c. */

import { isCut } from '../../packet/cut.js';
import { alter, tcpFlag } from '../../packet/skb.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, integer, pick } from '../value.js';

/** Each null: left as it is. */
export interface EcnTarget {
  readonly ece: number | null;
  readonly cwr: number | null;
  readonly ect: number | null;
}

const bit = integer('0..1', 0, 1);

export const ecn = defineTarget({
  name: 'ECN',
  families: [4],
  tables: ['mangle'],
  options: {
    'ecn-tcp-remove': option(flag),
    'ecn-tcp-cwr': option(bit),
    'ecn-tcp-ece': option(bit),
    'ecn-ip-ect': option(integer('0..3', 0, 3)),
  },
  sample: (choose, cx) => {
    const ect = ['--ecn-ip-ect', String(choose(4))];
    if (cx.proto !== 6) return ect;
    return pick(choose, [
      ['--ecn-tcp-remove'],
      ['--ecn-tcp-remove', ...ect],
      ['--ecn-tcp-cwr', '1', '--ecn-tcp-ece', String(choose(2))],
      ['--ecn-tcp-ece', '0', ...ect],
      ect,
    ]);
  },
  build: (given, cx): EcnTarget | Refusal => {
    const remove = given['ecn-tcp-remove'] !== undefined;
    const ece = remove ? 0 : (given['ecn-tcp-ece']?.value ?? null);
    const cwr = remove ? 0 : (given['ecn-tcp-cwr']?.value ?? null);
    // --ecn-tcp-remove forgets what stood before it.
    const keys = Object.keys(given);
    const forgotten = keys.indexOf('ecn-ip-ect') < keys.indexOf('ecn-tcp-remove');
    const ect = forgotten ? null : (given['ecn-ip-ect']?.value ?? null);
    if (remove && (given['ecn-tcp-ece'] !== undefined || given['ecn-tcp-cwr'] !== undefined)) {
      return refuse('--ecn-tcp-remove says already what --ecn-tcp-ece and --ecn-tcp-cwr say');
    }
    if (ece === null && cwr === null && ect === null) return refuse('it does not say what to change');
    if ((ece !== null || cwr !== null) && cx.proto !== 6) return refuse('flags of TCP need -p tcp');
    return { ece, cwr, ect };
  },
  // Both flags cleared and nothing else is what --ecn-tcp-remove loads; with a codepoint beside it the tool prints the parts.
  save: ({ ece, cwr, ect }) =>
    ece === 0 && cwr === 0 && ect === null
      ? ['--ecn-tcp-remove']
      : [
          ...(ece === null ? [] : ['--ecn-tcp-ece', String(ece)]),
          ...(cwr === null ? [] : ['--ecn-tcp-cwr', String(cwr)]),
          ...(ect === null ? [] : ['--ecn-ip-ect', String(ect)]),
        ],
  listing: (cursor): EcnTarget | null => (cursor.accept('ECN') ? readListed(cursor) : null),
  apply: ({ ece, cwr, ect }, { skb }) => {
    const tos = ect === null ? skb.tos : (skb.tos & ~3) | ect;
    if (isCut(skb) && (ece !== null || cwr !== null)) return { kind: 'drop' };
    if (skb.tcp === null) return { kind: 'continue', skb: alter(skb, { tos }) };
    const flags = withBit(withBit(skb.tcp.flags, tcpFlag.ECE, ece), tcpFlag.CWR, cwr);
    return { kind: 'continue', skb: alter(skb, { tos, tcp: { ...skb.tcp, flags }, body: undefined }) };
  },
});

function withBit(flags: number, mask: number, value: number | null): number {
  if (value === null) return flags;
  return value === 0 ? flags & ~mask : flags | mask;
}

function readListed(cursor: ListingCursor): EcnTarget {
  if (cursor.accept('TCP', 'remove')) return { ece: 0, cwr: 0, ect: null };
  const digit = (text: string | null) => (text === null ? null : Number(text));
  const ece = digit(cursor.acceptPrefix('ECE='));
  const cwr = digit(cursor.acceptPrefix('CWR='));
  const ect = cursor.accept('ECT') ? digit(cursor.acceptPrefix('codepoint=')) : null;
  return { ece, cwr, ect };
}
