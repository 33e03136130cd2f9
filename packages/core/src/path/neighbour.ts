/** The neighbour entry of a next hop: the hardware address that a frame gets. ip-neighbour(8); net/core/neighbour.c. */
import { type Ip, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import type { Mac } from '../inet/mac.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { Neighbour } from '../snapshot/neighbour.js';
import type { Evidence } from '../verdict/step.js';
import type { Place } from './place.js';

export type NeighbourState =
  | { readonly kind: 'known'; readonly lladdr: Mac | null; readonly evidence: readonly Evidence[] }
  /** The kernel asked and nobody answered; it would ask again. */
  | { readonly kind: 'failed'; readonly what: string; readonly evidence: readonly Evidence[] }
  /** A complete dump has no entry: the kernel would ask. */
  | { readonly kind: 'unasked' }
  /** Not captured. */
  | { readonly kind: 'missing' };

const unusable = new Set(['FAILED', 'INCOMPLETE']);

export function neighbourOf(place: Place, dev: string, ip: Ip): NeighbourState {
  const entry = entryOf(place, dev, ip);
  if (entry === undefined) return { kind: isCompleteFor(place.ns.neighbours, ip.family) ? 'unasked' : 'missing' };
  if (entry.nud !== null && unusable.has(entry.nud)) {
    const what = `neighbour ${formatIp(ip)} on ${dev} is ${entry.nud}`;
    return { kind: 'failed', what, evidence: [{ span: entry.span, why: entry.nud }] };
  }
  const evidence = [{ span: entry.span, why: 'neighbour entry of the next hop' }];
  return { kind: 'known', lladdr: entry.lladdr, evidence };
}

const byDevice = new WeakMap<readonly Neighbour[], ReadonlyMap<string, readonly Neighbour[]>>();

function entryOf({ ns: { neighbours } }: Place, dev: string, ip: Ip): Neighbour | undefined {
  let index = byDevice.get(neighbours.rows);
  if (index === undefined) {
    index = grouped(neighbours.rows);
    byDevice.set(neighbours.rows, index);
  }
  return index.get(dev)?.find((row) => sameIp(row.ip, ip));
}

function grouped(rows: readonly Neighbour[]): ReadonlyMap<string, readonly Neighbour[]> {
  const groups = new Map<string, Neighbour[]>();
  for (const row of rows) {
    if (row.dev === null || row.proxy || row.trust === 'claimed') continue;
    const group = groups.get(row.dev);
    if (group === undefined) groups.set(row.dev, [row]);
    else group.push(row);
  }
  return groups;
}
