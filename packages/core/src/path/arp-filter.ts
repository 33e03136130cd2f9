/** net.ipv4.conf.{all,DEV}.arp_filter: who asks is answered only by the device that leads back to him. net/ipv4/arp.c arp_filter, arp_solicit. */
import { type Ip, sameIp } from '../inet/ip.js';
import { prefixContains, prefixOf } from '../inet/prefix.js';
import { lookupRoute } from '../route/lookup.js';
import { towardsOf } from '../route/question.js';
import { eitherSwitch } from './parameter.js';
import type { Place } from './place.js';
import type { Member } from './segment.js';

/** The address that asks for `wanted`: the packet's own source, unless it is not one of the namespace or arp_announce wants one of the device. */
export function askerOf({ ns }: Place, dev: string, wanted: Ip, src: Ip, announces: boolean): Ip | null {
  const own = ns.addresses.rows.filter((row) => row.trust !== 'claimed' && row.ip.family === 4);
  if (!announces && own.some(({ ip }) => sameIp(ip, src))) return src;
  const here = own.filter((row) => row.dev === dev);
  return (
    (here.find(({ ip, prefixLength }) => prefixContains(prefixOf(ip, prefixLength), wanted)) ?? here[0])?.ip ?? null
  );
}

/** Is the question of `asker` left unanswered? An address that is not the member's own is none of this. */
export function filtersArp({ place, dev }: Member, wanted: Ip, asker: Ip | null): boolean {
  if (wanted.family !== 4 || asker === null || !eitherSwitch(place, 'arp_filter', dev).on) return false;
  if (!place.ns.addresses.rows.some(({ ip }) => sameIp(ip, wanted))) return false;
  const back = lookupRoute(place, { ...towardsOf(asker), src: wanted });
  if (back.kind === 'open') return false;
  return back.kind === 'error' || back.hops[0]?.dev !== dev;
}
