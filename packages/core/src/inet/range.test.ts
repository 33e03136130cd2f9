import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareIp,
  firstIp,
  formatPrefix,
  formatRange,
  type Ip,
  type IpRange,
  ip4,
  ip6,
  lastIp,
  nextIp,
  parseRange,
  prefixOf,
  prefixRange,
  rangeContains,
  rangesOverlap,
  rangeToPrefixes,
  sameIp,
  sameRange,
} from './index.js';

const range = (text: string): IpRange => parseRange(text, { reversed: 'keep' }) ?? { first: ip4(1), last: ip4(0) };

test.each([
  ['10.0.0.1-10.0.0.9', '10.0.0.1-10.0.0.9'],
  ['10.0.0.1', '10.0.0.1-10.0.0.1'],
  ['::1-::ffff:1.2.3.4', '::1-::ffff:1.2.3.4'],
])('%s is the range %s', (text, printed) => {
  const parsed = parseRange(text);
  expect(parsed && formatRange(parsed)).toBe(printed);
});

test.each([
  '',
  '-',
  '10.0.0.1-',
  '-10.0.0.1',
  '10.0.0.1-10.0.0.2-10.0.0.3',
  '10.0.0.1-::1',
  '10.0.0.1 - 10.0.0.2',
  '10.0.0.1-9',
  '10.0.0.9-10.0.0.1',
])('without being told otherwise, %s is no range', (text) => {
  expect(parseRange(text)).toBeNull();
});

test('a short end is a last octet where the caller allows it', () => {
  expect(parseRange('10.0.0.1-9', { lastOctet: true })).toEqual(range('10.0.0.1-10.0.0.9'));
  expect(parseRange('200.0.0.1-255', { lastOctet: true })).toEqual(range('200.0.0.1-200.0.0.255'));
  expect(parseRange('10.0.0.1-256', { lastOctet: true })).toBeNull();
  expect(parseRange('10.0.0.9-1', { lastOctet: true })).toBeNull();
  expect(parseRange('::1-9', { lastOctet: true })).toBeNull();
});

test('iptables keeps a reversed range, which holds nothing; ipset exchanges its ends', () => {
  const kept = parseRange('10.0.0.9-10.0.0.1', { reversed: 'keep' });
  expect(kept && formatRange(kept)).toBe('10.0.0.9-10.0.0.1');
  expect(kept && rangeContains(kept, ip4(0x0a000005))).toBe(false);
  expect(kept && rangeToPrefixes(kept)).toEqual([]);
  expect(kept && rangesOverlap(kept, range('10.0.0.1-10.0.0.9'))).toBe(false);
  expect(parseRange('10.0.0.9-10.0.0.1', { reversed: 'swap' })).toEqual(range('10.0.0.1-10.0.0.9'));
});

test.each([
  ['10.0.0.1-10.0.0.9', '10.0.0.9-10.0.0.20', true],
  ['10.0.0.1-10.0.0.9', '10.0.0.10-10.0.0.20', false],
  ['10.0.0.1-10.0.0.9', '10.0.0.3-10.0.0.4', true],
  ['0.0.0.0-255.255.255.255', '::-::ffff:ffff', false],
])('%s and %s overlap: %s', (x, y, answer) => {
  expect(rangesOverlap(range(x), range(y))).toBe(answer);
  expect(rangesOverlap(range(y), range(x))).toBe(answer);
});

test.each([
  ['10.0.0.0-10.0.0.255', ['10.0.0.0/24']],
  ['10.0.0.1-10.0.0.9', ['10.0.0.1/32', '10.0.0.2/31', '10.0.0.4/30', '10.0.0.8/31']],
  ['0.0.0.0-255.255.255.255', ['0.0.0.0/0']],
  ['255.255.255.254-255.255.255.255', ['255.255.255.254/31']],
  ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ['::/0']],
  ['2001:db8::ffff:ffff-2001:db8::1:0:0', ['2001:db8::ffff:ffff/128', '2001:db8::1:0:0/128']],
])('%s is made of %j', (text, prefixes) => {
  expect(rangeToPrefixes(range(text)).map(formatPrefix)).toEqual(prefixes);
});

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const narrow = fc.constantFrom(0, 1, 0xfffffffe, 0xffffffff);
const address4 = fc.oneof(uint32, narrow).map(ip4);
const address6 = fc.tuple(narrow, fc.oneof(narrow, uint32), narrow, uint32).map((words) => ip6(...words));
const ordered = ([x, y]: readonly [Ip, Ip]): IpRange =>
  compareIp(x, y) <= 0 ? { first: x, last: y } : { first: y, last: x };
const anyRange = fc.oneof(fc.tuple(address4, address4), fc.tuple(address6, address6)).map(ordered);

test('the prefixes of a range follow each other without a gap from its first to its last address', () => {
  fc.assert(
    fc.property(anyRange, (one) => {
      const prefixes = rangeToPrefixes(one);
      let expected: Ip | null = one.first;
      for (const prefix of prefixes) {
        expect(expected && sameIp(firstIp(prefix), expected)).toBe(true);
        expected = nextIp(lastIp(prefix));
      }
      expect(lastIp(prefixes.at(-1) ?? prefixOf(one.first, 0))).toEqual(one.last);
    }),
  );
});

test('no fewer prefixes would do: the one that starts a step wider would reach beyond the range or start before it', () => {
  fc.assert(
    fc.property(anyRange, (one) => {
      for (const prefix of rangeToPrefixes(one)) {
        if (prefix.length === 0) continue;
        const wider = prefixRange(prefixOf(prefix.ip, prefix.length - 1));
        expect(rangeContains(one, wider.first) && rangeContains(one, wider.last)).toBe(false);
      }
    }),
  );
});

test('a range reads back as printed, and a prefix is the range from its first to its last address', () => {
  fc.assert(
    fc.property(anyRange, fc.nat(32), (one, length) => {
      const read = parseRange(formatRange(one));
      expect(read && sameRange(read, one)).toBe(true);
      const prefix = prefixOf(one.first, length);
      expect(rangeToPrefixes(prefixRange(prefix))).toEqual([prefix]);
    }),
  );
});

test('ranges overlap exactly when the greater first is not above the lesser last', () => {
  fc.assert(
    fc.property(anyRange, anyRange, (x, y) => {
      const apart =
        x.first.family !== y.first.family || compareIp(x.last, y.first) < 0 || compareIp(y.last, x.first) < 0;
      expect(rangesOverlap(x, y)).toBe(!apart);
    }),
  );
});
