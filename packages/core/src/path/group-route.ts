/** How IPv4 leaves to 255.255.255.255 or to a group: with a device or a source no table has a say. net/ipv4/route.c ip_route_output_key_hash_rcu. */
import type { Ip } from '../inet/ip.js';
import { isBroadcast4, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { addressesOf } from '../snapshot/rows-by.js';
import { ending } from '../verdict/disposition.js';
import { localRouteOf } from './address-type.js';
import { onLinkRoute } from './on-link.js';
import { likelyOwn4, ownSource4 } from './own-source.js';
import type { Place } from './place.js';
import type { Routed } from './routing.js';
import { assume, finish, leaveOpen, type World } from './world.js';

/** null: the tables decide. Without a device the source is one of the node's own, or nothing is sent. */
export function groupRoute4(place: Place, world: World, device: string | null, src: Ip | null): Routed | World | null {
  const { dst } = world.skb;
  if (!isBroadcast4(dst) && !isMulticast(dst)) return null;
  if (device !== null) return isBroadcast4(dst) || isOnLinkOnly(dst) ? { world, ...onLinkRoute(device, dst) } : null;
  return src === null || isUnspecified(src) ? null : bySource(place, world, src);
}

/** A group beyond 224.0.0.0/24. */
export function isRoutedGroup(dst: Ip): boolean {
  return dst.family === 4 && isMulticast(dst) && !isOnLinkOnly(dst);
}

/** 224.0.0.0/24. */
function isOnLinkOnly(dst: Ip): boolean {
  return dst.a >>> 8 === 0xe00000;
}

/** It leaves by the device of its source. */
function bySource(place: Place, world: World, src: Ip): Routed | World | null {
  const [first, ...others] = addressesOf(place.ns, src);
  if (first !== undefined && others.some(({ dev }) => dev !== first.dev)) {
    const text = 'which of the devices that have its source a packet to a group leaves by depends on who got it last';
    return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
  }
  const own = first === undefined ? localRouteOf(place, src) : null;
  if (own !== null && !('type' in own)) return finish(leaveOpen(world, own.because), ending('undetermined'));
  const dev = first?.dev ?? own?.nexthops[0]?.dev ?? null;
  if (dev !== null) return { world, ...onLinkRoute(dev, world.skb.dst) };
  return unlessForeign(place, world, src);
}

/** Nothing is sent from an address that is not the node's own; null: it is. */
function unlessForeign(place: Place, world: World, src: Ip): World | null {
  const own = ownSource4(place, src);
  if (own === true) return null;
  if (own === false) return finish(world, ending('dropped'));
  if (place.assume === 'none') return finish(leaveOpen(world, own.because), ending('undetermined'));
  const likely = likelyOwn4(own);
  return likely.own ? null : finish(assume(world, likely.assumed), ending('dropped'));
}
