import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIp, type Ip, ip4, ip6, parseIp, parseIp4, parseIp4Value, parseIp6, sameIp } from './index.js';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const sparse = fc.oneof(fc.constantFrom(0, 0, 0, 1, 0xffff, 0xffff0000, 0xffffffff), uint32);
const address = fc.oneof(
  uint32.map(ip4),
  fc.tuple(sparse, sparse, sparse, sparse).map((words) => ip6(...words)),
);

/** Texts that often are addresses, or nearly. */
const nearly = fc.oneof(
  fc.string(),
  fc
    .array(fc.constantFrom('0', '1', '00', '12', '255', '256', 'ab', 'FFFF', '12345', ':', ':', '::', '.', '.', 'g'), {
      maxLength: 16,
    })
    .map((x) => x.join('')),
  address
    .map(formatIp)
    .chain((text) => fc.tuple(fc.constant(text), fc.nat(text.length), fc.constantFrom('', '0', ':', '.', 'f')))
    .map(([text, at, extra]) => text.slice(0, at) + extra + text.slice(at + 1)),
);

describe('parseIp takes what inet_pton takes', () => {
  test.each<[string, Ip]>([
    ['0.0.0.0', ip4(0)],
    ['127.0.0.1', ip4(0x7f000001)],
    ['255.255.255.255', ip4(0xffffffff)],
    ['::', ip6(0, 0, 0, 0)],
    ['::1', ip6(0, 0, 0, 1)],
    ['1::', ip6(0x10000, 0, 0, 0)],
    ['2001:DB8::a:B', ip6(0x20010db8, 0, 0, 0x000a000b)],
    ['1:2:3:4:5:6:7:8', ip6(0x10002, 0x30004, 0x50006, 0x70008)],
    ['1:2:3:4:5:6:7::', ip6(0x10002, 0x30004, 0x50006, 0x70000)],
    ['::2:3:4:5:6:7:8', ip6(2, 0x30004, 0x50006, 0x70008)],
    ['0001:0:0::0', ip6(0x10000, 0, 0, 0)],
    ['::ffff:1.2.3.4', ip6(0, 0, 0xffff, 0x01020304)],
    ['1:2:3:4:5:6:7.8.9.10', ip6(0x10002, 0x30004, 0x50006, 0x0708090a)],
    ['1::6:7.8.9.10', ip6(0x10000, 0, 6, 0x0708090a)],
  ])('%s', (text, ip) => {
    expect(parseIp(text)).toEqual(ip);
  });
});

describe('parseIp refuses', () => {
  test.each([
    ['nothing', ''],
    ['blanks before', ' 1.2.3.4'],
    ['blanks after', '::1 '],
    ['three octets', '1.2.3'],
    ['five octets', '1.2.3.4.5'],
    ['an octet above 255', '1.2.3.256'],
    ['an empty octet', '1..2.3'],
    ['a dot at the end', '1.2.3.'],
    ['a leading zero, which other readers take for octal', '010.0.0.1'],
    ['a hexadecimal octet', '0x7f.0.0.1'],
    ['digits that are not ASCII', '١.2.3.4'],
    ['seven groups', '1:2:3:4:5:6:7'],
    ['nine groups', '1:2:3:4:5:6:7:8:9'],
    ['eight groups and a gap', '1:2:3:4::5:6:7:8'],
    ['eight groups and a gap at the end', '1:2:3:4:5:6:7:8::'],
    ['two gaps', '1::2::3'],
    ['three colons', ':::'],
    ['three colons after a group', '1:::2'],
    ['one colon', ':'],
    ['a colon before the first group', ':1:2:3:4:5:6:7:8'],
    ['a colon after the last group', '1:2:3:4:5:6:7:8:'],
    ['a colon after a gap and a group', '1::2:'],
    ['five digits in a group', '::00001'],
    ['the letter d repeated', '::dxdxdxd'],
    ['a letter beyond f', '::g'],
    ['a zone', 'fe80::1%eth0'],
    ['a dotted quad in the middle', '1.2.3.4::'],
    ['a dotted quad as the first of two groups', '::1.2.3.4:5'],
    ['a dotted quad where one group is left', '1:2:3:4:5:6:7:1.2.3.4'],
    ['a dotted quad after six groups and a gap', '1:2:3:4:5:6::1.2.3.4'],
    ['a dotted quad that is too short', '::1.2.3'],
    ['a dotted quad with a leading zero', '::01.2.3.4'],
    ['a dotted quad of hex digits', '::a.2.3.4'],
    ['a dotted quad without its first octet', '::.1.2.3'],
    ['brackets', '[::1]'],
    ['a prefix length', '10.0.0.0/8'],
  ])('%s', (_what, text) => {
    expect(parseIp(text)).toBeNull();
  });
});

test.each([
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1', 'lower case, the zeros shortened'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3', 'the longest run of zeros'],
  ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4', 'the first of two runs'],
  ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0', 'no run for a single zero'],
  ['0:2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8', 'not even at the start'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', 'not even at the end'],
  ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::', 'a run at the end'],
  ['::', '::', 'nothing but zeros'],
  ['0:0:0:0:0:0:1.2.3.4', '::1.2.3.4', 'an IPv4-compatible address'],
  ['::1:0', '::0.1.0.0', 'also where it is none, as inet_ntop cannot know'],
  ['::0.0.1.2', '::102', 'but not when the seventh group is zero'],
  ['::ffff:0:0', '::ffff:0.0.0.0', 'an IPv4-mapped address'],
  ['::fffe:1:2', '::fffe:1:2', 'five zero groups alone are no reason'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304', 'a NAT64 address is not printed as a dotted quad'],
  ['192.168.0.10', '192.168.0.10', 'IPv4'],
])('%s is printed as %s (%s)', (text, printed) => {
  const ip = parseIp(text);
  expect(ip && formatIp(ip)).toBe(printed);
});

test('offsets select the address within a line, and nothing beyond them is read', () => {
  const line = '-s 10.0.0.12/24 ::1';
  expect(parseIp(line, 3, 12)).toEqual(ip4(0x0a00000c));
  expect(parseIp(line, 3, 11)).toEqual(ip4(0x0a000001));
  expect(parseIp(line, 16)).toEqual(ip6(0, 0, 0, 1));
  expect(parseIp(line, 3)).toBeNull();
  expect(parseIp(line, 30, 40)).toBeNull();
  expect(parseIp('1.2.3.4', 0, 99)).toBeNull();
});

test('each family has its own reader, and parseIp4Value makes no object', () => {
  expect(parseIp4('::1')).toBeNull();
  expect(parseIp6('1.2.3.4')).toBeNull();
  expect(parseIp4Value('255.0.0.1')).toBe(0xff000001);
  expect(parseIp4Value('255.0.0')).toBe(-1);
});

test('any text is an address exactly when node:net says so', () => {
  fc.assert(
    fc.property(nearly, (text) => {
      fc.pre(!text.includes('%'));
      expect(parseIp(text)?.family ?? 0).toBe(isIP(text));
    }),
    { numRuns: 2000 },
  );
});

test('an IPv6 text means to us what it means to URL', () => {
  fc.assert(
    fc.property(nearly, (text) => {
      fc.pre(!text.includes('%') && isIP(text) === 6);
      const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
      expect(parseIp6(text)).toEqual(parseIp6(canonical));
    }),
  );
});

test('printing differs from that of URL, which follows RFC 5952 too, by the dotted quad only', () => {
  fc.assert(
    fc.property(address, (ip) => {
      fc.pre(ip.family === 6 && !formatIp(ip).includes('.'));
      expect(`[${formatIp(ip)}]`).toBe(new URL(`http://[${formatIp(ip)}]/`).hostname);
    }),
  );
});

test('what is printed reads back as the same address, with uint32 words', () => {
  fc.assert(
    fc.property(address, (ip) => {
      const read = parseIp(formatIp(ip));
      expect(read).toEqual(ip);
      expect(read && sameIp(read, ip)).toBe(true);
      for (const word of [ip.a, ip.b, ip.c, ip.d]) expect(word).toBe(word >>> 0);
    }),
  );
});
