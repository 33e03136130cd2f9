/** Rows put into a dump or taken out of it; a dump that was not captured becomes one in part. */
import type { Family } from '../inet/ip.js';
import { type Dump, isCompleteFor } from '../snapshot/dump.js';
import type { NetNs } from '../snapshot/node.js';
import type { RouteDump } from '../snapshot/route.js';

export function withRows<T, D extends Dump<T>>(dump: D, rows: readonly T[]): D {
  return { ...dump, rows, state: dump.state === 'absent' ? 'partial' : dump.state };
}

export const linksKnown = (ns: NetNs): boolean => ns.links.state === 'complete';

export const addressesKnown = (ns: NetNs, family: Family): boolean => isCompleteFor(ns.addresses, family);

/** Does the capture speak for every route of that table? */
export function covers(dump: RouteDump, family: Family, table: string): boolean {
  if (dump.state === 'absent') return false;
  return dump.covers.some((one) => one.family === family && (one.tables === 'all' || one.tables.includes(table)));
}
