/** Whether one element of a set holds a value, part by part. net/netfilter/ipset/ip_set_hash_*.c. */
import { sameIp } from '../inet/ip.js';
import { sameMac } from '../inet/mac.js';
import { bitsOf } from '../inet/mask.js';
import { portRangeContains } from '../inet/port.js';
import { type Prefix, prefixContains, prefixOf } from '../inet/prefix.js';
import { prefixRange, rangeContains, rangesOverlap, rangeToPrefixes } from '../inet/range.js';
import type { IpSet, SetElement, SetPart } from '../snapshot/ipset.js';
import { type KeyPart, markedFor, maskedFor } from './key.js';
import type { Dimension } from './set-types.js';

/** The prefixes that a part of dimension `net` stands for; a range that was typed stands for several. */
export function prefixesOf(part: SetPart, set: IpSet): readonly Prefix[] {
  if (part.kind === 'range') return rangeToPrefixes(part.range);
  if (part.kind === 'ip') return [prefixOf(maskedFor(set, part.ip), bitsOf(part.ip.family))];
  if (part.kind !== 'net') return [];
  return [prefixOf(maskedFor(set, part.prefix.ip), part.prefix.length)];
}

/** Whether the part holds the value. For `net` that is any prefix around it; interfaces are compared by {@link interfaceMatches}. */
export function partHolds(part: SetPart, value: KeyPart, dimension: Dimension, set: IpSet): boolean {
  switch (value.kind) {
    case 'ip':
      return dimension === 'net' ? netHolds(part, value.ip, set) : addressHolds(part, value.ip, set);
    case 'port':
      return part.kind === 'port' && part.proto === value.proto && portRangeContains(part.ports, value.port);
    case 'mac':
      return part.kind === 'mac' && sameMac(part.mac, value.mac);
    case 'mark':
      return part.kind === 'mark' && markedFor(set, part.mark) === value.mark;
    case 'iface':
      return interfaceMatches(part, value.name);
  }
}

type Address = Extract<KeyPart, { readonly kind: 'ip' }>['ip'];

function netHolds(part: SetPart, ip: Address, set: IpSet): boolean {
  return prefixesOf(part, set).some((prefix) => prefixContains(prefix, ip));
}

/** `ip` has been masked already; what was typed as a block or range stands for each of its addresses, masked. */
function addressHolds(part: SetPart, ip: Address, set: IpSet): boolean {
  if (part.kind === 'ip') return sameIp(maskedFor(set, part.ip), ip);
  if (part.kind !== 'net' && part.kind !== 'range') return false;
  const range = part.kind === 'net' ? prefixRange(part.prefix) : part.range;
  if (set.netmask === null) return rangeContains(range, ip);
  return rangesOverlap(range, prefixRange(prefixOf(ip, set.netmask)));
}

/** `-m set` never asks for the bridge port, and `physdev:` elements have hashes of their own: a rule does not even pass by them. */
export function ofBridgePort(element: Pick<SetElement, 'parts'>): boolean {
  return element.parts.some((part) => part.kind === 'iface' && part.physdev);
}

export function interfaceMatches(part: SetPart, name: string): boolean {
  if (part.kind !== 'iface') return false;
  return part.wildcard ? name.startsWith(part.name) : name === part.name;
}
