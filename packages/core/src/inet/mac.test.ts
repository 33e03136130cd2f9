import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMac, isBroadcastMac, isGroupMac, parseMac, sameMac } from './index.js';

const read = (text: string) => parseMac(text) ?? { hi: 0, lo: 0 };

test.each([
  ['00:11:22:AA:bb:cc', { hi: 0x0011, lo: 0x22aabbcc }, '00:11:22:aa:bb:cc'],
  ['ff:ff:ff:ff:ff:ff', { hi: 0xffff, lo: 0xffffffff }, 'ff:ff:ff:ff:ff:ff'],
  ['00:00:00:00:00:00', { hi: 0, lo: 0 }, '00:00:00:00:00:00'],
])('%s is %o and prints as %s', (text, mac, printed) => {
  expect(parseMac(text)).toEqual(mac);
  expect(formatMac(mac)).toBe(printed);
});

test.each([
  ['', 'nothing'],
  ['00:11:22:33:44', 'five octets'],
  ['00:11:22:33:44:55:66', 'seven octets'],
  ['00:11:22:33:44:55:', 'a colon at the end'],
  [':00:11:22:33:44:55', 'a colon at the start'],
  ['00:11:22::44:55', 'an empty octet'],
  ['00:11:22:33:44:5', 'an octet of one digit'],
  ['00:11:22:33:44:555', 'an octet of three digits'],
  ['00:11:22:33:44:5g', 'a letter beyond f'],
  ['00-11-22-33-44-55', 'dashes'],
  ['001122334455', 'no colons'],
  ['80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:00:01', 'the 20 octets of InfiniBand'],
  ['0a:00:00:01', 'the four octets of a tunnel'],
])('%s is no hardware address: %s', (text) => {
  expect(parseMac(text)).toBeNull();
});

test('octets of one digit are taken where the caller allows them, as iptables does', () => {
  expect(parseMac('0:1:2:3:4:5', { shortOctets: true })).toEqual(read('00:01:02:03:04:05'));
  expect(parseMac('0:1:2:3:4:', { shortOctets: true })).toBeNull();
  expect(parseMac('0:1:2:3:4:5:6', { shortOctets: true })).toBeNull();
});

test('the group bit is the lowest of the first octet', () => {
  expect(isGroupMac(read('01:00:5e:00:00:01'))).toBe(true);
  expect(isGroupMac(read('ff:ff:ff:ff:ff:ff'))).toBe(true);
  expect(isGroupMac(read('02:01:01:01:01:01'))).toBe(false);
  expect(isBroadcastMac(read('ff:ff:ff:ff:ff:ff'))).toBe(true);
  expect(isBroadcastMac(read('ff:ff:ff:ff:ff:fe'))).toBe(false);
});

test('a hardware address reads back as printed', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.integer({ min: 0, max: 0xffffffff }), (hi, lo) => {
      const read = parseMac(formatMac({ hi, lo }));
      expect(read && sameMac(read, { hi, lo })).toBe(true);
      expect(sameMac({ hi, lo }, { hi: hi ^ 1, lo })).toBe(false);
    }),
  );
});
