/** Rows by what packets ask for: an index is made once for a list of rows, so that a packet costs no more where there is more that it does not touch. Claimed rows are in none. */
import { type Ip, ipKey } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { Address } from './address.js';
import type { Row } from './dump.js';
import type { Link } from './link.js';
import type { FdbEntry, Neighbour } from './neighbour.js';
import type { NetNs } from './node.js';
import type { NextHopObject } from './route.js';

type Key = string | number | null;

const none: readonly never[] = [];

/** Rows in their order; those with the key null are left out. */
function rowsBy<Of extends Row>(keyOf: (row: Of) => Key): (rows: readonly Of[], key: Key) => readonly Of[] {
  const indexes = new WeakMap<readonly Of[], ReadonlyMap<Key, readonly Of[]>>();
  return (rows, key) => {
    let index = indexes.get(rows);
    if (index === undefined) {
      index = indexed(rows, keyOf);
      indexes.set(rows, index);
    }
    return index.get(key) ?? none;
  };
}

function indexed<Of extends Row>(rows: readonly Of[], keyOf: (row: Of) => Key): ReadonlyMap<Key, readonly Of[]> {
  const index = new Map<Key, Of[]>();
  for (const row of rows) {
    const key = row.trust === 'claimed' ? null : keyOf(row);
    if (key === null) continue;
    const known = index.get(key);
    if (known === undefined) index.set(key, [row]);
    else known.push(row);
  }
  return index;
}

const macKey = (mac: Mac): number => mac.hi * 2 ** 32 + mac.lo;

const addresses = rowsBy<Address>(({ ip }) => ipKey(ip));
const addressesByDevice = rowsBy<Address>(({ dev }) => dev);
const addressesByFamily = rowsBy<Address>(({ ip }) => ip.family);
const ports = rowsBy<Link>(({ master }) => master);
const linksByMac = rowsBy<Link>(({ mac }) => (mac === null ? null : macKey(mac)));
const neighbours = rowsBy<Neighbour>(({ ip }) => ipKey(ip));
const neighboursByDevice = rowsBy<Neighbour>(({ dev }) => dev);
const fdbByDevice = rowsBy<FdbEntry>(({ dev }) => dev);
const fdbByMac = rowsBy<FdbEntry>(({ mac }) => macKey(mac));
const objects = rowsBy<NextHopObject>(({ id }) => id);

/** An address may stand on several devices. */
export const addressesOf = (ns: NetNs, ip: Ip): readonly Address[] => addresses(ns.addresses.rows, ipKey(ip));
export const hasAddress = (ns: NetNs, ip: Ip): boolean => addressesOf(ns, ip).length > 0;
export const addressesOn = (ns: NetNs, dev: string): readonly Address[] => addressesByDevice(ns.addresses.rows, dev);
export const addressesOfFamily = (ns: NetNs, family: Ip['family']): readonly Address[] =>
  addressesByFamily(ns.addresses.rows, family);
/** Devices that name this one as their master. */
export const portsOf = (ns: NetNs, master: string): readonly Link[] => ports(ns.links.rows, master);
export const linksWith = (ns: NetNs, mac: Mac): readonly Link[] => linksByMac(ns.links.rows, macKey(mac));
export const neighboursFor = (ns: NetNs, ip: Ip): readonly Neighbour[] => neighbours(ns.neighbours.rows, ipKey(ip));
export const neighboursOn = (ns: NetNs, dev: string): readonly Neighbour[] =>
  neighboursByDevice(ns.neighbours.rows, dev);
export const fdbOn = (ns: NetNs, dev: string): readonly FdbEntry[] => fdbByDevice(ns.fdb.rows, dev);
export const fdbFor = (ns: NetNs, mac: Mac): readonly FdbEntry[] => fdbByMac(ns.fdb.rows, macKey(mac));
export const nextHopObject = (ns: NetNs, id: number): NextHopObject | undefined => objects(ns.nexthops.rows, id)[0];
