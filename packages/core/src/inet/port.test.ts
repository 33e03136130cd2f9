import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPortRange, parsePort, parsePortRange, portRangeContains } from './index.js';

test.each([
  ['0', 0],
  ['80', 80],
  ['65535', 65535],
  ['65536', null],
  ['080', null],
  ['00', null],
  ['0x50', null],
  ['-1', null],
  ['+80', null],
  [' 80', null],
  ['80 ', null],
  ['', null],
  ['http', null],
  ['99999999999999999999', null],
  ['८०', null],
])('the text "%s" is the port %s', (text, port) => {
  expect(parsePort(text)).toBe(port);
});

// As `-p tcp --dport TEXT` reads it; iptables-save leaves the whole range out.
test.each([
  ['80', '80'],
  ['5:5', '5'],
  ['80:90', '80:90'],
  [':1023', '0:1023'],
  ['1024:', '1024:65535'],
  [':', '0:65535'],
  ['10:5', null],
  ['1:2:3', null],
  ['80-90', null],
  ['0:65536', null],
  ['::', null],
  ['', null],
])('iptables reads --dport %s as %s', (text, printed) => {
  const range = parsePortRange(text, ':');
  expect(range && formatPortRange(range, ':')).toBe(printed);
});

test.each([
  ['80-90', '80-90'],
  ['80', '80'],
  ['-80', null],
  ['80-', null],
  ['-', null],
  ['80:90', null],
])('ipset reads the ports %s as %s', (text, printed) => {
  const range = parsePortRange(text, '-');
  expect(range && formatPortRange(range, '-')).toBe(printed);
});

test('multiport has no open ends', () => {
  expect(parsePortRange(':5', ':', { openEnds: false })).toBeNull();
  expect(parsePortRange('5:', ':', { openEnds: false })).toBeNull();
  expect(parsePortRange('5:6', ':', { openEnds: false })).toEqual({ first: 5, last: 6 });
});

test('a range reads back as printed and holds its ends and nothing beyond them', () => {
  fc.assert(
    fc.property(fc.nat(65535), fc.nat(65535), fc.constantFrom(':', '-'), (x, y, separator) => {
      const range = { first: Math.min(x, y), last: Math.max(x, y) };
      expect(parsePortRange(formatPortRange(range, separator), separator)).toEqual(range);
      expect(portRangeContains(range, x) && portRangeContains(range, y)).toBe(true);
      expect(portRangeContains(range, range.first - 1) || portRangeContains(range, range.last + 1)).toBe(false);
    }),
  );
});
