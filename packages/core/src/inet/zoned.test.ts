import { expect, test } from 'vitest';
import { formatZonedIp, ip4, ip6, parseZonedIp } from './index.js';

const linkLocal = ip6(0xfe800000, 0, 0, 1);

test.each([
  ['fe80::1', null],
  ['fe80::1%eth0', 'eth0'],
  ['fe80::1%eth0.100', 'eth0.100'],
  ['fe80::1%br-abc', 'br-abc'],
  ['fe80::1%cali1234:5', 'cali1234:5'],
  ['fe80::1%2', '2'],
])('%s is fe80::1 in the zone %s', (text, zone) => {
  const parsed = parseZonedIp(text);
  expect(parsed).toEqual({ ip: linkLocal, zone });
  expect(parsed && formatZonedIp(parsed)).toBe(text);
});

test.each([
  'fe80::1%',
  '%eth0',
  'fe80::1%a b',
  'fe80::1%a\t',
  'fe80::1%a%b',
  'fe80::1%eth0/64',
  '10.0.0.1%eth0',
  'fe80::g%eth0',
  '',
])('"%s" is no address with a zone', (text) => {
  expect(parseZonedIp(text)).toBeNull();
});

test('an IPv4 address has no zone', () => {
  expect(parseZonedIp('10.0.0.1')).toEqual({ ip: ip4(0x0a000001), zone: null });
});
