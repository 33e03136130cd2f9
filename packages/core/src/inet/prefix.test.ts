import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bitsOf,
  defaultPrefix,
  firstIp,
  formatAddressOrPrefix,
  formatIp,
  formatPrefix,
  hostPrefix,
  ip4,
  ip6,
  lastIp,
  maskLength,
  maskOf,
  parseCidrAddress,
  parseIp,
  parsePrefix,
  prefixContains,
  prefixCovers,
  prefixesOverlap,
  prefixOf,
  samePrefix,
} from './index.js';

const ip = (text: string) => parseIp(text) ?? ip4(0);
const prefix = (text: string) => parsePrefix(text) ?? defaultPrefix(4);

test.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['10.1.2.3', '10.1.2.3/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['10.1.2.3/255.255.0.0', '10.1.0.0/16'],
  ['10.1.2.3/0.0.0.0', '0.0.0.0/0'],
  ['2001:db8::1', '2001:db8::1/128'],
  ['2001:db8:1:2:3:4:5:6/33', '2001:db8::/33'],
  ['2001:db8:1:2:3:4:5:6/127', '2001:db8:1:2:3:4:5:6/127'],
  ['2001:db8::1/ffff:ffff::', '2001:db8::/32'],
  ['::ffff:1.2.3.4/96', '::ffff:0.0.0.0/96'],
])('%s is the prefix %s', (text, printed) => {
  const parsed = parsePrefix(text);
  expect(parsed && formatPrefix(parsed)).toBe(printed);
});

test.each([
  ['', 'nothing'],
  ['/8', 'no address'],
  ['10.0.0.0/', 'no length'],
  ['10.0.0.0/33', 'a length beyond the family'],
  ['::/129', 'a length beyond the family'],
  ['10.0.0.0/08', 'a leading zero'],
  ['10.0.0.0/+8', 'a sign'],
  ['10.0.0.0/8/8', 'two lengths'],
  ['10.0.0.0 /8', 'a blank'],
  ['10.0.0.0/255.0.255.0', 'a mask with a hole'],
  ['10.0.0.0/0.0.0.255', 'a mask upside down'],
  ['10.0.0.0/ffff::', 'a mask of the other family'],
  ['::/255.255.0.0', 'a mask of the other family'],
  ['::dxdxdxd/8', 'letters that are no digits'],
  ['fe80::1%eth0/64', 'a zone'],
])('%s is no prefix: %s', (text) => {
  expect(parsePrefix(text)).toBeNull();
});

test('host bits are cleared, refused or kept, as the caller needs it', () => {
  expect(parsePrefix('10.0.0.5/24')).toEqual({ ip: ip('10.0.0.0'), length: 24 });
  expect(parsePrefix('10.0.0.5/24', { hostBits: 'refuse' })).toBeNull();
  expect(parsePrefix('10.0.0.0/24', { hostBits: 'refuse' })).toEqual({ ip: ip('10.0.0.0'), length: 24 });
  expect(parsePrefix('10.0.0.5', { hostBits: 'refuse' })).toEqual(hostPrefix(ip('10.0.0.5')));
  expect(parseCidrAddress('10.0.0.5/24')).toEqual({ ip: ip('10.0.0.5'), length: 24 });
  expect(formatPrefix(parseCidrAddress('10.0.0.5/24') ?? defaultPrefix(4))).toBe('10.0.0.5/24');
});

test('a host prefix prints bare where the tool prints it bare', () => {
  expect(formatAddressOrPrefix(prefix('10.0.0.5/32'))).toBe('10.0.0.5');
  expect(formatAddressOrPrefix(prefix('10.0.0.4/31'))).toBe('10.0.0.4/31');
  expect(formatAddressOrPrefix(prefix('::5/128'))).toBe('::5');
  expect(formatAddressOrPrefix(prefix('::4/32'))).toBe('::/32');
});

test.each([
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['0.0.0.0/0', '255.1.2.3', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '10.0.0.1', false],
  ['::/0', 'ffff::', true],
  ['::/96', '10.0.0.0', false],
  ['10.0.0.1/32', '10.0.0.1', true],
  ['10.0.0.1/32', '10.0.0.2', false],
  ['128.0.0.0/1', '200.0.0.1', true],
  ['128.0.0.0/1', '127.0.0.1', false],
  ['2001:db8::/33', '2001:db8:7fff::1', true],
  ['2001:db8::/33', '2001:db8:8000::1', false],
  ['2001:db8::/64', '2001:db8::ffff:0:0:1', true],
  ['2001:db8::/64', '2001:db8:0:1::', false],
  ['2001:db8::/127', '2001:db8::1', true],
  ['2001:db8::/127', '2001:db8::2', false],
])('whether %s contains %s: %s', (outer, inner, answer) => {
  expect(prefixContains(prefix(outer), ip(inner))).toBe(answer);
});

test.each([
  ['10.0.0.0/8', '10.1.0.0/16', true, true],
  ['10.1.0.0/16', '10.0.0.0/8', false, true],
  ['10.0.0.0/8', '10.0.0.0/8', true, true],
  ['10.0.0.0/9', '10.128.0.0/9', false, false],
  ['0.0.0.0/0', '::/0', false, false],
  ['0.0.0.0/0', '::1/128', false, false],
  ['::/96', '10.0.0.0/8', false, false],
])('%s covers %s: %s; they overlap: %s', (x, y, covers, overlap) => {
  expect(prefixCovers(prefix(x), prefix(y))).toBe(covers);
  expect(prefixesOverlap(prefix(x), prefix(y))).toBe(overlap);
  expect(prefixesOverlap(prefix(y), prefix(x))).toBe(overlap);
  expect(samePrefix(prefix(x), prefix(y))).toBe(x === y);
});

test('the last address of a subnet is its broadcast address', () => {
  expect(formatIp(lastIp(prefix('10.0.0.0/22')))).toBe('10.0.3.255');
  expect(formatIp(lastIp(prefix('0.0.0.0/0')))).toBe('255.255.255.255');
  expect(formatIp(lastIp(prefix('2001:db8::/63')))).toBe('2001:db8:0:1:ffff:ffff:ffff:ffff');
  expect(formatIp(firstIp(prefix('10.0.3.9/22')))).toBe('10.0.0.0');
});

test('a length outside the family is taken as its nearest bound', () => {
  expect(prefixOf(ip('10.0.0.1'), 99)).toEqual(hostPrefix(ip('10.0.0.1')));
  expect(prefixOf(ip('::1'), -3)).toEqual(defaultPrefix(6));
});

test('every length has its mask, and the mask its length', () => {
  for (const family of [4, 6] as const) {
    for (let length = 0; length <= bitsOf(family); length++) expect(maskLength(maskOf(family, length))).toBe(length);
  }
  expect(formatIp(maskOf(4, 20))).toBe('255.255.240.0');
  expect(formatIp(maskOf(6, 65))).toBe('ffff:ffff:ffff:ffff:8000::');
});

test.each([
  '255.0.255.0',
  '0.0.0.1',
  '127.255.255.255',
  '255.255.255.253',
  '::1',
  'ffff:0:ffff::',
  '7fff::',
  'ffff:ffff:fffe:8000::',
  'ffff:ffff::ffff',
])('the mask %s has a hole and so no length', (text) => {
  expect(maskLength(ip(text))).toBeNull();
});

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const anyPrefix = fc.oneof(
  fc.tuple(uint32, fc.nat(32)).map(([a, length]) => prefixOf(ip4(a), length)),
  fc
    .tuple(uint32, uint32, uint32, uint32, fc.nat(128))
    .map(([a, b, c, d, length]) => prefixOf(ip6(a, b, c, d), length)),
);

test('a prefix reads back as printed, by length and by mask, and contains both its ends', () => {
  fc.assert(
    fc.property(anyPrefix, (one) => {
      expect(parsePrefix(formatPrefix(one), { hostBits: 'refuse' })).toEqual(one);
      expect(parsePrefix(formatAddressOrPrefix(one))).toEqual(one);
      expect(parsePrefix(`${formatIp(one.ip)}/${formatIp(maskOf(one.ip.family, one.length))}`)).toEqual(one);
      expect(prefixContains(one, firstIp(one)) && prefixContains(one, lastIp(one))).toBe(true);
    }),
  );
});

test('equal contiguous masks are one object, so that a large ruleset holds each but once', () => {
  expect(maskOf(4, 24)).toBe(maskOf(4, 24));
  expect(maskOf(6, 64)).toBe(maskOf(6, 64));
  expect(maskOf(4, 40)).toBe(maskOf(4, 32));
  expect(maskOf(4, Number.NaN)).toEqual(ip4(0));
});
