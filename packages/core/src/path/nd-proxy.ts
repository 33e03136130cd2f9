/** Packets for an address of another link that this node answers neighbour discovery for (`ip neigh add proxy`). net/ipv6/ip6_output.c ip6_forward_proxy_check. */
import { sameIp } from '../inet/ip.js';
import { isLinkLocal } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { proto } from '../inet/proto.js';
import type { Skb } from '../packet/skb.js';
import { neighboursOn } from '../snapshot/rows-by.js';
import { ending } from '../verdict/disposition.js';
import { anySwitch } from './parameter.js';
import type { Place } from './place.js';
import { assume, finish, forkOpen, note, type World } from './world.js';

export interface Proxied {
  /** Taken in, as they are: what comes by routers and neighbour discovery. */
  readonly here: readonly World[];
  /** Passed on like any other. */
  readonly on: readonly World[];
  readonly ended: readonly World[];
}

/** Router solicitation to redirect. */
const isDiscovery = ({ proto: l4, icmp }: Skb): boolean =>
  l4 === proto.icmpv6 && icmp !== null && icmp.type >= 133 && icmp.type <= 137;

export function ndProxy(place: Place, world: World): Proxied {
  const { skb } = world;
  const passed = { here: [], on: [world], ended: [] };
  if (skb.family === 4 || !(isDiscovery(skb) || isLinkLocal(skb.dst))) return passed;
  const name = 'net.ipv6.conf.all.proxy_ndp';
  const { on, assumed, because } = anySwitch(place, name, ['net/ipv6/conf/all/proxy_ndp']);
  if (!on && because.length === 0) return { ...passed, on: [assume(world, assumed)] };
  const proxies = (skb.iif === null ? [] : neighboursOn(place.ns, skb.iif)).filter(
    ({ proxy, ip }) => proxy && ip.family === 6,
  );
  if (on && proxies.some(({ ip }) => sameIp(ip, skb.dst))) return taken(place, world);
  // They are in a list of their own.
  if (on && proxies.length > 0) return passed;
  const text = `whether ${formatIp(skb.dst)} is proxied on ${skb.iif} is not known: ip neigh show proxy tells`;
  const [proxied, plain] = forkOpen(world, on ? [{ dump: null, text }] : because);
  return { ...taken(place, proxied), on: [plain] };
}

function taken(place: Place, world: World): Proxied {
  const told = note(world, place.name, 'forward', `${place.name} is a proxy for ${formatIp(world.skb.dst)}`);
  if (isDiscovery(world.skb)) return { here: [told], on: [], ended: [] };
  return { here: [], on: [], ended: [finish(told, ending('rejected', 'icmpv6 1/3'))] };
}
