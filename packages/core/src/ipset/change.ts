/**
 * What `-j SET` does to a set: adds the packet's element, or deletes it. net/netfilter/xt_set.c set_target_v3; net/netfilter/ipset/ip_set_core.c ip_set_add,
 * ip_set_del, ip_set_hash_gen.h mtype_add, mtype_del, ip_set_list_set.c.
 */
import { parseUint32 } from '../inet/decimal.js';
import { bitsOf } from '../inet/mask.js';
import { prefixOf } from '../inet/prefix.js';
import type { IpSet, SetElement, SetPart } from '../snapshot/ipset.js';
import { changedSet, isElement, type SetChange } from './changed.js';
import { prefixesOf } from './element-match.js';
import { type KeyPart, keyParts, type SetKey } from './key.js';
import { isListOfSets, type SetType, setTypeNamed } from './set-types.js';
import { outOfRange, type SetsByName } from './test-set.js';

export interface SetOrder {
  readonly kind: 'add' | 'del';
  /** `--exist`: what is there already may be added again. */
  readonly exist: boolean;
  readonly key: SetKey;
  /** One of the packet's ports is the kernel's choice, and nothing tells which. */
  readonly openPort: boolean;
}

/** What became of an order for one set: the element that came or went, nothing because it was refused, or nobody knows. */
type Outcome = 'refused' | 'open' | readonly SetPart[];

/** The changes of the packet's way so far and those that the order makes at place `at`. */
export function changeSet(
  set: IpSet,
  sets: SetsByName,
  order: SetOrder,
  at: string,
  before: readonly SetChange[] | undefined,
): readonly SetChange[] | undefined {
  if (!isListOfSets(set.type)) return withOutcome(before, carriedOut(set, order, at, before), set, order, at);
  let changes = before;
  let open = !set.complete;
  // The first member that takes it is the last one asked.
  for (const { parts } of set.elements) {
    const [part] = parts;
    const member = part?.kind === 'set' ? sets.get(part.name) : undefined;
    if (member === undefined || 'because' in member) {
      open = true;
      continue;
    }
    const outcome = carriedOut(member, order, at, before);
    open ||= outcome === 'open';
    changes = withOutcome(changes, open && outcome !== 'refused' ? 'open' : outcome, member, order, at);
    if (!open && outcome !== 'refused') break;
  }
  return changes;
}

function withOutcome(
  before: readonly SetChange[] | undefined,
  outcome: Outcome,
  { name }: IpSet,
  { kind }: SetOrder,
  at: string,
): readonly SetChange[] | undefined {
  if (outcome === 'refused') return before;
  const change: SetChange =
    outcome === 'open' ? { at, set: name, kind: 'open', parts: [] } : { at, set: name, kind, parts: outcome };
  return [...(before ?? []), change];
}

function carriedOut(captured: IpSet, order: SetOrder, at: string, before: readonly SetChange[] | undefined): Outcome {
  const { kind, exist, key } = order;
  const type = setTypeNamed(captured.type);
  if (type === undefined) return 'open';
  if (key.flags.length < type.dimensions.length) return 'refused';
  if (captured.family !== null && captured.family !== key.packet.family) return 'refused';
  if (order.openPort && type.dimensions.includes('port')) return 'open';
  const values = keyParts(captured, type, key);
  if (values === null || (!('because' in values) && outOfRange(captured, key))) return 'refused';
  const set = changedSet(captured, at, before);
  if ('because' in values || 'because' in set || !set.complete) return 'open';
  const parts = elementOf(values, type, set);
  const same = set.elements.find((element) => isElement(element, parts, type, set));
  if (kind === 'del') return same === undefined ? 'refused' : parts;
  if (same !== undefined) return addedAgain(same, parts, type, exist);
  if (hasRoom(set, type)) return parts;
  return hasOption(set, 'forceadd') || isCountedInParts(set) ? 'open' : 'refused';
}

/** With `--exist` it is as new: without mark and `nomatch`, with the hardware address of the packet. One without such an address takes the first that it sees, maybe before this rule. */
function addedAgain(same: SetElement, parts: readonly SetPart[], type: SetType, exist: boolean): Outcome {
  const mayLack = type.needed < type.dimensions.length;
  if (mayLack && same.parts.length <= type.needed) return 'open';
  return exist ? parts : 'refused';
}

/** A rule gives no length of a network: it is that of the longest one in the set, and in an empty set all bits. */
function elementOf(values: readonly KeyPart[], type: SetType, set: IpSet): readonly SetPart[] {
  return values.map((value, at): SetPart => {
    switch (value.kind) {
      case 'ip': {
        if (type.dimensions[at] !== 'net') return value;
        const lengths = set.elements.flatMap(({ parts }) => {
          const part = parts[at];
          return part === undefined ? [] : prefixesOf(part, set).map(({ length }) => length);
        });
        const longest = lengths.reduce((one, other) => Math.max(one, other), -1);
        return { kind: 'net', prefix: prefixOf(value.ip, longest < 0 ? bitsOf(value.ip.family) : longest) };
      }
      case 'port':
        return { kind: 'port', proto: value.proto, ports: { first: value.port, last: value.port } };
      case 'iface':
        return { kind: 'iface', name: value.name, physdev: false, wildcard: false };
      default:
        return value;
    }
  });
}

const usualMaximum = 65536;

/** Bitmaps have room for all that they may hold. */
function hasRoom(set: IpSet, type: SetType): boolean {
  if (!type.name.startsWith('hash:')) return true;
  const [, maximum = ''] = set.options.find(([name]) => name === 'maxelem') ?? [];
  return set.elements.length < (parseUint32(maximum) ?? usualMaximum);
}

function hasOption(set: IpSet, option: string): boolean {
  return set.options.some(([name]) => name === option);
}

/** A big hash table counts its elements by regions, and a region that has few of them takes one more. ip_set_hash_gen.h HTABLE_REGION_BITS. */
function isCountedInParts(set: IpSet): boolean {
  const [, size = ''] = set.options.find(([name]) => name === 'hashsize') ?? [];
  return (parseUint32(size) ?? 0) > oneRegion;
}

const oneRegion = 1024;
