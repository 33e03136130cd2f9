/** A VXLAN device that learns takes no frame whose sender stands elsewhere by an entry that somebody set. drivers/net/vxlan/vxlan_core.c vxlan_snoop. */
import { type Ip, sameIp } from '../inet/ip.js';
import { isLinkLocal } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { formatMac, type Mac, sameMac } from '../inet/mac.js';
import type { Skb } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import type { FdbEntry } from '../snapshot/neighbour.js';
import { fdbOn } from '../snapshot/rows-by.js';
import { ending } from '../verdict/disposition.js';
import { missing, type Place } from './place.js';
import { assume, finish, leaveOpen, note, type World } from './world.js';

/** `outer`: the packet that carried the frame. The first entry of an address counts. */
export function snooped(place: Place, world: World, { name, details }: Link, outer: Skb): World {
  const { srcMac } = world.skb;
  if (details?.kind !== 'vxlan' || details.learning === false || details.external === true || srcMac === null)
    return world;
  const entry = fdbOn(place.ns, name).find((row) => sameMac(row.mac, srcMac) && isOfTunnel(row));
  if (entry === undefined) return unlessAbsent(place, world, name, srcMac, outer.src);
  if (!isSet(entry) || names(entry, outer)) return world;
  const whom = entry.dst === null ? 'a group of next hops' : formatIp(entry.dst);
  const way = entry.via === null ? '' : ` by ${entry.via}`;
  const what = `${name} of ${place.name} drops the frame of ${formatMac(srcMac)} from ${formatIp(outer.src)}: by an entry that stays, that address is reached by ${whom}${way}, and ${name} learns from what comes in`;
  const evidence = [{ span: entry.span, why: 'forwarding entry of the sender’s hardware address' }];
  return finish(note(world, place.name, 'vxlan', what, evidence), ending('dropped'));
}

/** Others are of the bridge that the device is a port of. */
export function isOfTunnel({ dst, flags }: FdbEntry): boolean {
  return dst !== null || flags.some((flag) => flag.startsWith('nhid '));
}

/** What was learned moves to where the sender is now, but not from a group of next hops. */
function isSet({ flags, dst }: FdbEntry): boolean {
  return dst === null || flags.includes('permanent') || flags.includes('static');
}

/** An entry with a device is of link-local addresses. */
function names({ dst, via }: FdbEntry, { src, iif }: Skb): boolean {
  if (dst === null || !sameIp(dst, src)) return false;
  return via === (src.family === 6 && isLinkLocal(src) ? iif : null);
}

function unlessAbsent(place: Place, world: World, name: string, mac: Mac, src: Ip): World {
  if (place.ns.fdb.state === 'complete') return world;
  const text = `whether a forwarding entry of ${name} of ${place.name} has ${formatMac(mac)} elsewhere than at ${formatIp(src)} is not known`;
  const reason = missing(place, 'bridge-fdb', text);
  if (place.assume === 'none') return finish(leaveOpen(world, [reason]), ending('undetermined'));
  return assume(world, [{ ...reason, text: `${reason.text}; none is taken to have` }]);
}
