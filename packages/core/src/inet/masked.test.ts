import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applyMask,
  formatMasked,
  ip4,
  ip6,
  type Masked,
  masked,
  maskedContains,
  maskedOfPrefix,
  parseIp,
  parseMasked,
  parsePrefix,
  parseTypedIp,
  parseTypedMasked,
  prefixContains,
  prefixOf,
  prefixOfMasked,
  sameIp,
  sameMasked,
} from './index.js';

const ip = (text: string) => parseIp(text) ?? ip4(0);
const any: Masked = { ip: ip4(0), mask: ip4(0) };

// What iptables-save and ip6tables-save 1.8.9, legacy and nft alike, print after `-A INPUT -s TEXT`.
test.each([
  ['10.0.0.1/255.0.255.0', '10.0.0.0/255.0.255.0'],
  ['10.1.2.3/255.255.0.0', '10.1.0.0/16'],
  ['10.1.2.3/0.0.0.255', '0.0.0.3/0.0.0.255'],
  ['10.1.2.3/128.0.0.1', '0.0.0.1/128.0.0.1'],
  ['10.1.2.3/255.255.255.255', '10.1.2.3/32'],
  ['10.1.2.3', '10.1.2.3/32'],
  ['::1.2.3.4', '::1.2.3.4/128'],
  ['::ffff:0:0', '::ffff:0.0.0.0/128'],
  ['::1:0', '::0.1.0.0/128'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304/128'],
  ['2001:DB8::1/ffff:0:ffff::', '2001::/ffff:0:ffff::'],
  ['2001:db8:1:2::5/ffff:ffff::', '2001:db8::/32'],
  ['2001:db8::1/64', '2001:db8::/64'],
  ['::ffff:1.2.3.4/97', '::ffff:0.0.0.0/97'],
  ['::1/127', '::/127'],
])('iptables loads %s and saves %s', (text, saved) => {
  expect(formatMasked(parseMasked(text) ?? any)).toBe(saved);
  expect(formatMasked(parseTypedMasked(text) ?? any)).toBe(saved);
});

test.each([
  ['10.1.2.3/08', null],
  ['10.1.2.3/010', '10.0.0.0/8'],
  ['10.1.2.3/0x10', '10.1.0.0/16'],
  ['10.1.2.3/33', null],
  ['10.1/16', '10.1.0.0/16'],
  ['10.1.2/24', '10.1.2.0/24'],
  ['010.1.2.3', '8.1.2.3/32'],
  ['1.2.3', '1.2.3.0/32'],
  ['10.1.2.3/', null],
  ['10.0.0.1/255.255.255', null],
  ['1.2.3.4.5', null],
  ['1..2', null],
  ['10.', null],
  ['256.1', null],
  ['2001:db8::1/129', null],
])('typed to iptables, %s is loaded as %s', (text, saved) => {
  const loaded = parseTypedMasked(text);
  expect(loaded && formatMasked(loaded)).toBe(saved);
});

test.each([
  '10.1/16',
  '010.1.2.3',
  '1.2.3',
  '10.1.2.3/010',
  '10.1.2.3/0x10',
  '10.0.0.1/::',
  '::1/255.0.0.0',
  '',
  '/24',
  '10.0.0.1/24/24',
])('a dump never holds %s, so the strict reader refuses it', (text) => {
  expect(parseMasked(text)).toBeNull();
});

test('a typed address stops at its bounds', () => {
  expect(parseTypedIp('10.9/16', 0, 4)).toEqual(ip('10.9.0.0'));
  expect(parseTypedIp('127/8', 0, 3)).toEqual(ip('127.0.0.0'));
  expect(parseTypedIp('255')).toEqual(ip('255.0.0.0'));
});

test.each([
  ['10.0.7.1/255.0.255.0', '10.200.7.99', true],
  ['10.0.7.1/255.0.255.0', '10.200.8.1', false],
  ['0.0.0.1/0.0.0.1', '192.168.3.255', true],
  ['0.0.0.1/0.0.0.1', '192.168.3.254', false],
  ['200.0.0.0/255.0.0.0', '200.1.2.3', true],
  ['2001::1/ffff::ffff', '2001:1:2:3::1', true],
  ['2001::1/ffff::ffff', '2001:1:2:3::2', false],
  ['0.0.0.0/0', '::', false],
])('whether %s holds %s: %s', (text, address, answer) => {
  expect(maskedContains(parseMasked(text) ?? any, ip(address))).toBe(answer);
});

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const words = fc.tuple(uint32, uint32, uint32, uint32);
const anyMasked = fc.oneof(
  fc.tuple(uint32, uint32).map(([at, mask]) => masked(ip4(at), ip4(mask))),
  fc.tuple(words, words).map(([at, mask]) => masked(ip6(...at), ip6(...mask))),
);

test('any mask reads back as printed, and every address that differs outside the mask only is held', () => {
  fc.assert(
    fc.property(anyMasked, words, (one, noise) => {
      const read = parseMasked(formatMasked(one));
      expect(read && sameMasked(read, one)).toBe(true);
      const other = one.ip.family === 4 ? ip4(noise[0]) : ip6(...noise);
      expect(maskedContains(one, other)).toBe(sameIp(applyMask(other, one.mask), one.ip));
      expect(maskedContains(one, one.ip)).toBe(true);
    }),
  );
});

test('over a contiguous mask it is a prefix and holds what the prefix holds', () => {
  fc.assert(
    fc.property(uint32, fc.nat(32), uint32, (at, length, other) => {
      const prefix = prefixOf(ip4(at), length);
      const same = maskedOfPrefix(prefix);
      expect(prefixOfMasked(same)).toEqual(prefix);
      expect(maskedContains(same, ip4(other))).toBe(prefixContains(prefix, ip4(other)));
      expect(parsePrefix(formatMasked(same))).toEqual(prefix);
    }),
  );
  expect(prefixOfMasked(parseMasked('10.0.0.0/255.0.255.0') ?? any)).toBeNull();
});
