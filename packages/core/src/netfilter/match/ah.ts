/** `-m ah` of IPv4: the SPI of an IPsec authentication header. iptables-extensions(8); net/ipv4/netfilter/ipt_ah.c. */
import { endsBefore, headerSize } from '../../packet/cut.js';
import { isLaterFragment } from '../../packet/extension-headers.js';
import { numberAt, upperHeader } from '../../packet/upper-header.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable } from '../extension.js';
import { numberRange, type RangeTest, rangeTest, readListedRange, saveRange, testNumber } from './number-range.js';

export interface AhMatch {
  readonly spi: RangeTest | null;
}

const headerLength = 12;
const openSpi = unknown('the SPI of the packet is not told');

export const ah = defineMatch({
  name: 'ah',
  families: [4],
  protos: [51],
  options: { ahspi: negatable(numberRange('spi[:spi]')) },
  build: (given): AhMatch => ({ spi: rangeTest(given.ahspi) }),
  save: (data) => saveRange('--ahspi', data.spi),
  listing: (cursor): AhMatch | null => (cursor.accept('ah') ? { spi: readListedRange(cursor, 'spi') } : null),
  drops: (_, { skb }) => skb.proto === 51 && endsBefore(skb, headerSize.ah),
  test: (data, { skb }): Tri => {
    if (skb.proto !== 51 || endsBefore(skb, headerSize.ah) || isLaterFragment(skb)) return false;
    const header = upperHeader(skb, headerLength);
    return testNumber(data.spi, header === null ? null : numberAt(header, 4, 4), openSpi);
  },
});
