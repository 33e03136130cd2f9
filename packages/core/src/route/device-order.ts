/** The order in which the kernel goes through the devices of a namespace: that of their registration, which their numbers follow. */
import { oncePerPlace } from '../path/per-place.js';
import type { Place } from '../path/place.js';
import type { Address } from '../snapshot/address.js';

const indexesOf = oncePerPlace(
  ({ ns }: Place): ReadonlyMap<string, number | null> =>
    new Map(ns.links.rows.map(({ name, ifindex }) => [name, ifindex])),
);

export function devicesInOrder(place: Place, rows: readonly Address[]): readonly string[] {
  const indexes = indexesOf(place);
  const names = [...new Set(rows.map((row) => row.dev))];
  const rank = (name: string) => (name === 'lo' ? 0 : (indexes.get(name) ?? Number.MAX_SAFE_INTEGER));
  return names.sort((x, y) => rank(x) - rank(y));
}
