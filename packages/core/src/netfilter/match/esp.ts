/** `-m esp`: the SPI of an IPsec ESP header. iptables-extensions(8); net/netfilter/xt_esp.c. */
import { endsBefore, headerSize } from '../../packet/cut.js';
import { isLaterFragment } from '../../packet/extension-headers.js';
import { numberAt, upperHeader } from '../../packet/upper-header.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable } from '../extension.js';
import { numberRange, type RangeTest, rangeTest, readListedRange, saveRange, testNumber } from './number-range.js';

export interface EspMatch {
  readonly spi: RangeTest | null;
}

const headerLength = 8;
const openSpi = unknown('the SPI of the packet is not told');

export const esp = defineMatch({
  name: 'esp',
  families: [4, 6],
  protos: [50],
  options: { espspi: negatable(numberRange('spi[:spi]')) },
  build: (given): EspMatch => ({ spi: rangeTest(given.espspi) }),
  save: (data) => saveRange('--espspi', data.spi),
  listing: (cursor): EspMatch | null => (cursor.accept('esp') ? { spi: readListedRange(cursor, 'spi') } : null),
  drops: (_, { skb }) => skb.proto === 50 && endsBefore(skb, headerSize.esp),
  test: (data, { skb }): Tri => {
    if (skb.proto !== 50 || endsBefore(skb, headerSize.esp) || isLaterFragment(skb)) return false;
    const header = upperHeader(skb, headerLength);
    return testNumber(data.spi, header === null ? null : numberAt(header, 0, 4), openSpi);
  },
});
