/** The IPv4 address of a device towards a next hop. net/ipv4/devinet.c inet_select_addr. */
import type { Family, Ip } from '../inet/ip.js';
import { prefixContains, prefixOf } from '../inet/prefix.js';
import { perPlace } from '../path/per-place.js';
import { missing, type Place, sysctl } from '../path/place.js';
import type { Address } from '../snapshot/address.js';
import type { Reason } from '../tri.js';
import { devicesInOrder } from './device-order.js';
import { picked, type SourceAnswer, scopeNumber } from './source.js';

/**
 * The device's primary address whose subnet holds the next hop, else its first primary one, else the first of another device, in order of
 * registration. Addresses of a narrower scope than asked for are passed over; without a next hop the first one is taken.
 */
export function selectAddress4(place: Place, dev: string | null, towards: Ip | null, scope: number): SourceAnswer {
  const { byDevice, inOrder } = primaries(place, 4);
  const limit = localnetScope(place, dev);
  const rows = byDevice.get(dev) ?? [];
  const own = rows.filter((row) => Math.min(scopeNumber(row.scope), limit.value) <= scope);
  if (limit.open !== null && scope >= linkScope && rows.some((row) => row.scope === 'host')) {
    return { kind: 'open', because: [limit.open] };
  }
  const covering = towards === null ? undefined : own.find((row) => covers(row, towards));
  const chosen = covering ?? own[0];
  if (chosen !== undefined) return picked(chosen.ip);
  const other = inOrder.find((row) => row.scope !== 'link' && scopeNumber(row.scope) <= scope);
  return other === undefined ? { kind: 'none' } : picked(other.ip);
}

interface Primaries {
  readonly byDevice: ReadonlyMap<string | null, readonly Address[]>;
  /** Device by device. */
  readonly inOrder: readonly Address[];
}

const primaries = perPlace((place: Place, family: Family): Primaries => {
  const rows = place.ns.addresses.rows.filter(
    (row) => row.ip.family === family && row.trust !== 'claimed' && !row.flags.includes('secondary'),
  );
  const names = devicesInOrder(place, rows);
  const byDevice = new Map(names.map((name) => [name, rows.filter((row) => row.dev === name)]));
  return { byDevice, inOrder: names.flatMap((name) => byDevice.get(name) ?? []) };
});

function covers(row: Address, ip: Ip): boolean {
  return prefixContains(prefixOf(row.peer ?? row.ip, row.prefixLength), ip);
}

const hostScope = 254;
const linkScope = 253;

/** With route_localnet, addresses of scope host count like those of scope link. */
const localnetScope = perPlace((place: Place, dev: string | null): { value: number; open: Reason | null } => {
  if (dev === null) return { value: hostScope, open: null };
  const settings = ['all', dev].map((name) => sysctl(place, `net/ipv4/conf/${name}/route_localnet`));
  if (settings.some(({ value }) => value !== null && value !== '0')) return { value: linkScope, open: null };
  const known = settings.every((setting) => setting.value !== null || setting.known) || place.assume === 'defaults';
  return {
    value: hostScope,
    open: known ? null : missing(place, 'sysctl', `whether route_localnet is set for ${dev} is not known`),
  };
});
