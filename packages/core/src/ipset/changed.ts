/** Sets as they are after rules of this packet's way have changed them (`-j SET`), while the dump shows what they held before. */
import { sameIp } from '../inet/ip.js';
import { bareElement, type IpSet, type SetElement, type SetPart } from '../snapshot/ipset.js';
import { type Unknown, unknown } from '../tri.js';
import { partHolds, prefixesOf } from './element-match.js';
import type { KeyPart } from './key.js';
import { type SetType, setTypeNamed } from './set-types.js';

/** What one rule did to one set of the namespace `at`. Data only: worlds are compared by it. */
export interface SetChange {
  readonly at: string;
  readonly set: string;
  /** `open`: nobody knows what the set holds now. */
  readonly kind: 'add' | 'del' | 'open';
  readonly parts: readonly SetPart[];
}

const made = new WeakMap<readonly SetChange[], Map<IpSet, IpSet | Unknown>>();

/** The captured set with what has been done to it at that place. */
export function changedSet(set: IpSet, at: string, changes: readonly SetChange[] | undefined): IpSet | Unknown {
  if (changes === undefined) return set;
  let known = made.get(changes);
  if (known === undefined) {
    known = new Map();
    made.set(changes, known);
  }
  let now = known.get(set);
  if (now === undefined) {
    now = replayed(
      set,
      changes.filter((change) => change.at === at && change.set === set.name),
    );
    known.set(set, now);
  }
  return now;
}

function replayed(set: IpSet, changes: readonly SetChange[]): IpSet | Unknown {
  const type = setTypeNamed(set.type);
  if (changes.length === 0 || type === undefined) return set;
  if (changes.some(({ kind }) => kind === 'open'))
    return unknown(`what a rule has put into set ${set.name} is not known`);
  let elements = set.elements;
  for (const { kind, parts } of changes) {
    const others = elements.filter((element) => !isElement(element, parts, type, set));
    elements = kind === 'add' ? [...others, newElement(set, parts)] : others;
  }
  return { ...set, elements };
}

function newElement({ span }: IpSet, parts: readonly SetPart[]): SetElement {
  return { span, parts, ...bareElement };
}

/** Is it this very element: the same values, and networks of the same length? What an element may lack tells none from another. */
export function isElement(element: SetElement, parts: readonly SetPart[], type: SetType, set: IpSet): boolean {
  return type.dimensions.slice(0, type.needed).every((dimension, at) => {
    const mine = element.parts[at];
    const other = parts[at];
    if (mine === undefined || other === undefined) return mine === other;
    if (dimension === 'net' && other.kind === 'net') return hasNetwork(mine, other, set);
    if (dimension === 'iface') return isInterface(mine, other);
    const value = keyOf(other);
    return value !== null && partHolds(mine, value, dimension, set);
  });
}

function hasNetwork(part: SetPart, { prefix }: Extract<SetPart, { kind: 'net' }>, set: IpSet): boolean {
  return prefixesOf(part, set).some(({ ip, length }) => length === prefix.length && sameIp(ip, prefix.ip));
}

function isInterface(one: SetPart, other: SetPart): boolean {
  if (one.kind !== 'iface' || other.kind !== 'iface') return false;
  return one.name === other.name && one.physdev === other.physdev && one.wildcard === other.wildcard;
}

function keyOf(part: SetPart): KeyPart | null {
  switch (part.kind) {
    case 'ip':
    case 'mac':
    case 'mark':
      return part;
    case 'port':
      return { kind: 'port', proto: part.proto, port: part.ports.first };
    default:
      return null;
  }
}
