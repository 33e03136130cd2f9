/** What the kernel knows of a gateway: its neighbour entry on the way's device. */
import type { Neighbour } from '../snapshot/neighbour.js';
import type { NetNs } from '../snapshot/node.js';
import type { NextHop } from '../snapshot/route.js';
import { neighboursFor } from '../snapshot/rows-by.js';

export function gatewayNeighbour(ns: NetNs, { via, dev }: Pick<NextHop, 'via' | 'dev'>): Neighbour | undefined {
  return via === null ? undefined : neighboursFor(ns, via).find((row) => row.dev === dev && !row.proxy);
}
