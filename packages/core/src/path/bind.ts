/** A process binds its socket to an address before it sends. bind(2); net/ipv4/af_inet.c __inet_bind, net/ipv6/af_inet6.c __inet6_bind. */
import { type Ip, ip4, ip6 } from '../inet/ip.js';
import { isBroadcast4, isLinkLocal, isLoopback, isMulticast, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { proto } from '../inet/proto.js';
import { alter } from '../packet/skb.js';
import { isCompleteFor } from '../snapshot/dump.js';
import { addressesOf } from '../snapshot/rows-by.js';
import type { Tri } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { localRouteOf } from './address-type.js';
import { output } from './output.js';
import { isLocalRoute4 } from './own-source.js';
import { anySwitch } from './parameter.js';
import { missing, type Place } from './place.js';
import { assume, finish, forkOpen, leaveOpen, note, type World, withPacket } from './world.js';

/** `world` holds the packet with its source; without one the socket is bound to none. */
export function outputFrom(place: Place, world: World, mark: number): readonly World[] {
  const { src, family } = world.skb;
  if (isUnspecified(src)) return output(place, world, false, mark);
  const refused = family === 6 ? refusedAtOnce6(world) : false;
  if (refused) return [refuse(place, world, 'EINVAL')];
  if (isForMany(place, src)) return output(place, unbound(world), false, mark);
  const own = isOwn(place, world);
  if (own === true) return output(place, world, true, mark);
  if (own === false) return fromForeign(place, world, mark);
  if (place.assume === 'none') return [finish(leaveOpen(world, own.because), ending('undetermined'))];
  return output(place, assume(world, own.because), true, mark);
}

/** Addresses that are valid on one link need it named, and TCP has no groups. */
function refusedAtOnce6({ skb: { src, proto: upper, owner } }: World): boolean {
  const group = isMulticast(src);
  const narrow = group ? ((src.a >>> 16) & 15) <= 2 : isLinkLocal(src);
  return (narrow && (owner?.dev ?? null) === null) || (group && upper === proto.tcp);
}

/** Broadcast addresses and groups bind what the socket hears, and its source stays open. */
function isForMany(place: Place, src: Ip): boolean {
  if (isMulticast(src)) return true;
  if (src.family === 6) return false;
  if (isBroadcast4(src)) return true;
  const route = localRouteOf(place, src);
  return route !== null && 'type' in route && route.type === 'broadcast';
}

function isOwn(place: Place, { skb: { src, owner } }: World): Tri {
  if (src.family === 4) return isLocalRoute4(place, src);
  const dev = isLinkLocal(src) || isLoopback(src) ? (owner?.dev ?? null) : null;
  const { addresses } = place.ns;
  const rows = addressesOf(place.ns, src);
  if (rows.some((row) => (dev === null || row.dev === dev) && !row.flags.includes('tentative'))) return true;
  if (isCompleteFor(addresses, 6)) return false;
  return {
    because: [missing(place, 'ip-addr', `whether ${formatIp(src)} is an address of ${place.name} is not known`)],
  };
}

/** Without IP_FREEBIND and IP_TRANSPARENT only net.ipv4.ip_nonlocal_bind and its IPv6 twin allow it. */
function fromForeign(place: Place, world: World, mark: number): readonly World[] {
  const name = `ipv${world.skb.family}.ip_nonlocal_bind`;
  const { on, assumed, because } = anySwitch(place, `net.${name}`, [`net/${name.replace('.', '/')}`]);
  if (because.length === 0) {
    const told = assume(world, assumed);
    return on ? output(place, told, true, mark) : [refuse(place, told, 'EADDRNOTAVAIL')];
  }
  const [allowed, not] = forkOpen(world, because);
  return [...output(place, allowed, true, mark), refuse(place, not, 'EADDRNOTAVAIL')];
}

function refuse(place: Place, world: World, errno: 'EINVAL' | 'EADDRNOTAVAIL'): World {
  const what = `bind(2) refuses ${formatIp(world.skb.src)}`;
  return finish(note(unbound(world), place.name, 'socket', what), ending('unreachable', errno));
}

function unbound(world: World): World {
  const src = world.skb.family === 4 ? ip4(0) : ip6(0, 0, 0, 0);
  return withPacket(world, alter(world.skb, { src }));
}
