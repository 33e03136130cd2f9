/** The IPv4 address of a device towards a next hop. net/ipv4/devinet.c inet_select_addr. */
import type { Ip } from '../inet/ip.js';
import { prefixContains, prefixOf } from '../inet/prefix.js';
import { missing, type Place, sysctl } from '../path/place.js';
import type { Address } from '../snapshot/address.js';
import { devicesInOrder } from './device-order.js';
import { picked, type SourceAnswer, scopeNumber } from './source.js';

/**
 * The device's primary address whose subnet holds the next hop, else its first primary one, else the first of another device, in order of
 * registration. Addresses of a narrower scope than asked for are passed over; without a next hop the first one is taken.
 */
export function selectAddress4(place: Place, dev: string | null, towards: Ip | null, scope: number): SourceAnswer {
  const rows = place.ns.addresses.rows.filter(
    (row) => row.ip.family === 4 && row.trust !== 'claimed' && !row.flags.includes('secondary'),
  );
  const limit = dev === null ? { value: hostScope, open: null } : localnetScope(place, dev);
  const own = rows.filter((row) => row.dev === dev && Math.min(scopeNumber(row.scope), limit.value) <= scope);
  if (limit.open !== null && scope >= linkScope && rows.some((row) => row.dev === dev && row.scope === 'host')) {
    return { kind: 'open', because: [limit.open] };
  }
  const covering = towards === null ? undefined : own.find((row) => covers(row, towards));
  const chosen = covering ?? own[0];
  if (chosen !== undefined) return picked(chosen.ip);
  const other = devicesInOrder(place, rows)
    .flatMap((name) => rows.filter((row) => row.dev === name))
    .find((row) => row.scope !== 'link' && scopeNumber(row.scope) <= scope);
  return other === undefined ? { kind: 'none' } : picked(other.ip);
}

function covers(row: Address, ip: Ip): boolean {
  return prefixContains(prefixOf(row.peer ?? row.ip, row.prefixLength), ip);
}

const hostScope = 254;
const linkScope = 253;

/** With route_localnet, addresses of scope host count like those of scope link. */
function localnetScope(place: Place, dev: string) {
  const settings = ['all', dev].map((name) => sysctl(place, `net/ipv4/conf/${name}/route_localnet`));
  if (settings.some(({ value }) => value !== null && value !== '0')) return { value: linkScope, open: null };
  const known = settings.every((setting) => setting.value !== null || setting.known) || place.assume === 'defaults';
  return {
    value: hostScope,
    open: known ? null : missing(place, 'sysctl', `whether route_localnet is set for ${dev} is not known`),
  };
}
