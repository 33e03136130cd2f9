/** Whether a packet is in a set: `-m set --match-set NAME src,dst`. net/netfilter/ipset/ip_set_core.c, ip_set_list_set.c. */

import { portRangeContains } from '../inet/port.js';
import { rangeContains } from '../inet/range.js';
import type { IpSet, SetElement } from '../snapshot/ipset.js';
import { isUnknown, or, type Tri, type Unknown, unknown } from '../tri.js';
import type { Found } from './found.js';
import { type KeyPart, keyParts, type SetKey } from './key.js';
import { findMember } from './member-index.js';
import { isListOfSets, type SetType, setTypeNamed } from './set-types.js';

/** The sets that a list:set refers to, by name: those captured, and as they are now. */
export interface SetsByName {
  get(name: string): IpSet | Unknown | undefined;
}

type Find = (set: IpSet, type: SetType, key: readonly KeyPart[]) => Found;

export function testSet(set: IpSet, sets: SetsByName, key: SetKey): Tri {
  return testSetWith(findMember, set, sets, key);
}

/** The same with another search, so that a test may hold two of them against each other. */
export function testSetWith(find: Find, set: IpSet, sets: SetsByName, key: SetKey): Tri {
  if (isListOfSets(set.type)) return testList(find, set, sets, key);
  const element = elementFor(find, set, key);
  if (element === null || 'because' in element) return element ?? false;
  // Only sets of networks know `nomatch`, and only they turn the answer round for --return-nomatch.
  const hasNets = setTypeNamed(set.type)?.dimensions.includes('net') === true;
  return hasNets && key.returnNomatch ? element.nomatch : !element.nomatch;
}

/** The element that answers for the packet; null: none does. Not for lists of sets. */
export function elementOf(set: IpSet, key: SetKey): SetElement | null | Unknown {
  return elementFor(findMember, set, key);
}

function elementFor(find: Find, set: IpSet, key: SetKey): SetElement | null | Unknown {
  const type = setTypeNamed(set.type);
  if (type === undefined) return unknown(`the type of set ${set.name} is not known`, 'ipset-list');
  if (key.flags.length < type.dimensions.length) return null;
  if (set.family !== null && set.family !== key.packet.family) return null;
  const parts = keyParts(set, type, key);
  if (parts === null) return null;
  if ('because' in parts) return set.complete && set.elements.length === 0 ? null : parts;
  if (outOfRange(set, key)) return null;
  const found = find(set, type, parts);
  const hasNets = type.dimensions.includes('net');
  const { element } = found;
  if (!set.complete && (element === null ? !found.decided || hasInterfaces(type) : hasNets && !found.decided)) {
    return unknown(openText(set, element !== null), 'ipset-list');
  }
  return element;
}

function openText(set: IpSet, matched: boolean): string {
  if (!matched) return `the dump of set ${set.name} does not hold all of its members`;
  return `the dump of set ${set.name} does not hold all of its members, and a longer prefix among the others would decide`;
}

function hasInterfaces(type: SetType): boolean {
  return type.dimensions.includes('iface');
}

/** A bitmap holds nothing outside its range; this is asked before the netmask is put on the address. */
export function outOfRange(set: IpSet, { packet, flags }: SetKey): boolean {
  const { range } = set;
  const [flag] = flags;
  if (range === null) return false;
  if (range.kind === 'ip') return !rangeContains(range.range, flag === 'src' ? packet.src : packet.dst);
  const port = flag === 'src' ? packet.sport : packet.dport;
  return port !== null && !portRangeContains(range.ports, port);
}

/** The members in order until one matches; a member that needs more dimensions than there are flags does not. */
function testList(find: Find, list: IpSet, sets: SetsByName, key: SetKey): Tri {
  let answer: Tri = list.complete ? false : unknown(openText(list, false), 'ipset-list');
  for (const { parts } of list.elements) {
    const [part] = parts;
    if (part?.kind !== 'set') continue;
    const member = sets.get(part.name);
    if (member === undefined) {
      answer = or(answer, unknown(`set ${part.name}, a member of ${list.name}, is not in the dump`, 'ipset-list'));
      continue;
    }
    // The kernel takes no list into a list, so such text is damaged or not from one moment.
    const tested: Tri =
      'because' in member
        ? member
        : isListOfSets(member.type)
          ? unknown(`set ${list.name} cannot hold the list ${part.name}`, 'ipset-list')
          : testSetWith(find, member, sets, key);
    answer = or(answer, tested);
    if (!isUnknown(answer) && answer) return true;
  }
  return answer;
}
