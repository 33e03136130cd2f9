/** `-m ah` of IPv6: SPI, length and reserved field of an authentication header. iptables-extensions(8); net/ipv6/netfilter/ip6t_ah.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { proto } from '../../inet/proto.js';
import { endsInAuthentication } from '../../packet/cut.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, negatable, option } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, integer, printed } from '../value.js';
import { numberRange, type RangeTest, rangeTest, readListedText, saveRange } from './number-range.js';

export interface Ah6Match {
  readonly spi: RangeTest | null;
  /** Length of the header in octets. */
  readonly length: { readonly value: number; readonly invert: boolean } | null;
  /** The reserved field must be zero. */
  readonly reserved: boolean;
}

export const ah6 = defineMatch({
  name: 'ah',
  families: [6],
  options: {
    ahspi: negatable(numberRange('spi[:spi]')),
    ahlen: negatable(integer('length', 0, 0xffffffff)),
    ahres: option(flag),
  },
  build: (given): Ah6Match => ({
    spi: rangeTest(given.ahspi),
    length: lengthTest(given.ahlen),
    reserved: given.ahres !== undefined,
  }),
  save: (data) => [
    ...saveRange('--ahspi', data.spi),
    ...(data.length === null ? [] : printed('--ahlen', [`${data.length.value}`], data.length.invert)),
    ...(data.reserved ? ['--ahres'] : []),
  ],
  listing: (cursor): Ah6Match | null => {
    if (!cursor.accept('ah')) return null;
    const { spi, length } = readListedWord(cursor);
    return { spi, length, reserved: cursor.accept('reserved') };
  },
  drops: (_, { skb }) => endsInAuthentication(skb),
  test: ({ spi, length, reserved }, { skb }): Tri => {
    // Whether it is a header on the way or the last one is not said of a packet whose protocol it is.
    if (skb.extensions?.includes(proto.ah) !== true)
      return skb.proto === proto.ah ? unknown('the headers of the packet are not asked') : false;
    if (endsInAuthentication(skb) === true) return false;
    return spi === null && length === null && !reserved
      ? true
      : unknown('the fields of the authentication header are not asked');
  },
});

/** A length of 0 is no test. */
function lengthTest(given: Given<number> | undefined): Ah6Match['length'] {
  return given === undefined || (given.value === 0 && !given.invert)
    ? null
    : { value: given.value, invert: given.invert };
}

/** SPI and length are printed without a blank between: `spi:5length:6`. */
function readListedWord(cursor: ListingCursor): Pick<Ah6Match, 'spi' | 'length'> {
  const text = cursor.peek() ?? '';
  const found = /^(?:spis?:([!\d:]*))?(?:length:(!?)(\d+))?$/.exec(text);
  if (found === null || text === '') return { spi: null, length: null };
  cursor.take();
  const [, range, not, value] = found;
  return {
    spi: range === undefined ? null : readListedText(range),
    length: value === undefined ? null : { value: parseUint32(value) ?? 0, invert: not === '!' },
  };
}
