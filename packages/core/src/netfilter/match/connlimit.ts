/** `-m connlimit`: how many connections an address or a subnet has. iptables-extensions(8); net/netfilter/xt_connlimit.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { bitsOf } from '../../inet/mask.js';
import { proto } from '../../inet/proto.js';
import { endsBefore, headerSize } from '../../packet/cut.js';
import { isLaterFragment, noNextHeader } from '../../packet/extension-headers.js';
import type { Skb } from '../../packet/skb.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, option, type Refusal, refuse } from '../extension.js';
import { maskBits } from '../host.js';
import { flag, integer, pick, printed } from '../value.js';

export interface ConnlimitMatch {
  readonly relation: 'above' | 'upto';
  readonly limit: number;
  /** Length of the prefix that counts as one. */
  readonly mask: number;
  readonly of: 'saddr' | 'daddr';
}

const limit = integer('n', 0, 0xffffffff);

export const connlimit = defineMatch({
  name: 'connlimit',
  families: [4, 6],
  options: {
    'connlimit-upto': negatable(limit),
    'connlimit-above': negatable(limit),
    'connlimit-mask': option(maskBits),
    'connlimit-saddr': option(flag),
    'connlimit-daddr': option(flag),
  },
  build: (given, { family }): ConnlimitMatch | Refusal => {
    const upto = given['connlimit-upto'];
    const above = given['connlimit-above'];
    if (upto !== undefined && above !== undefined)
      return refuse('--connlimit-upto and --connlimit-above cannot be used together');
    const chosen = upto ?? above;
    if (chosen === undefined) return refuse('neither --connlimit-upto nor --connlimit-above is given');
    const daddr = given['connlimit-daddr'] !== undefined;
    if (daddr && given['connlimit-saddr'] !== undefined)
      return refuse('--connlimit-saddr and --connlimit-daddr cannot be used together');
    const bits = bitsOf(family);
    return {
      relation: (upto !== undefined) !== chosen.invert ? 'upto' : 'above',
      limit: chosen.value,
      mask: given['connlimit-mask']?.value ?? bits,
      of: daddr ? 'daddr' : 'saddr',
    };
  },
  sample: (choose, cx) => [
    ...printed(`--connlimit-${pick(choose, ['upto', 'above'])}`, limit.sample(choose, cx), choose(3) === 0),
    ...(choose(2) === 0 ? ['--connlimit-mask', `${choose(bitsOf(cx.family) + 1)}`] : []),
    ...(choose(2) === 0 ? [pick(choose, ['--connlimit-saddr', '--connlimit-daddr'])] : []),
  ],
  save: (data) => [
    `--connlimit-${data.relation}`,
    `${data.limit}`,
    '--connlimit-mask',
    `${data.mask}`,
    `--connlimit-${data.of}`,
  ],
  listing: (cursor): ConnlimitMatch | null => {
    const at = cursor.at;
    if (cursor.accept('#conn')) {
      const [, side, length] = /^(src|dst)\/(\d+)$/.exec(cursor.take() ?? '') ?? [];
      const sign = cursor.take();
      const count = parseUint32(cursor.take() ?? '');
      const relation = sign === '<=' ? 'upto' : sign === '>' ? 'above' : null;
      if (length !== undefined && relation !== null && count !== null)
        return { relation, limit: count, mask: Number(length), of: side === 'src' ? 'saddr' : 'daddr' };
    }
    cursor.reset(at);
    return null;
  },
  drops: (_, { skb }) => isHeadless(skb),
  test: ({ relation, limit }, { skb, around }): Tri => {
    if (isHeadless(skb)) return false;
    // This one counts, tracked or not; which of the others came by this rule is not known.
    const most = 1 + (around.connections ?? Number.POSITIVE_INFINITY);
    if (limit < 1) return relation === 'above';
    if (most <= limit) return relation === 'upto';
    return unknown('how many connections there are is not counted', 'conntrack');
  },
});

/** Without a header of an upper layer there is no connection to count by. net/netfilter/nf_conntrack_core.c nf_ct_get_tuplepr. */
function isHeadless(skb: Skb): boolean {
  const size = tupleSize[skb.proto];
  if (size !== undefined && endsBefore(skb, size)) return true;
  return isLaterFragment(skb) || (skb.family === 6 && skb.proto === noNextHeader);
}

/** Bytes of the header that a connection is named by; of other protocols, none. */
const tupleSize: Readonly<Record<number, number>> = {
  [proto.tcp]: headerSize.ports,
  [proto.udp]: headerSize.ports,
  [proto.udplite]: headerSize.ports,
  [proto.sctp]: headerSize.ports,
  [proto.icmp]: headerSize.icmp,
  [proto.icmpv6]: headerSize.icmp,
};
