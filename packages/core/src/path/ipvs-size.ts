/** A packet that is too long for the way to its server: its sender hears of it before it is changed. net/netfilter/ipvs/ip_vs_xmit.c ensure_mtu_is_adequate. */
import type { IpvsConnection } from '../ipvs/connection.js';
import { ending } from '../verdict/disposition.js';
import { eachSetting } from './ipvs-setting.js';
import { headerLength } from './ipvs-tunnel.js';
import { deviceMtu } from './path-mtu.js';
import type { Place } from './place.js';
import type { Routed } from './routing.js';
import { unlessLonger } from './too-big.js';
import { finish, type World } from './world.js';

/** What IPv4 puts into a tunnel is cut up behind it, where `pmtu_disc` is off. */
export function unlessTooLong(
  place: Place,
  { world, route, hop }: Routed,
  { method, server: { ip } }: IpvsConnection,
): readonly World[] {
  const dev = hop?.dev ?? null;
  if (dev === null) return [world];
  const headers = method === 'tunnel' ? headerLength[ip.family] : 0;
  const way = { dev, mtu: route.mtu ?? deviceMtu(place, ip.family, dev), stage: 'ipvs', headers } as const;
  const fitting = unlessLonger(place, world, way);
  if (world.skb.quoted !== undefined) return ip.family === 4 ? [world] : unsaid(fitting);
  if (fitting[0] === world || headers === 0 || ip.family === 6) return fitting;
  return eachSetting(place, world, 'pmtu_disc').flatMap(({ world: live, on }) =>
    on ? unlessLonger(place, live, way) : [live],
  );
}

/** Nothing is said about an error. */
function unsaid(worlds: readonly World[]): readonly World[] {
  return worlds.map((world) => (world.end?.disposition === 'rejected' ? finish(world, ending('dropped')) : world));
}
