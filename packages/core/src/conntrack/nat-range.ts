/** The range that NAT may choose from, and which of its addresses it takes. net/netfilter/nf_nat_core.c find_best_ips_proto. */
import { type Ip, ip4, ip6, sameIp } from '../inet/ip.js';
import type { PortRange } from '../inet/port.js';
import type { IpRange } from '../inet/range.js';
import { asRead, jhash2, scale } from './jhash.js';

export interface NatRange {
  /** null: the address stays. */
  readonly addresses: IpRange | null;
  readonly ports: PortRange | null;
  /** Port that `ports.first` stands for in a shifted map. */
  readonly portBase: number | null;
  readonly random: boolean;
  readonly persistent: boolean;
}

export const anyRange: NatRange = { addresses: null, ports: null, portBase: null, random: false, persistent: false };

function wordsOf(ip: Ip): readonly number[] {
  return ip.family === 4 ? [ip.a] : [ip.a, ip.b, ip.c, ip.d];
}

export function inAddresses(ip: Ip, { first, last }: IpRange): boolean {
  return compare(first, ip) <= 0 && compare(ip, last) <= 0;
}

function compare(x: Ip, y: Ip): number {
  return x.family === 4 ? x.a - y.a : x.a - y.a || x.b - y.b || x.c - y.c || x.d - y.d;
}

/**
 * The one address of several that a hash of both ends takes; `--persistent` leaves the destination out. The kernel hashes words as its
 * processor reads them: little-endian here, as on all but big-endian machines.
 */
export function hashedAddress(kind: 'src' | 'dst', src: Ip, dst: Ip, zone: number, range: NatRange): Ip | null {
  const { addresses, persistent } = range;
  if (addresses === null) return null;
  if (sameIp(addresses.first, addresses.last)) return addresses.first;
  const first = wordsOf(addresses.first);
  const last = wordsOf(addresses.last);
  const target = [...wordsOf(dst)];
  const source = wordsOf(src);
  const seed = persistent ? 0 : (asRead(target.at(-1) ?? 0) ^ zone) >>> 0;
  let hash = jhash2(
    [0, 1, 2, 3].map((at) => asRead(source[at] ?? 0)),
    seed,
  );
  const chosen: number[] = [];
  let full = false;
  for (let at = 0; at < first.length; at++) {
    const from = full ? 0 : (first[at] ?? 0);
    // The kernel's distance is 32 bits wide: all addresses is none but one.
    const size = full ? 0xffffffff : ((last[at] ?? 0) - from + 1) >>> 0;
    const word = (from + scale(hash, size)) >>> 0;
    chosen.push(word);
    if (word !== last[at]) full = true;
    if (kind === 'dst') target[at] = word;
    if (!persistent) hash = (hash ^ asRead(target[at] ?? 0)) >>> 0;
  }
  const [a = 0, b = 0, c = 0, d = 0] = chosen;
  return src.family === 4 ? ip4(a) : ip6(a, b, c, d);
}
