/** Whether a packet is in a set: `-m set --match-set NAME src,dst`. net/netfilter/ipset/ip_set_core.c, ip_set_list_set.c. */

import { portRangeContains } from '../inet/port.js';
import { rangeContains } from '../inet/range.js';
import type { IpSet } from '../snapshot/ipset.js';
import { isUnknown, or, type Tri, unknown } from '../tri.js';
import type { Found } from './found.js';
import { type KeyPart, keyParts, type SetKey } from './key.js';
import { findMember } from './member-index.js';
import { type SetType, setTypeNamed } from './set-types.js';

/** All captured sets by name, which a list:set refers to. */
export type SetsByName = ReadonlyMap<string, IpSet>;

type Find = (set: IpSet, type: SetType, key: readonly KeyPart[]) => Found;

export function testSet(set: IpSet, sets: SetsByName, key: SetKey): Tri {
  return testSetWith(findMember, set, sets, key);
}

/** The same with another search, so that a test may hold two of them against each other. */
export function testSetWith(find: Find, set: IpSet, sets: SetsByName, key: SetKey): Tri {
  const type = setTypeNamed(set.type);
  if (type === undefined) return unknown(`the type of set ${set.name} is not known`, 'ipset-list');
  if (type.name === 'list:set') return testList(find, set, sets, key);
  if (key.flags.length < type.dimensions.length) return false;
  if (set.family !== null && set.family !== key.packet.family) return false;
  const parts = keyParts(set, type, key);
  if (parts === null) return false;
  if ('because' in parts) return set.complete && set.elements.length === 0 ? false : parts;
  if (outOfRange(set, key)) return false;
  const found = find(set, type, parts);
  const hasNets = type.dimensions.includes('net');
  const { element } = found;
  if (!set.complete && (element === null ? !found.decided || hasInterfaces(type) : hasNets && !found.decided)) {
    return unknown(openText(set, element !== null), 'ipset-list');
  }
  if (element === null) return false;
  // Only sets of networks know `nomatch`, and only they turn the answer round for --return-nomatch.
  return hasNets && key.returnNomatch ? element.nomatch : !element.nomatch;
}

function openText(set: IpSet, matched: boolean): string {
  if (!matched) return `the dump of set ${set.name} does not hold all of its members`;
  return `the dump of set ${set.name} does not hold all of its members, and a longer prefix among the others would decide`;
}

function hasInterfaces(type: SetType): boolean {
  return type.dimensions.includes('iface');
}

/** A bitmap holds nothing outside its range; this is asked before the netmask is put on the address. */
function outOfRange(set: IpSet, { packet, flags }: SetKey): boolean {
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
      member.type === 'list:set'
        ? unknown(`set ${list.name} cannot hold the list ${part.name}`, 'ipset-list')
        : testSetWith(find, member, sets, key);
    answer = or(answer, tested);
    if (!isUnknown(answer) && answer) return true;
  }
  return answer;
}
