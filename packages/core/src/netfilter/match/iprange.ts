/** `-m iprange`: source or destination between two addresses. iptables-extensions(8); net/netfilter/xt_iprange.c. */
import { formatRange, type IpRange, parseRange, rangeContains } from '../../inet/range.js';
import { parseTypedIp } from '../../inet/typed.js';
import { defineMatch, type Given, negatable, type ReadContext, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { printed, sampleAddress, word } from '../value.js';

/** A range that runs backwards holds no address; iptables loads and prints it all the same. */
export interface RangeTest {
  readonly range: IpRange;
  readonly invert: boolean;
}

export interface IprangeMatch {
  readonly src: RangeTest | null;
  readonly dst: RangeTest | null;
}

const addressRange = word<IpRange>('from[-to]', readRange, (choose, cx) => {
  const first = sampleAddress(choose, cx);
  return choose(3) === 0 ? first : `${first}-${sampleAddress(choose, cx)}`;
});

function readRange(text: string, { family }: ReadContext): IpRange | Refusal {
  const dash = text.indexOf('-');
  const first = parseTypedIp(text, 0, dash < 0 ? text.length : dash);
  const last = dash < 0 ? first : parseTypedIp(text, dash + 1);
  return first === null || last === null || first.family !== family || last.family !== family
    ? refuse(`"${text}" is not a range of IPv${family} addresses`)
    : { first, last };
}

export const iprange = defineMatch({
  name: 'iprange',
  families: [4, 6],
  options: { 'src-range': negatable(addressRange), 'dst-range': negatable(addressRange) },
  build: (given): IprangeMatch | Refusal => {
    const data = { src: rangeTest(given['src-range']), dst: rangeTest(given['dst-range']) };
    return data.src === null && data.dst === null ? refuse('neither --src-range nor --dst-range is given') : data;
  },
  sample: (choose, cx) => {
    const both = choose(3);
    return [
      ...(both === 0 ? [] : printed('--src-range', addressRange.sample(choose, cx), choose(2) === 0)),
      ...(both === 1 ? [] : printed('--dst-range', addressRange.sample(choose, cx), choose(2) === 0)),
    ];
  },
  save: (data) => [...saveRange('--src-range', data.src), ...saveRange('--dst-range', data.dst)],
  listing: (cursor): IprangeMatch | null => {
    const src = readListedRange(cursor, 'source');
    const dst = readListedRange(cursor, 'destination');
    return src === null && dst === null ? null : { src, dst };
  },
  test: (data, { skb }) =>
    (data.src === null || rangeContains(data.src.range, skb.src) !== data.src.invert) &&
    (data.dst === null || rangeContains(data.dst.range, skb.dst) !== data.dst.invert),
});

function rangeTest(given: Given<IpRange> | undefined): RangeTest | null {
  return given === undefined ? null : { range: given.value, invert: given.invert };
}

function saveRange(option: string, test: RangeTest | null): readonly string[] {
  return test === null ? [] : printed(option, [formatRange(test.range)], test.invert);
}

function readListedRange(cursor: ListingCursor, side: string): RangeTest | null {
  const at = cursor.at;
  if (!cursor.accept(side, 'IP', 'range')) return null;
  const invert = cursor.accept('!');
  const range = parseRange(cursor.take() ?? '', { reversed: 'keep' });
  if (range !== null) return { range, invert };
  cursor.reset(at);
  return null;
}
