/** The element that answers for a value, found by looking at every element: the referee of `member-index.ts`. */

import { bitsOf } from '../inet/mask.js';
import { prefixContains } from '../inet/prefix.js';
import type { IpSet, SetElement } from '../snapshot/ipset.js';
import { ofBridgePort, partHolds, prefixesOf } from './element-match.js';
import type { Found } from './found.js';
import type { KeyPart } from './key.js';
import type { SetType } from './set-types.js';

export function findSlowly(set: IpSet, type: SetType, key: readonly KeyPart[]): Found {
  let best: readonly number[] | null = null;
  let element: SetElement | null = null;
  for (const candidate of set.elements) {
    if (ofBridgePort(candidate)) continue;
    // In hash:net,iface the longest prefix decides whether or not the interface is the right one.
    const compared = key.filter((value) => value.kind !== 'iface');
    const holds = compared.every((value, index) => holdsPart(candidate, value, index, type, set));
    if (!holds) continue;
    const rank = rankOf(candidate, key, type, set);
    const order = best === null ? 1 : compareRanks(rank, best);
    if (order < 0) continue;
    if (order > 0) element = null;
    best = rank;
    if (element === null && key.every((value, index) => holdsPart(candidate, value, index, type, set))) {
      element = candidate;
    }
  }
  return { element, decided: best?.every((length) => length === bitsOf(set.family ?? 4)) ?? false };
}

function holdsPart(element: SetElement, value: KeyPart, index: number, type: SetType, set: IpSet): boolean {
  const part = element.parts[index];
  const dimension = type.dimensions[index];
  // bitmap:ip,mac elements without a hardware address take any.
  if (part === undefined) return index >= type.needed;
  return dimension !== undefined && partHolds(part, value, dimension, set);
}

/** The lengths of the prefixes that hold the value, in the order of the dimensions. */
function rankOf(element: SetElement, key: readonly KeyPart[], type: SetType, set: IpSet): readonly number[] {
  return type.dimensions.flatMap((dimension, index) => {
    const part = element.parts[index];
    const value = key[index];
    if (dimension !== 'net' || part === undefined || value?.kind !== 'ip') return [];
    const lengths = prefixesOf(part, set).filter((prefix) => prefixContains(prefix, value.ip));
    return [Math.max(...lengths.map((prefix) => prefix.length))];
  });
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  for (const [index, length] of one.entries()) {
    const difference = length - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
