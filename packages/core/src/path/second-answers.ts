/** Who else answers ARP for an address that somebody holds on a device: whoever has it on lo, unless arp_ignore forbids that. net/ipv4/arp.c arp_process. */
import { type Ip, ipKey, sameIp } from '../inet/ip.js';
import { prefixContains, prefixOf } from '../inet/prefix.js';
import { answersFor } from './answers-arp.js';
import type { Place } from './place.js';
import type { Member } from './segment.js';

/** Captured hosts with a device on the network of the address. Nobody asks IPv6 so: it answers for a device's own addresses. */
export function secondAnswers(places: readonly Place[], ip: Ip, asker: Ip | null): readonly Member[] {
  if (ip.family === 6) return [];
  const index = known.get(places) ?? placesByLo(places);
  known.set(places, index);
  return (index.get(ipKey(ip)) ?? []).flatMap((place) => {
    const near = place.ns.addresses.rows.find(
      (row) => row.dev !== 'lo' && !sameIp(row.ip, ip) && prefixContains(prefixOf(row.ip, row.prefixLength), ip),
    );
    const member = near === undefined ? null : { place, dev: near.dev };
    return member !== null && answersFor(member, ip, asker) === true ? [member] : [];
  });
}

type ByAddress = ReadonlyMap<number | string, readonly Place[]>;

const known = new WeakMap<readonly Place[], ByAddress>();

function placesByLo(places: readonly Place[]): ByAddress {
  const index = new Map<number | string, Place[]>();
  for (const place of places) {
    if (place.ns.name !== null) continue;
    for (const { dev, ip, trust, scope } of place.ns.addresses.rows) {
      if (dev !== 'lo' || scope === 'host' || ip.family === 6 || trust === 'claimed') continue;
      const key = ipKey(ip);
      const same = index.get(key);
      if (same === undefined) index.set(key, [place]);
      else same.push(place);
    }
  }
  return index;
}
