/** What IPv6 takes in at all: packets that no wire may carry and devices without IPv6 end before the first hook. net/ipv6/ip6_input.c ip6_rcv_core. */
import { isLoopback, isMulticast } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import type { Skb } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { linkOf } from './frame.js';
import { anySwitch, type Switch } from './parameter.js';
import { perPlace } from './per-place.js';
import type { Place } from './place.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

/** From the wire, to the stack above the device. */
export function takenIn(place: Place, world: World): World {
  if (world.skb.family === 4) return world;
  const refused = refusedAtOnce(world.skb);
  if (refused !== null) return finish(note(world, place.name, 'ingress', refused), ending('dropped'));
  return unlessOff(place, world);
}

/** `net.ipv6.conf.DEV.disable_ipv6`; that of `all` only sets those of the devices. */
export function unlessOff(place: Place, world: World): World {
  const { family, iif } = world.skb;
  if (family === 4 || iif === null) return world;
  const narrow = isTooNarrow(place, iif);
  const { on, assumed, because, evidence } = narrow ?? isOff(place, iif);
  if (because.length > 0) return finish(leaveOpen(world, because), ending('undetermined'));
  if (!on) return assumed.length === 0 ? world : assume(world, assumed);
  return finish(note(world, place.name, 'ingress', `${iif} takes no IPv6`, evidence), ending('dropped'));
}

/** A device without IPv6 has no address of IPv6. */
const isOff = perPlace((place: Place, dev: string): Switch => {
  const off = anySwitch(place, 'disable_ipv6', [`net/ipv6/conf/${dev}/disable_ipv6`]);
  if (off.on || (off.because.length === 0 && off.assumed.length === 0)) return off;
  return hasAddress6(place, dev) ? { on: false, assumed: [], because: [], evidence: [] } : off;
});

function hasAddress6({ ns }: Place, dev: string): boolean {
  return ns.addresses.rows.some(({ dev: of, ip, trust }) => of === dev && ip.family === 6 && trust !== 'claimed');
}

/** What every link must carry whole (RFC 8200 section 5): a device that does not loses its IPv6, but for lo. net/ipv6/addrconf.c addrconf_notify. */
const leastMtu = 1280;

const isTooNarrow = perPlace((place: Place, dev: string): Switch | null => {
  const link = linkOf(place, dev);
  if (link === undefined || dev === 'lo' || link.mtu === null || link.mtu >= leastMtu) return null;
  // Dumps of different times.
  if (hasAddress6(place, dev)) return null;
  return { on: true, assumed: [], because: [], evidence: [{ span: link.span, why: `mtu ${link.mtu}` }] };
});

/** Why; null where nothing is wrong. A source that is an IPv4 address (`::ffff:10.0.0.1`) is refused by TCP and UDP alone, since Linux 5.12 and in what was mended before. */
function refusedAtOnce({ src, dst }: Skb): string | null {
  if (isLoopback(src) || isMulticast(src)) return `${formatIp(src)} comes from no wire`;
  const narrow = isMulticast(dst) && ((dst.a >>> 16) & 15) <= 1;
  return isLoopback(dst) || narrow ? `${formatIp(dst)} is reached over no wire` : null;
}
