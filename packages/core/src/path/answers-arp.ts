/** Who answers a question for an address on a wire: whoever holds it, and by proxy_arp whoever would route there. net/ipv4/arp.c arp_process; for ND net/ipv6/ndisc.c. */
import type { Ip } from '../inet/ip.js';
import { lookupRoute } from '../route/lookup.js';
import { towardsOf } from '../route/question.js';
import { addressesOf } from '../snapshot/rows-by.js';
import { filtersArp } from './arp-filter.js';
import { type Place, sysctl } from './place.js';
import type { Member } from './segment.js';

/** null: it hangs on what was not captured. `asker`: the address that asks, where it is known. */
export function answersFor(member: Member, ip: Ip, asker: Ip | null): boolean | null {
  const rows = addressesOf(member.place.ns, ip);
  if (rows.length === 0) return ip.family === 4 ? answersForOthers(member, ip, asker) : false;
  if (ip.family === 6) return rows.some((row) => row.dev === member.dev);
  return filtersArp(member, ip, asker) ? false : isOwn(member, rows);
}

/** ARP answers for any address of the namespace unless arp_ignore says otherwise; what stands on the device itself it answers for as a rule. */
function isOwn({ place, dev }: Member, rows: Member['place']['ns']['addresses']['rows']): boolean | null {
  const found = ['all', dev].map((who) => sysctl(place, `net/ipv4/conf/${who}/arp_ignore`));
  const ignore = Math.max(...found.map(({ value }) => Number(value ?? 0)));
  const here = rows.some((row) => row.dev === dev);
  if (ignore === 0) return here || found.every(({ value, known }) => value !== null || known) ? true : null;
  if (ignore === 3) return rows.some((row) => row.scope !== 'host');
  return ignore < 3 && here;
}

/** The address must be one that the namespace forwards to, by another device than the one that the question came in by. */
function answersForOthers(member: Member, ip: Ip, asker: Ip | null): boolean | null {
  const { place, dev } = member;
  const proxy = proxies(place, dev);
  if (proxy === false) return false;
  const forwards = forwarding(place, dev);
  if (forwards === false) return false;
  const way = lookupRoute(place, { ...towardsOf(ip), src: asker, iif: dev });
  if (way.kind === 'open') return null;
  const elsewhere = way.kind === 'route' && way.route.type === 'unicast' && way.hops[0]?.dev !== dev;
  return elsewhere && forwards !== null && way.assumptions.length === 0 ? proxy : elsewhere ? null : false;
}

/** Whether what arrives by the device is forwarded; null: not captured. */
function forwarding(place: Place, dev: string): boolean | null {
  const { value, known } = sysctl(place, `net/ipv4/conf/${dev}/forwarding`);
  return value !== null ? value !== '0' : known ? false : null;
}

/** null: not captured. */
function proxies(place: Place, dev: string): boolean | null {
  const found = ['all', dev].map((who) => sysctl(place, `net/ipv4/conf/${who}/proxy_arp`));
  if (found.some(({ value }) => value !== null && value !== '0')) return true;
  return found.every(({ value, known }) => value !== null || known) ? false : null;
}
