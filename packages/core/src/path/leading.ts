/** Which captured host has pods that were not captured: its routes lead to them, and a router on the way knows as much. ip-route(8). */
import { type Ip, ipKey, sameIp } from '../inet/ip.js';
import type { Skb } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import { towardsOf } from '../route/question.js';
import type { NextHop } from '../snapshot/route.js';
import { addressesOn } from '../snapshot/rows-by.js';
import { leadsInside } from './downstream.js';
import type { Place } from './place.js';
import { type Holder, oncePerPlaces } from './places.js';
import type { Exit } from './world.js';

/**
 * The one host behind which the address is, and the device by which packets of `place` come to it. Networks that several hosts have, as docker's are, tell
 * nothing, and neither does a default route, which leads anywhere. Two on one wire need the gateway only where it is that of both.
 */
export function leadingTo(
  places: readonly Place[],
  place: Place,
  { dev, towards }: Pick<Exit, 'dev' | 'towards'>,
  { src, dst }: Pick<Skb, 'src' | 'dst'>,
): Holder | null {
  const [only, another] = hostsBefore(places, dst);
  if (only === undefined || another !== undefined || only.place === place || !isMeant(place, dst)) return null;
  const own = addressesOn(place.ns, dev).find(({ ip, scope }) => ip.family === dst.family && scope === 'global');
  const near = own === undefined ? null : hopTowards(only.place, own.ip);
  if (near === null || near.dev === null || near.dev === only.dev) return null;
  const back = near.via === null ? (hopTowards(only.place, src)?.via ?? null) : towards;
  return back !== null && sameIp(back, towards) ? { place: only.place, dev: near.dev } : null;
}

/** A route of its own leads there. */
function isMeant(place: Place, dst: Ip): boolean {
  const answer = lookupRoute(place, towardsOf(dst));
  return answer.kind === 'route' && answer.route.dst.length > 0;
}

const answers = oncePerPlaces(() => new Map<string | number, readonly Holder[]>());

/** Hosts whose routes lead to it by a bridge or a veth pair, without a gateway. */
function hostsBefore(places: readonly Place[], dst: Ip): readonly Holder[] {
  const known = answers(places);
  const before = known.get(ipKey(dst));
  if (before !== undefined) return before;
  const found = places.flatMap((place): readonly Holder[] => {
    const hop = place.ns.name === null ? hopTowards(place, dst) : null;
    const dev = hop?.via === null ? hop.dev : null;
    return dev !== null && leadsInside(place, dev) ? [{ place, dev }] : [];
  });
  known.set(ipKey(dst), found);
  return found;
}

function hopTowards(place: Place, ip: Ip): NextHop | null {
  const answer = lookupRoute(place, towardsOf(ip));
  if (answer.kind !== 'route' || answer.route.type !== 'unicast') return null;
  const [hop, another] = answer.hops;
  return another === undefined ? (hop ?? null) : null;
}
