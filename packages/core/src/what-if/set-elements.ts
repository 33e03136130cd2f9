/** The elements that one `ipset add` or `del` is about: ranges and networks stand for many. ipset(8), lib/parse.c and kernel/net/netfilter/ipset of ipset. */
import { type Ip, nextIp, sameIp } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import { bitsOf } from '../inet/mask.js';
import { prefixOf } from '../inet/prefix.js';
import { type IpRange, prefixRange, rangeContains, rangeToPrefixes } from '../inet/range.js';
import { setTypeNamed } from '../ipset/set-types.js';
import type { IpSet, SetPart } from '../snapshot/ipset.js';
import { type Changed, done, open, refused } from './changed.js';

const most = 65536;

/** Each element by itself, in the form in which the set keeps it. */
export function elementsOf(set: IpSet, parts: readonly SetPart[]): Changed<readonly (readonly SetPart[])[]> {
  const dimensions = setTypeNamed(set.type)?.dimensions ?? [];
  let all: (readonly SetPart[])[] = [[]];
  for (const [at, part] of parts.entries()) {
    const kept = keptAs(set, part, dimensions[at] === 'net');
    if (kept.kind !== 'done') return kept;
    if (all.length * kept.value.length > most) return open(`more than ${most} elements at once are not carried out`);
    all = all.flatMap((before) => kept.value.map((one) => [...before, one]));
  }
  return done(all);
}

function keptAs(set: IpSet, part: SetPart, net: boolean): Changed<readonly SetPart[]> {
  switch (part.kind) {
    case 'ip':
    case 'net':
    case 'range':
      return net ? networks(set, part) : addresses(set, part);
    case 'port':
      return ports(set, part);
    case 'mark':
      return done([{ kind: 'mark', mark: set.markmask === null ? part.mark : (part.mark & set.markmask) >>> 0 }]);
    default:
      return done([part]);
  }
}

type AddressPart = Extract<SetPart, { kind: 'ip' | 'net' | 'range' }>;

function rangeOf(part: AddressPart): IpRange {
  if (part.kind === 'range') return part.range;
  return part.kind === 'ip' ? { first: part.ip, last: part.ip } : prefixRange(part.prefix);
}

function networks(set: IpSet, part: AddressPart): Changed<readonly SetPart[]> {
  if (part.kind === 'net') {
    const none = part.prefix.length === 0 && set.type !== 'hash:net,iface';
    return none ? refused('The value of the CIDR parameter of the IP address is invalid') : done([part]);
  }
  return done((rangeToPrefixes(rangeOf(part)) ?? []).map((prefix) => ({ kind: 'net', prefix })));
}

function addresses(set: IpSet, part: AddressPart): Changed<readonly SetPart[]> {
  const { first, last } = rangeOf(part);
  const single = sameIp(first, last);
  if (first.family === 6 && !single) return refused('the range of IPv6 addresses is not supported by the set type');
  const bounds = set.range?.kind === 'ip' ? set.range.range : null;
  if (bounds !== null && !(rangeContains(bounds, first) && rangeContains(bounds, last)))
    return refused('Element is out of the range of the set');
  const found: SetPart[] = [];
  let before: Ip | null = null;
  for (let ip: Ip | null = first; ip !== null; ip = sameIp(ip, last) ? null : nextIp(ip)) {
    const kept = masked(set, ip);
    if (set.type.startsWith('hash:') && isUnspecified(kept))
      return refused('Null-valued element, cannot be stored in a hash type of set');
    if (before === null || !sameIp(before, kept)) found.push({ kind: 'ip', ip: kept });
    before = kept;
    if (found.length > most) return open(`more than ${most} elements at once are not carried out`);
  }
  return done(found);
}

function masked({ netmask, bitmask }: IpSet, ip: Ip): Ip {
  if (netmask !== null && netmask < bitsOf(ip.family)) return prefixOf(ip, netmask).ip;
  if (bitmask === null) return ip;
  const and = (x: number, y: number) => (x & y) >>> 0;
  return {
    family: ip.family,
    a: and(ip.a, bitmask.a),
    b: and(ip.b, bitmask.b),
    c: and(ip.c, bitmask.c),
    d: and(ip.d, bitmask.d),
  };
}

function ports(set: IpSet, part: Extract<SetPart, { kind: 'port' }>): Changed<readonly SetPart[]> {
  const { first, last } = part.ports;
  const bounds = set.range?.kind === 'port' ? set.range.ports : null;
  if (bounds !== null && (first < bounds.first || last > bounds.last))
    return refused('Element is out of the range of the set');
  return done(
    Array.from({ length: last - first + 1 }, (_, at) => ({ ...part, ports: { first: first + at, last: first + at } })),
  );
}
