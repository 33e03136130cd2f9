import fc from 'fast-check';
import { IPv4, IPv4CidrRange, IPv6, IPv6CidrRange, RangedSet } from 'ip-num';
import { describe, expect, test } from 'vitest';
import {
  compareIp,
  formatIp,
  formatPrefix,
  type Ip,
  type IpRange,
  ip4,
  ip6,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isPrivate,
  isUnspecified,
  lastIp,
  nextIp,
  parseIp,
  parsePrefix,
  prefixContains,
  prefixCovers,
  prefixesOverlap,
  prefixOf,
  prefixRange,
  previousIp,
  rangeContains,
  rangesOverlap,
  rangeToPrefixes,
  sameIp,
} from './index.js';
import { fromIpNum, toIpNum } from './ip-num.js';

const uint32 = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 1, 0x0a000000, 0xffffffff));
const address4 = uint32.map(ip4);
const address6 = fc.tuple(uint32, uint32, uint32, uint32).map((words) => ip6(...words));
const prefix4 = fc.tuple(address4, fc.nat(32)).map(([ip, length]) => prefixOf(ip, length));
const prefix6 = fc.tuple(address6, fc.nat(128)).map(([ip, length]) => prefixOf(ip, length));

/** Pairs of one family, since ip-num compares numbers only; near pairs too, since random ones seldom meet. */
const addressPair = fc.oneof(
  fc.tuple(address4, address4),
  fc.tuple(address6, address6),
  fc.oneof(address4, address6).map((ip) => [ip, ip] as const),
);
const prefixAndAddress = fc.oneof(
  fc.tuple(prefix4, address4),
  fc.tuple(prefix6, address6),
  fc.oneof(prefix4, prefix6).map((prefix) => [prefix, lastIp(prefix)] as const),
  fc.oneof(prefix4, prefix6).map((prefix) => [prefix, nextIp(lastIp(prefix)) ?? prefix.ip] as const),
);
const prefixPair = fc.oneof(
  fc.tuple(prefix4, prefix4),
  fc.tuple(prefix6, prefix6),
  fc
    .tuple(fc.oneof(prefix4, prefix6), fc.nat(32))
    .map(([prefix, shorter]) => [prefix, prefixOf(prefix.ip, shorter)] as const),
);
const ordered = ([x, y]: readonly [Ip, Ip]): IpRange =>
  compareIp(x, y) <= 0 ? { first: x, last: y } : { first: y, last: x };
const rangePair = fc.oneof(
  fc.tuple(fc.tuple(address4, address4).map(ordered), fc.tuple(address4, address4).map(ordered)),
  fc.tuple(fc.tuple(address6, address6).map(ordered), fc.tuple(address6, address6).map(ordered)),
);

describe('the adapter', () => {
  test('gives ip-num an object of its own for each value', () => {
    const address = toIpNum(ip4(0x0a000001));
    expect(address).toBeInstanceOf(IPv4);
    expect(address.toString()).toBe('10.0.0.1');
    const prefix = toIpNum(prefixOf(ip6(0x20010db8, 0, 0, 1), 32));
    expect(prefix).toBeInstanceOf(IPv6CidrRange);
    expect(prefix.toCidrString()).toBe('2001:db8:0:0:0:0:0:0/32');
    const range = toIpNum({ first: ip4(1), last: ip4(9) });
    expect(range).toBeInstanceOf(RangedSet);
    expect(range?.toRangeString()).toBe('0.0.0.1-0.0.0.9');
  });

  test('takes what ip-num read itself, clears host bits and leaves the zone behind', () => {
    expect(fromIpNum(new IPv6('fe80::1%eth0'))).toEqual(ip6(0xfe800000, 0, 0, 1));
    expect(formatPrefix(fromIpNum(IPv4CidrRange.fromCidr('10.0.0.5/24')))).toBe('10.0.0.0/24');
    expect(fromIpNum(new RangedSet(new IPv4(1n), new IPv4(9n)))).toEqual({ first: ip4(1), last: ip4(9) });
  });

  test('has no object for a range that ip-num cannot hold', () => {
    expect(toIpNum({ first: ip4(9), last: ip4(1) })).toBeNull();
    expect(toIpNum({ first: ip4(1), last: ip6(0, 0, 0, 9) })).toBeNull();
  });

  test('loses nothing on the way there and back', () => {
    fc.assert(
      fc.property(fc.oneof(address4, address6), fc.oneof(prefix4, prefix6), rangePair, (ip, prefix, [range]) => {
        expect(fromIpNum(toIpNum(ip))).toEqual(ip);
        expect(fromIpNum(toIpNum(prefix))).toEqual(prefix);
        const there = toIpNum(range);
        expect(there && fromIpNum(there)).toEqual(range);
      }),
    );
  });
});

describe('ip-num agrees, within one family, on', () => {
  test('the value of an address text', () => {
    fc.assert(
      fc.property(fc.oneof(address4, address6), (ip) => {
        const text = formatIp(ip);
        fc.pre(ip.family === 4 || !text.includes('.'));
        expect(fromIpNum(ip.family === 4 ? new IPv4(text) : new IPv6(text))).toEqual(ip);
      }),
    );
  });

  test('the value of a prefix text', () => {
    fc.assert(
      fc.property(fc.oneof(prefix4, prefix6), (prefix) => {
        const text = formatPrefix(prefix);
        fc.pre(prefix.ip.family === 4 || !text.includes('.'));
        const theirs = prefix.ip.family === 4 ? IPv4CidrRange.fromCidr(text) : IPv6CidrRange.fromCidr(text);
        expect(fromIpNum(theirs)).toEqual(prefix);
        expect(parsePrefix(text)).toEqual(prefix);
      }),
    );
  });

  test('order and neighbours of addresses', () => {
    fc.assert(
      fc.property(addressPair, ([x, y]) => {
        expect(compareIp(x, y) < 0).toBe(toIpNum(x).isLessThan(toIpNum(y)));
        expect(sameIp(x, y)).toBe(toIpNum(x).isEquals(toIpNum(y)));
        const next = nextIp(x);
        const previous = previousIp(x);
        expect(next !== null).toBe(toIpNum(x).hasNext());
        expect(previous !== null).toBe(toIpNum(x).hasPrevious());
        if (next) expect(toIpNum(next).isEquals(toIpNum(x).nextIPNumber())).toBe(true);
        if (previous) expect(toIpNum(previous).isEquals(toIpNum(x).previousIPNumber())).toBe(true);
      }),
    );
  });

  test('the kind of an address', () => {
    const special = fc.constantFrom(
      '0.0.0.0',
      '127.9.9.9',
      '224.0.0.9',
      '169.254.3.3',
      '172.20.0.1',
      '::',
      '::1',
      'ff02::1',
      'fe80::5',
      'fd00::1',
      'febf::1',
      'fec0::1',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          address4,
          address6,
          special.map((text) => parseIp(text) ?? ip4(0)),
        ),
        (ip) => {
          const theirs = toIpNum(ip);
          expect(isUnspecified(ip)).toBe(theirs.isUnspecified());
          expect(isLoopback(ip)).toBe(theirs.isLoopback());
          expect(isMulticast(ip)).toBe(theirs.isMulticast());
          expect(isLinkLocal(ip)).toBe(theirs.isLinkLocal());
          expect(isPrivate(ip)).toBe(theirs.isPrivate());
        },
      ),
    );
  });

  test('the ends of a prefix and the addresses in it', () => {
    fc.assert(
      fc.property(prefixAndAddress, ([prefix, ip]) => {
        expect(fromIpNum(toIpNum(prefix).getLast())).toEqual(lastIp(prefix));
        expect(prefixContains(prefix, ip)).toBe(
          toIpNum(prefix)
            .toRangeSet()
            .contains(RangedSet.fromSingleIP(toIpNum(ip))),
        );
      }),
    );
  });

  test('prefixes that cover each other or overlap', () => {
    fc.assert(
      fc.property(prefixPair, ([x, y]) => {
        const theirX = toIpNum(x).toRangeSet();
        const theirY = toIpNum(y).toRangeSet();
        expect(prefixCovers(x, y)).toBe(theirX.contains(theirY));
        expect(prefixCovers(y, x)).toBe(theirY.contains(theirX));
        expect(prefixesOverlap(x, y)).toBe(
          theirX.isOverlapping(theirY) || theirX.contains(theirY) || theirX.inside(theirY),
        );
      }),
    );
  });

  test('ranges that hold an address or overlap, and ranges that are one prefix', () => {
    fc.assert(
      fc.property(rangePair, fc.oneof(prefix4, prefix6), ([x, y], prefix) => {
        const first = toIpNum(x)?.getFirst().value ?? 0n;
        const last = toIpNum(x)?.getLast().value ?? 0n;
        const between = (value: bigint) => first <= value && value <= last;
        const [from, to] = [toIpNum(y.first).value, toIpNum(y.last).value];
        expect(rangeContains(x, y.first)).toBe(between(from));
        expect(rangesOverlap(x, y)).toBe(between(from) || between(to) || (from < first && to > last));
        expect(rangeToPrefixes(prefixRange(prefix))).toEqual([prefix]);
        expect(fromIpNum(toIpNum(prefix).toRangeSet().toCidrRange())).toEqual(prefix);
      }),
    );
  });
});

test('the sizes of the prefixes of a range add up to the size of the range', () => {
  fc.assert(
    fc.property(rangePair, ([range]) => {
      const size = rangeToPrefixes(range).reduce((sum, prefix) => sum + toIpNum(prefix).getSize(), 0n);
      expect(size).toBe(toIpNum(range)?.getSize());
    }),
  );
});

describe('ip-num is no example where it', () => {
  test('holds addresses of both families for equal', () => {
    expect(new IPv4('0.0.0.1').isEquals(new IPv6('::1'))).toBe(true);
    expect(sameIp(ip4(1), ip6(0, 0, 0, 1))).toBe(false);
  });

  test('refuses the dotted quad in an IPv6 prefix and takes letters for digits', () => {
    expect(() => IPv6CidrRange.fromCidr('::ffff:1.2.3.4/128')).toThrow();
    expect(parsePrefix('::ffff:1.2.3.4/128')).toEqual(prefixOf(ip6(0, 0, 0xffff, 0x01020304), 128));
    expect(parsePrefix('::dxdxdxd/8')).toBeNull();
  });

  test('does not shorten zeros when it prints', () => {
    expect(new IPv6('2001:db8::1').toString()).toBe('2001:db8:0:0:0:0:0:1');
    expect(formatIp(fromIpNum(new IPv6('2001:db8::1')))).toBe('2001:db8::1');
  });

  test('takes a length with a leading zero', () => {
    expect(IPv4CidrRange.fromCidr('10.0.0.0/08').getPrefix().getValue()).toBe(8n);
    expect(parsePrefix('10.0.0.0/08')).toBeNull();
  });
});
