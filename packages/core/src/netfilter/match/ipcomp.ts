/** `-m ipcomp`: the index (CPI) of an IP payload compression header. iptables: extensions/libxt_ipcomp.c; net/netfilter/xt_ipcomp.c. */
import { endsBefore, headerSize } from '../../packet/cut.js';
import { isLaterFragment } from '../../packet/extension-headers.js';
import { numberAt, upperHeader } from '../../packet/upper-header.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, option } from '../extension.js';
import { flag } from '../value.js';
import { numberRange, type RangeTest, readListedRange, saveRange, testNumber } from './number-range.js';

export interface IpcompMatch {
  readonly cpi: RangeTest;
  /** Said, and kept, and looked at by nobody. */
  readonly reserved: boolean;
}

const openIndex = unknown('the index of the compression is not told');

export const ipcomp = defineMatch({
  name: 'ipcomp',
  families: [4, 6],
  protos: [108],
  options: { ipcompspi: negatable(numberRange('spi[:spi]')), compres: option(flag) },
  build: ({ ipcompspi, compres }): IpcompMatch => ({
    // Without the option the tool asks for index 0.
    cpi: { ...(ipcompspi?.value ?? { first: 0, last: 0 }), invert: ipcompspi?.invert ?? false },
    reserved: compres !== undefined,
  }),
  save: (data) => [...saveRange('--ipcompspi', data.cpi), ...(data.reserved ? ['--compres'] : [])],
  listing: (cursor): IpcompMatch | null => {
    if (!cursor.accept('comp')) return null;
    const cpi = readListedRange(cursor, 'spi') ?? { first: 0, last: 0xffffffff, invert: false };
    return { cpi, reserved: cursor.accept('reserved') };
  },
  drops: (_, { skb }) => skb.proto === 108 && endsBefore(skb, headerSize.ipcomp),
  test: (data, { skb }): Tri => {
    if (skb.proto !== 108 || endsBefore(skb, headerSize.ipcomp) || isLaterFragment(skb)) return false;
    const header = upperHeader(skb, headerSize.ipcomp);
    return testNumber(data.cpi, header === null ? null : numberAt(header, 2, 2), openIndex);
  },
});
