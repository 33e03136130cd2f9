/** The mark that a set gives to a packet in it (`-j SET --map-set … --map-mark`). net/netfilter/xt_set.c set_target_v3, ip_set_list_set.c list_set_ktest. */
import { type Mark, parseMark } from '../inet/mark.js';
import type { IpSet, SetElement } from '../snapshot/ipset.js';
import { isUnknown, type Unknown, unknown } from '../tri.js';
import type { SetKey } from './key.js';
import { isListOfSets } from './set-types.js';
import { elementOf, type SetsByName, testSet } from './test-set.js';

/** null: the packet keeps its mark, since it is in no element or the element has none. */
export function mappedMark(set: IpSet, sets: SetsByName, key: SetKey): Mark | null | Unknown {
  if (isListOfSets(set.type)) return markOfList(set, sets, key);
  const element = elementOf(set, key);
  if (element === null || 'because' in element) return element;
  return element.nomatch ? null : markOf(element);
}

/**
 * The first member that holds the packet decides; a list with marks of its own gives those. A member without marks leaves that of an element marked
 * `nomatch` which a member before it found.
 */
function markOfList(list: IpSet, sets: SetsByName, key: SetKey): Mark | null | Unknown {
  let left: Mark | null = null;
  for (const element of list.elements) {
    const [part] = element.parts;
    const member = part?.kind === 'set' ? sets.get(part.name) : undefined;
    if (member === undefined || 'because' in member || isListOfSets(member.type)) return openMember(list);
    const holds = testSet(member, sets, key);
    if (isUnknown(holds)) return holds;
    if (holds && hasMarks(list)) return markOf(element);
    if (holds) return hasMarks(member) ? mappedMark(member, sets, key) : left;
    const passed = hasMarks(member) ? elementOf(member, key) : null;
    if (passed !== null && 'because' in passed) return passed;
    if (passed?.nomatch === true) left = markOf(passed);
  }
  return list.complete ? null : openMember(list);
}

function hasMarks({ options }: IpSet): boolean {
  return options.some(([name]) => name === 'skbinfo');
}

function openMember(list: IpSet): Unknown {
  return unknown(`what a member of the list ${list.name} holds is not known`, 'ipset-list');
}

function markOf({ skbmark }: SetElement): Mark | null {
  return skbmark === null ? null : parseMark(skbmark);
}
