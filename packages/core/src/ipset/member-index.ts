/** Finds the element that answers for a value: a hash per combination of prefix lengths, longest first, as the kernel keeps them. ip_set_hash_gen.h. */
import type { Ip } from '../inet/ip.js';
import { applyMask, bitsOf, maskOf } from '../inet/mask.js';
import type { IpSet, SetElement, SetPart } from '../snapshot/ipset.js';
import { interfaceMatches, ofBridgePort, partHolds, prefixesOf } from './element-match.js';
import type { Found } from './found.js';
import { type KeyPart, markedFor, maskedFor } from './key.js';
import type { SetType } from './set-types.js';

type Hash = number | string;

/** The elements whose prefixes have these lengths. */
interface Group {
  /** One per dimension `net`. */
  readonly lengths: readonly number[];
  /** Elements by the hash of all parts but the interface, in the order of the dump. */
  readonly exact: Map<Hash, SetElement | SetElement[]>;
  /** Elements typed as ranges of addresses or ports, and those without a part that the type lets be left out. */
  readonly loose: SetElement[];
}

interface MemberIndex {
  /** Longest prefixes first. */
  readonly groups: readonly Group[];
}

const indexes = new WeakMap<IpSet, MemberIndex>();

export function findMember(set: IpSet, type: SetType, key: readonly KeyPart[]): Found {
  let index = indexes.get(set);
  if (index === undefined) {
    index = indexOf(set, type);
    indexes.set(set, index);
  }
  for (const group of index.groups) {
    const candidates = candidatesIn(group, set, type, key);
    if (candidates.length === 0) continue;
    const element = candidates.find((candidate) => rightInterface(candidate, key, type)) ?? null;
    const decided = group.lengths.every((length) => length === bitsOf(set.family ?? 4));
    return { element, decided };
  }
  return { element: null, decided: false };
}

const none: readonly SetElement[] = [];

function candidatesIn(group: Group, set: IpSet, type: SetType, key: readonly KeyPart[]): readonly SetElement[] {
  const found = group.exact.get(hashOfKey(key, type, group.lengths));
  const exact = found === undefined ? none : Array.isArray(found) ? found : [found];
  if (group.loose.length === 0) return exact;
  const loose = group.loose.filter((element) => holdsLoosely(element, group, set, type, key));
  return loose.length === 0 ? exact : inDumpOrder([...exact, ...loose]);
}

function inDumpOrder(elements: SetElement[]): readonly SetElement[] {
  return elements.sort((one, other) => one.span.start - other.span.start);
}

function holdsLoosely(element: SetElement, group: Group, set: IpSet, type: SetType, key: readonly KeyPart[]): boolean {
  let net = 0;
  return key.every((value, at) => {
    const part = element.parts[at];
    const dimension = type.dimensions[at];
    if (part === undefined) return at >= type.needed;
    if (value.kind === 'iface' || dimension === undefined) return true;
    if (dimension !== 'net' || value.kind !== 'ip') return partHolds(part, value, dimension, set);
    const length = group.lengths[net++];
    return prefixesOf(part, set).some((prefix) => prefix.length === length && inPrefix(value.ip, prefix.ip, length));
  });
}

function inPrefix(ip: Ip, network: Ip, length: number): boolean {
  const at = applyMask(ip, maskOf(ip.family, length));
  return at.family === network.family && hashOfIp(at) === hashOfIp(network);
}

function rightInterface(element: SetElement, key: readonly KeyPart[], type: SetType): boolean {
  if (type.name !== 'hash:net,iface') return true;
  const value = key[1];
  const part = element.parts[1];
  return value?.kind === 'iface' && part !== undefined && interfaceMatches(part, value.name);
}

function indexOf(set: IpSet, type: SetType): MemberIndex {
  const groups = new Map<string, Group>();
  for (const element of set.elements) {
    if (ofBridgePort(element)) continue;
    if (isPlain(element, set, type)) addTo(groups, element, element.parts, set, type);
    else for (const parts of withPrefixes(element, set, type)) addTo(groups, element, parts, set, type);
  }
  const sorted = [...groups.values()].sort((one, other) => {
    for (const [at, length] of one.lengths.entries()) {
      const difference = (other.lengths[at] ?? 0) - length;
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return { groups: sorted };
}

/** Whether the parts can be taken as they are, as those of a dump can. */
function isPlain(element: SetElement, set: IpSet, type: SetType): boolean {
  if (set.netmask !== null || set.bitmask !== null) return !type.dimensions.includes('net');
  return element.parts.every((part, at) => part.kind === 'net' || type.dimensions[at] !== 'net');
}

/** The element once for each combination of the prefixes that its ranges stand for. */
function withPrefixes(element: SetElement, set: IpSet, type: SetType): readonly (readonly SetPart[])[] {
  let combinations: readonly (readonly SetPart[])[] = [[]];
  for (const [at, dimension] of type.dimensions.entries()) {
    const part = element.parts[at];
    if (part === undefined) break;
    const choices: readonly SetPart[] =
      dimension === 'net' ? prefixesOf(part, set).map((prefix) => ({ kind: 'net', prefix })) : [part];
    combinations = combinations.flatMap((before) => choices.map((choice) => [...before, choice]));
  }
  return combinations;
}

function addTo(
  groups: Map<string, Group>,
  element: SetElement,
  parts: readonly SetPart[],
  set: IpSet,
  type: SetType,
): void {
  const lengths: number[] = [];
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    if (part?.kind === 'net' && type.dimensions[at] === 'net') lengths.push(part.prefix.length);
  }
  const name = lengths.join();
  let group = groups.get(name);
  if (group === undefined) {
    group = { lengths, exact: new Map(), loose: [] };
    groups.set(name, group);
  }
  const hash = parts.length < type.dimensions.length ? null : hashOfParts(parts, set, type);
  if (hash === null) {
    if (group.loose.at(-1) !== element) group.loose.push(element);
    return;
  }
  const before = group.exact.get(hash);
  if (before === undefined) group.exact.set(hash, element);
  else if (Array.isArray(before)) before.push(element);
  else group.exact.set(hash, [before, element]);
}

/** Null when the parts stand for more than one value. */
function hashOfParts(parts: readonly SetPart[], set: IpSet, type: SetType): Hash | null {
  let whole: Hash | null = null;
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    if (part === undefined || part.kind === 'iface') continue;
    const hash = hashOfPart(part, type.dimensions[at] === 'net', set);
    if (hash === null) return null;
    whole = join(whole, hash);
  }
  return whole;
}

function hashOfPart(part: SetPart, isNet: boolean, set: IpSet): Hash | null {
  switch (part.kind) {
    case 'ip':
      return hashOfIp(maskedFor(set, part.ip));
    case 'net':
      return isNet ? hashOfIp(part.prefix.ip) : null;
    case 'port':
      return part.ports.first === part.ports.last ? hashOfPort(part.proto, part.ports.first) : null;
    case 'mac':
      return part.mac.hi * 0x100000000 + part.mac.lo;
    case 'mark':
      return markedFor(set, part.mark);
    case 'iface':
      return 0;
    case 'range':
    case 'set':
      return null;
  }
}

function hashOfKey(key: readonly KeyPart[], type: SetType, lengths: readonly number[]): Hash {
  let whole: Hash | null = null;
  let net = 0;
  for (let at = 0; at < key.length; at++) {
    const part = key[at];
    if (part === undefined || part.kind === 'iface') continue;
    const length = type.dimensions[at] === 'net' ? lengths[net++] : undefined;
    whole = join(whole, hashOfValue(part, length));
  }
  return whole ?? '';
}

function hashOfValue(part: Exclude<KeyPart, { readonly kind: 'iface' }>, length: number | undefined): Hash {
  switch (part.kind) {
    case 'ip':
      return hashOfIp(length === undefined ? part.ip : applyMask(part.ip, maskOf(part.ip.family, length)));
    case 'port':
      return hashOfPort(part.proto, part.port);
    case 'mac':
      return part.mac.hi * 0x100000000 + part.mac.lo;
    case 'mark':
      return part.mark;
  }
}

function join(before: Hash | null, hash: Hash): Hash {
  return before === null ? hash : `${before},${hash}`;
}

function hashOfIp(ip: Ip): Hash {
  return ip.family === 4 ? ip.a : `${ip.a.toString(36)}.${ip.b.toString(36)}.${ip.c.toString(36)}.${ip.d.toString(36)}`;
}

function hashOfPort(proto: number | null, port: number): number {
  return (proto ?? 0) * 65536 + port;
}
