/**
 * A packet that is longer than what the way out takes: told to its sender before FORWARD. net/ipv4/ip_forward.c, net/ipv6/ip6_output.c ip6_forward.
 * IPv4 cuts it up behind POSTROUTING unless it forbids that (DF).
 */
import type { Skb } from '../packet/skb.js';
import type { Route } from '../snapshot/route.js';
import { ending } from '../verdict/disposition.js';
import { linkOf } from './frame.js';
import { missing, type Place, sysctl } from './place.js';
import { finish, forkOpen, leaveOpen, note, type World } from './world.js';

/** What every link takes: RFC 8200 section 5; RFC 791 wants less, but no device is made so. */
const least = { 4: 576, 6: 1280 } as const;

/** Worlds that have ended were refused. */
export function unlessTooBig(place: Place, world: World, route: Route, dev: string): readonly World[] {
  return unlessLonger(place, world, { dev, mtu: mtuOf(place, world.skb, route, dev), stage: 'forward', headers: 0 });
}

/** What a packet has to fit, together with headers that come before it. */
export interface WayOut {
  readonly dev: string;
  /** null: not known. */
  readonly mtu: number | null;
  readonly stage: 'forward' | 'ipvs';
  readonly headers: number;
}

export function unlessLonger(place: Place, world: World, { dev, mtu, stage, headers }: WayOut): readonly World[] {
  const { family, length: own } = world.skb;
  if (own === null) return [world];
  const length = own + headers;
  if (mtu === null) {
    if (length <= least[family]) return [world];
    const reason = missing(place, 'ip-link', `whether a packet of ${length} bytes fits ${dev} is not known`);
    return place.assume === 'defaults' ? [world] : [finish(leaveOpen(world, [reason]), ending('undetermined'))];
  }
  if (length <= mtu) return [world];
  const what = `the packet has ${length} bytes, ${dev} takes ${mtu}`;
  if (family === 6) return [finish(note(world, place.name, stage, what), ending('rejected', 'icmpv6 2/0'))];
  const df = world.skb.unaltered?.df ?? null;
  const refused = (live: World) => finish(note(live, place.name, stage, what), ending('rejected', 'icmp 3/4'));
  if (df !== null) return [df ? refused(world) : world];
  const text = `whether the packet, too long for ${dev}, may be cut up (DF) is not told`;
  const [whole, cut] = forkOpen(world, [{ dump: null, text }]);
  return [refused(whole), cut];
}

/** The route's own counts for IPv4, and for IPv6 where it is locked: then the device's. */
function mtuOf(place: Place, { family }: Skb, route: Route, dev: string): number | null {
  const link = linkOf(place, dev)?.mtu ?? null;
  if (family === 4) return route.mtu ?? link;
  if (route.mtu !== null && isLocked(route)) return Math.max(route.mtu, least[6]);
  const own = Number(sysctl(place, `net/ipv6/conf/${dev}/mtu`).value ?? Number.NaN);
  const mtu = Number.isInteger(own) ? own : link;
  return mtu === null ? null : Math.max(mtu, least[6]);
}

function isLocked({ rest }: Route): boolean {
  return rest.includes('mtu lock');
}

/** What IPv6 asks of the route once more behind POSTROUTING, where one that is not locked counts too. net/ipv6/ip6_output.c __ip6_finish_output. */
export function unlessLongerThanRoute(place: Place, world: World, route: Route): World {
  const { family, length } = world.skb;
  if (family === 4 || length === null || route.mtu === null || length <= route.mtu) return world;
  const what = `the packet has ${length} bytes, its route takes ${route.mtu}`;
  return finish(note(world, place.name, 'egress', what), ending('rejected', 'icmpv6 2/0'));
}
