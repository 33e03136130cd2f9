/** All captured namespaces together, and which of them has what: found by an index that is made once. */
import { type Ip, ipKey } from '../inet/ip.js';
import { formatMac, type Mac } from '../inet/mac.js';
import type { Link } from '../snapshot/link.js';
import type { NetNs, Node } from '../snapshot/node.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { type AssumeMode, type Place, placeOf } from './place.js';

const known = new WeakMap<readonly Node[], Map<AssumeMode, readonly Place[]>>();

/** Every namespace of the snapshot; the same ones for every packet, so that what follows from a place is worked out once. */
export function placesOf({ nodes }: Pick<Snapshot, 'nodes'>, assume: AssumeMode): readonly Place[] {
  const byMode = known.get(nodes) ?? new Map<AssumeMode, readonly Place[]>();
  known.set(nodes, byMode);
  const places =
    byMode.get(assume) ??
    nodes.flatMap((node) => [node.host, ...node.namespaces].map((ns) => placeOf(node, ns, assume)));
  byMode.set(assume, places);
  return places;
}

export function oncePerPlaces<Value>(make: (places: readonly Place[]) => Value): (places: readonly Place[]) => Value {
  const made = new WeakMap<readonly Place[], Value>();
  return (places) => {
    const before = made.get(places);
    if (before !== undefined) return before;
    const value = make(places);
    made.set(places, value);
    return value;
  };
}

/** The rows of all places by a key, in order. */
function indexed<Row>(rowsOf: (place: Place) => Iterable<readonly [key: string | number, row: Row]>) {
  return oncePerPlaces((places): ReadonlyMap<string | number, readonly Row[]> => {
    const index = new Map<string | number, Row[]>();
    for (const place of places) {
      for (const [key, row] of rowsOf(place)) {
        const same = index.get(key);
        if (same === undefined) index.set(key, [row]);
        else same.push(row);
      }
    }
    return index;
  });
}

const byNs = oncePerPlaces((places) => new Map(places.map((place) => [place.ns, place])));
const byName = oncePerPlaces((places) => new Map(places.toReversed().map((place) => [place.name, place])));

export const placeOfNs = (places: readonly Place[], ns: NetNs): Place | undefined => byNs(places).get(ns);
export const placeNamed = (places: readonly Place[], name: string): Place | undefined => byName(places).get(name);

export interface Holder {
  readonly place: Place;
  readonly dev: string;
}

const holders = indexed(function* (place): Generator<readonly [string | number, Holder]> {
  const seen = new Set<string | number>();
  for (const { ip, dev, trust } of place.ns.addresses.rows) {
    const key = ipKey(ip);
    if (dev === 'lo' || trust === 'claimed' || seen.has(key)) continue;
    seen.add(key);
    yield [key, { place, dev }];
  }
});

/** The namespaces that hold the address on an interface of their own (not lo). */
export const holdersOf = (places: readonly Place[], ip: Ip): readonly Holder[] => holders(places).get(ipKey(ip)) ?? [];

interface PlacedLink {
  readonly place: Place;
  readonly link: Link;
}

const links = indexed(function* (place): Generator<readonly [string, PlacedLink]> {
  for (const link of place.ns.links.rows)
    if (link.mac !== null && link.trust !== 'claimed') yield [formatMac(link.mac), { place, link }];
});

export const linksWith = (places: readonly Place[], mac: Mac): readonly PlacedLink[] =>
  links(places).get(formatMac(mac)) ?? [];

const balanced = oncePerPlaces(
  (places) =>
    new Set(
      places.flatMap(({ ns }) => ns.ipvs.rows.flatMap(({ key }) => (key.kind === 'address' ? [ipKey(key.ip)] : []))),
    ),
);

/** Is it the address of a virtual service anywhere? */
export const isBalanced = (places: readonly Place[], ip: Ip): boolean => balanced(places).has(ipKey(ip));
