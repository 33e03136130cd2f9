/** IPv4 and IPv6 addresses as plain data of one shape (RFC 791, RFC 4291); zones are kept apart in `zoned.ts`. */

/** The address family, named by its IP version. */
export type Family = 4 | 6;

/**
 * An address. IPv4 is `a` (and `b`, `c`, `d` are 0); IPv6 is `a`, `b`, `c`, `d` from the most significant word.
 * Every word is a uint32. Make one with {@link ip4} or {@link ip6} only, so that all share one hidden class.
 */
export interface Ip {
  readonly family: Family;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** The IPv4 address of a 32-bit number in host order: `ip4(0x7f000001)` is 127.0.0.1. The number is taken modulo 2³². */
export function ip4(value: number): Ip {
  return { family: 4, a: value >>> 0, b: 0, c: 0, d: 0 };
}

/** The IPv6 address of four 32-bit words, the most significant first. Each is taken modulo 2³². */
export function ip6(a: number, b: number, c: number, d: number): Ip {
  return { family: 6, a: a >>> 0, b: b >>> 0, c: c >>> 0, d: d >>> 0 };
}

/** Whether both are the same address of the same family; `0.0.0.1` and `::1` are not. */
export function sameIp(x: Ip, y: Ip): boolean {
  return x.a === y.a && x.d === y.d && x.family === y.family && x.b === y.b && x.c === y.c;
}

/** Equal for equal addresses of one family, and for those only; of IPv4 a number, a small one as the engine keeps them, so that nothing is made to look one up. */
export function ipKey({ family, a, b, c, d }: Ip): number | string {
  return family === 4 ? a | 0 : `${a} ${b} ${c} ${d}`;
}

/** Order by family (IPv4 first), then by numeric value: negative, 0 or positive, as `Array.sort` wants it. */
export function compareIp(x: Ip, y: Ip): number {
  if (x.family !== y.family) return x.family - y.family;
  if (x.a !== y.a) return x.a < y.a ? -1 : 1;
  if (x.b !== y.b) return x.b < y.b ? -1 : 1;
  if (x.c !== y.c) return x.c < y.c ? -1 : 1;
  if (x.d !== y.d) return x.d < y.d ? -1 : 1;
  return 0;
}

/** The address one above, or null above the last address of the family. */
export function nextIp(ip: Ip): Ip | null {
  if (ip.family === 4) return ip.a === 0xffffffff ? null : ip4(ip.a + 1);
  if (ip.d !== 0xffffffff) return ip6(ip.a, ip.b, ip.c, ip.d + 1);
  if (ip.c !== 0xffffffff) return ip6(ip.a, ip.b, ip.c + 1, 0);
  if (ip.b !== 0xffffffff) return ip6(ip.a, ip.b + 1, 0, 0);
  return ip.a === 0xffffffff ? null : ip6(ip.a + 1, 0, 0, 0);
}

/** The address one below, or null below the first address of the family. */
export function previousIp(ip: Ip): Ip | null {
  if (ip.family === 4) return ip.a === 0 ? null : ip4(ip.a - 1);
  if (ip.d !== 0) return ip6(ip.a, ip.b, ip.c, ip.d - 1);
  if (ip.c !== 0) return ip6(ip.a, ip.b, ip.c - 1, 0xffffffff);
  if (ip.b !== 0) return ip6(ip.a, ip.b - 1, 0xffffffff, 0xffffffff);
  return ip.a === 0 ? null : ip6(ip.a - 1, 0xffffffff, 0xffffffff, 0xffffffff);
}
