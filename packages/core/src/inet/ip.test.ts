import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareIp,
  formatIp,
  ip4,
  ip6,
  isBroadcast4,
  isIp4Mapped,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isPrivate,
  isSharedNat,
  isUnspecified,
  isZeronet,
  nextIp,
  parseIp,
  previousIp,
  sameIp,
} from './index.js';

const read = (text: string) => parseIp(text) ?? ip4(0);

test.each([
  ['0.0.0.0', '0.0.0.1'],
  ['10.0.0.255', '10.0.1.0'],
  ['127.255.255.255', '128.0.0.0'],
  ['::', '::1'],
  ['::ffff:ffff', '::1:0:0'],
  ['::ffff:ffff:ffff:ffff', '0:0:0:1::'],
  ['0:0:ffff:ffff:ffff:ffff:ffff:ffff', '0:1::'],
  ['7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '8000::'],
])('after %s comes %s, and before it again the first', (low, high) => {
  expect(nextIp(read(low))).toEqual(read(high));
  expect(previousIp(read(high))).toEqual(read(low));
  expect(compareIp(read(low), read(high))).toBeLessThan(0);
  expect(compareIp(read(high), read(low))).toBeGreaterThan(0);
});

test('nothing comes after the last or before the first address of a family', () => {
  expect(nextIp(read('255.255.255.255'))).toBeNull();
  expect(nextIp(read('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'))).toBeNull();
  expect(previousIp(read('0.0.0.0'))).toBeNull();
  expect(previousIp(read('::'))).toBeNull();
});

test('families never mix: 0.0.0.1 is not ::1, and every IPv4 address sorts before every IPv6 address', () => {
  expect(sameIp(ip4(1), ip6(0, 0, 0, 1))).toBe(false);
  expect(sameIp(ip4(0), ip6(0, 0, 0, 0))).toBe(false);
  expect(['::', '255.255.255.255', '10.0.0.1', '::1'].map(read).sort(compareIp).map(formatIp)).toEqual([
    '10.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
  ]);
});

test('words are taken modulo 2³², so that bit operations may be passed as they come', () => {
  expect(ip4(~0)).toEqual(ip4(0xffffffff));
  expect(ip6(-1, 1 << 31, 0, 2 ** 32)).toEqual(ip6(0xffffffff, 0x80000000, 0, 0));
  fc.assert(fc.property(fc.double(), (value) => ip4(value).a === ip4(value).a >>> 0));
});

describe.each([
  ['unspecified', isUnspecified, ['0.0.0.0', '::'], ['0.0.0.1', '::1', '1::']],
  [
    'loopback',
    isLoopback,
    ['127.0.0.1', '127.255.0.1', '::1'],
    ['128.0.0.1', '126.255.255.255', '::', '::ffff:127.0.0.1'],
  ],
  ['multicast', isMulticast, ['224.0.0.1', '239.255.255.255', 'ff02::1'], ['223.255.255.255', '240.0.0.0', 'fe80::1']],
  ['link-local', isLinkLocal, ['169.254.1.1', 'fe80::1', 'febf::1'], ['169.253.0.1', 'fec0::1', 'fe7f::1']],
  [
    'private',
    isPrivate,
    ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.9.9', 'fc00::1', 'fdff::1'],
    ['11.0.0.0', '172.32.0.0', '172.15.0.0', '192.169.0.0', '100.64.0.1', 'fe00::1', '2001:db8::1'],
  ],
  [
    'shared by carrier NAT',
    isSharedNat,
    ['100.64.0.0', '100.127.255.255'],
    ['100.128.0.0', '100.63.255.255', '6440::1'],
  ],
  ['the limited broadcast', isBroadcast4, ['255.255.255.255'], ['255.255.255.254', 'ffff:ffff::']],
  ['zeronet', isZeronet, ['0.0.0.0'], ['0.1.2.3', '1.0.0.0', '::']],
  ['IPv4-mapped', isIp4Mapped, ['::ffff:0:0', '::ffff:10.0.0.1'], ['::10.0.0.1', '64:ff9b::1', '10.0.0.1']],
] as const)('%s', (_kind, holds, members, others) => {
  test.each(members)('%s is', (text) => expect(holds(read(text))).toBe(true));
  test.each(others)('%s is not', (text) => expect(holds(read(text))).toBe(false));
});
