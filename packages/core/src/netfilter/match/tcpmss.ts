/** `-m tcpmss`: the maximum segment size that a SYN announces. iptables-extensions(8); net/netfilter/xt_tcpmss.c. */
import { endsBefore, headerSize, lacksOptions } from '../../packet/cut.js';
import { inverted, type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, refuse } from '../extension.js';
import { printed } from '../value.js';
import {
  formatIntegerRange,
  type IntegerRange,
  integerRange,
  integerRangeContains,
  takeListedRange,
} from './integer-range.js';

export interface TcpmssMatch {
  readonly mss: IntegerRange;
  readonly invert: boolean;
}

const most = 65535;

export const tcpmss = defineMatch({
  name: 'tcpmss',
  families: [4, 6],
  protos: [6],
  options: { mss: negatable(integerRange('value[:value]', most, 'refused')) },
  build: (given) =>
    given.mss === undefined ? refuse('--mss is missing') : { mss: given.mss.value, invert: given.mss.invert },
  save: (data: TcpmssMatch) => printed('--mss', [formatIntegerRange(data.mss)], data.invert),
  listing: (cursor): TcpmssMatch | null => {
    const listed = takeListedRange(cursor, ['tcpmss', 'match'], most);
    return listed && { mss: listed.range, invert: listed.invert };
  },
  drops: (_, { skb }) => skb.proto === 6 && (endsBefore(skb, headerSize.tcp) || lacksOptions(skb)),
  /** A segment without the option is like one whose value is out of range. */
  test: (data, { skb }): Tri => {
    if (skb.proto !== 6 || endsBefore(skb, headerSize.tcp) || lacksOptions(skb)) return false;
    // Read as a header they may also have the packet dropped: one that says that it is shorter than a header, or longer than the packet.
    if (skb.tcp === null)
      return { ...unknown('the bytes of a fragment without TCP header are not given'), changes: true };
    if (skb.tcp.openMss)
      return unknown('the MSS that the kernel announces depends on an MTU that is not known', 'ip-link');
    return inverted(skb.tcp.mss !== null && integerRangeContains(data.mss, skb.tcp.mss), data.invert);
  },
});
