/** `-m length`: bytes of the packet, headers of the network layer included. iptables-extensions(8); net/netfilter/xt_length.c. */
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

export interface LengthMatch {
  readonly length: IntegerRange;
  readonly invert: boolean;
}

const most = 65535;

export const length = defineMatch({
  name: 'length',
  families: [4, 6],
  options: { length: negatable(integerRange('length[:length]', most, 'kept')) },
  build: (given) =>
    given.length === undefined
      ? refuse('--length is missing')
      : { length: given.length.value, invert: given.length.invert },
  save: (data: LengthMatch) => printed('--length', [formatIntegerRange(data.length)], data.invert),
  listing: (cursor): LengthMatch | null => {
    const listed = takeListedRange(cursor, ['length'], most);
    return listed && { length: listed.range, invert: listed.invert };
  },
  test: (data, { skb }): Tri =>
    skb.length === null
      ? unknown('the length of the packet is not given')
      : inverted(integerRangeContains(data.length, skb.length), data.invert),
});
