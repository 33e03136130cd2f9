/** Frames that are too long for the port of a bridge: nobody is told, but for IPv6 by br_netfilter. net/core/dev.c is_skb_forwardable, net/bridge/br_netfilter_hooks.c br_nf_dev_queue_xmit. */
import type { Link } from '../snapshot/link.js';
import { ending } from '../verdict/disposition.js';
import type { Place } from './place.js';
import { finish, forkOpen, note, type World } from './world.js';

/** A frame may be longer than the port takes by the tag of a VLAN, whether it has one or not. */
const tag = 4;

/** `shown`: br_netfilter has put the packet through iptables, and cuts it up for the port where that is not forbidden. */
export function fitsPort(place: Place, world: World, { name, mtu }: Link, shown: boolean): readonly World[] {
  const { length, family, unaltered } = world.skb;
  if (length === null || mtu === null || length <= (shown ? mtu : mtu + tag)) return [world];
  const what = `the packet has ${length} bytes, port ${name} takes ${mtu}`;
  const end = shown && family === 6 ? ending('rejected', 'icmpv6 2/0') : ending('dropped');
  const lost = (live: World) => finish(note(live, place.name, 'bridge', what), end);
  const forbidden = shown && family === 4 ? (unaltered?.df ?? null) : true;
  if (forbidden !== null) return [forbidden ? lost(world) : world];
  const text = `whether the packet, too long for port ${name}, may be cut up (DF) is not told`;
  const [one, other] = forkOpen(world, [{ dump: null, text }]);
  return [lost(one), other];
}
