/** `-m ecn`: bits of explicit congestion notification. iptables-extensions(8); net/netfilter/xt_ecn.c, RFC 3168. */
import { endsBefore, headerSize } from '../../packet/cut.js';
import { isLaterFragment } from '../../packet/extension-headers.js';
import { tcpFlag } from '../../packet/skb.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, negatable, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, integer, printed } from '../value.js';

/** Must the bit be set (true), clear (false), or either (null)? */
type BitTest = boolean | null;

export interface EcnMatch {
  readonly ece: BitTest;
  readonly cwr: BitTest;
  /** The two bits of the IP header. */
  readonly ect: { readonly value: number; readonly invert: boolean } | null;
}

export const ecn = defineMatch({
  name: 'ecn',
  families: [4, 6],
  options: {
    'ecn-tcp-cwr': negatable(flag),
    'ecn-tcp-ece': negatable(flag),
    'ecn-ip-ect': negatable(integer('num', 0, 3)),
  },
  build: (given, { proto }): EcnMatch | Refusal => {
    const ece = bitTest(given['ecn-tcp-ece']);
    const cwr = bitTest(given['ecn-tcp-cwr']);
    const ect = given['ecn-ip-ect'];
    if (ece === null && cwr === null && ect === undefined) return refuse('some option is required');
    if ((ece !== null || cwr !== null) && proto !== 6) return refuse('bits of TCP need -p tcp');
    return { ece, cwr, ect: ect === undefined ? null : { value: ect.value, invert: ect.invert } };
  },
  sample: (choose, { proto }) => {
    const ect = printed('--ecn-ip-ect', [`${choose(4)}`], choose(2) === 0);
    if (proto !== 6) return ect;
    return [
      ...(choose(2) === 0 ? printed('--ecn-tcp-cwr', [], choose(2) === 0) : []),
      ...printed('--ecn-tcp-ece', [], choose(2) === 0),
      ...(choose(2) === 0 ? ect : []),
    ];
  },
  save: ({ ece, cwr, ect }) => [
    ...(ece === null ? [] : printed('--ecn-tcp-ece', [], !ece)),
    ...(cwr === null ? [] : printed('--ecn-tcp-cwr', [], !cwr)),
    ...(ect === null ? [] : printed('--ecn-ip-ect', [`${ect.value}`], ect.invert)),
  ],
  listing: (cursor): EcnMatch | null => {
    if (!cursor.accept('ECN', 'match')) return null;
    const ece = readListedBit(cursor, 'ECE');
    const cwr = readListedBit(cursor, 'CWR');
    const invert = cursor.peek()?.startsWith('!') ?? false;
    const ect = cursor.acceptPrefix(invert ? '!ECT=' : 'ECT=');
    return { ece, cwr, ect: ect === null ? null : { value: Number(ect), invert } };
  },
  test: ({ ece, cwr, ect }, { skb }): Tri => {
    if (ect !== null && ((skb.tos & 3) === ect.value) === ect.invert) return false;
    if (ece === null && cwr === null) return true;
    if (isLaterFragment(skb)) return unknown('bytes of a later fragment are read as TCP header');
    const { tcp } = skb;
    if (tcp?.openEcn) return unknown('whether the node asks for ECN is not known', 'sysctl');
    return (
      tcp !== null &&
      !endsBefore(skb, headerSize.tcp) &&
      bitHolds(ece, tcp.flags & tcpFlag.ECE) &&
      bitHolds(cwr, tcp.flags & tcpFlag.CWR)
    );
  },
});

function bitTest(given: Given<true> | undefined): BitTest {
  return given === undefined ? null : !given.invert;
}

function readListedBit(cursor: ListingCursor, name: string): BitTest {
  if (cursor.accept(name)) return true;
  return cursor.accept(`!${name}`) ? false : null;
}

function bitHolds(test: BitTest, bit: number): boolean {
  return test === null || test === (bit !== 0);
}
