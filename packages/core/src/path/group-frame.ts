/** A packet for one host in a frame for many: net.ipv4.conf.*.drop_unicast_in_l2_multicast and its IPv6 twin. net/ipv4/ip_input.c, net/ipv6/ip6_input.c. */
import { isMulticast } from '../inet/ip-kind.js';
import { ending } from '../verdict/disposition.js';
import { anySwitch, eitherSwitch, type Switch } from './parameter.js';
import type { Place } from './place.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

const name = 'drop_unicast_in_l2_multicast';

/** IPv6 asks before the first hook, for the device alone. */
export function groupFrame6(place: Place, world: World): World {
  const { family, dst, iif } = world.skb;
  if (family === 4 || isMulticast(dst) || !isGroupFrame(world)) return world;
  return unlessDropped(place, world, anySwitch(place, name, [`net/ipv6/conf/${iif}/${name}`]));
}

/** IPv4 asks when the route is known; what is not for this node ends all the same. */
export function groupFrame4(place: Place, world: World): World {
  if (world.skb.family === 6 || !isGroupFrame(world)) return world;
  return unlessDropped(place, world, eitherSwitch(place, name, world.skb.iif));
}

function isGroupFrame({ skb }: World): boolean {
  return skb.pktType === 'broadcast' || skb.pktType === 'multicast';
}

function unlessDropped(place: Place, world: World, { on, assumed, because, evidence }: Switch): World {
  if (because.length > 0) return finish(leaveOpen(world, because), ending('undetermined'));
  if (!on) return assume(world, assumed);
  const what = `a packet for one host in a ${world.skb.pktType} frame is not taken in`;
  return finish(note(world, place.name, 'ingress', what, evidence), ending('dropped'));
}
