/** The neighbour entry of a next hop: the hardware address that a frame gets. ip-neighbour(8); net/core/neighbour.c. */
import { type Ip, ipKey } from '../inet/ip.js';
import { isMulticast } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import type { Mac } from '../inet/mac.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { Neighbour } from '../snapshot/neighbour.js';
import type { Evidence } from '../verdict/step.js';
import { hardwareGroup } from './membership.js';
import { oncePerPlace } from './per-place.js';
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
  if (isMulticast(ip)) return { kind: 'known', lladdr: hardwareGroup(ip), evidence: [] };
  const { neighbours } = place.ns;
  const known = statesOf(place).get(dev)?.get(ipKey(ip));
  return known ?? (isCompleteFor(neighbours, ip.family) ? unasked : absent);
}

/** Places of one namespace share them. */
const statesOf = oncePerPlace(({ ns: { neighbours } }: Place): ReadonlyMap<string, ByAddress> => {
  let index = byDevice.get(neighbours.rows);
  if (index === undefined) {
    index = indexed(neighbours.rows);
    byDevice.set(neighbours.rows, index);
  }
  return index;
});

const unasked: NeighbourState = { kind: 'unasked' };
const absent: NeighbourState = { kind: 'missing' };

type ByAddress = Map<number | string, NeighbourState>;

const byDevice = new WeakMap<readonly Neighbour[], ReadonlyMap<string, ByAddress>>();

/** Of several rows with one address the first counts. */
function indexed(rows: readonly Neighbour[]): ReadonlyMap<string, ByAddress> {
  const devices = new Map<string, ByAddress>();
  for (const row of rows) {
    if (row.dev === null || row.proxy || row.trust === 'claimed') continue;
    const states: ByAddress = devices.get(row.dev) ?? new Map();
    devices.set(row.dev, states);
    const key = ipKey(row.ip);
    if (!states.has(key)) states.set(key, stateOf(row, row.dev));
  }
  return devices;
}

function stateOf({ ip, nud, span, lladdr }: Neighbour, dev: string): NeighbourState {
  if (nud !== null && unusable.has(nud)) {
    const what = `neighbour ${formatIp(ip)} on ${dev} is ${nud}`;
    return { kind: 'failed', what, evidence: [{ span, why: nud }] };
  }
  return { kind: 'known', lladdr, evidence: [{ span, why: 'neighbour entry of the next hop' }] };
}
