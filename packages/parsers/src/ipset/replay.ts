/** What `del`, `swap` and `rename` do to sets that were created before. ipset(8); net/netfilter/ipset/ip_set_core.c. */
import type { Draft } from './draft.js';
import type { Member } from './member.js';

/** Where each element of a set stands, by its parts; made when the first is deleted. */
interface Places {
  readonly byKey: Map<string, number>;
  /** Elements before this one are in the map. */
  upTo: number;
}

const places = new WeakMap<Draft, Places>();

/** Takes an element out; false when the set does not hold exactly this one (it may lie in a range that was added as one). */
export function removeElement(draft: Draft, member: Pick<Member, 'parts'>): boolean {
  const { elements } = draft;
  if (draft.type?.dimensions[0] === 'set') return removeFromList(draft, member);
  const { byKey } = placesOf(draft);
  const key = JSON.stringify(member.parts);
  const at = byKey.get(key);
  if (at === undefined) return false;
  byKey.delete(key);
  // The order of a hash says nothing: the last element takes the place.
  const last = elements.pop();
  if (last !== undefined && at < elements.length) {
    elements[at] = last;
    byKey.set(JSON.stringify(last.parts), at);
  }
  const known = places.get(draft);
  if (known !== undefined) known.upTo = elements.length;
  return true;
}

export function removeAll(draft: Draft): void {
  draft.elements.length = 0;
  draft.unreadable = 0;
  draft.open = false;
  places.delete(draft);
}

/** Keeps the later of members that were added more than once. */
export function dropRepeated(draft: Draft): void {
  if (draft.type?.dimensions[0] !== 'set') placesOf(draft);
}

function removeFromList({ elements }: Draft, { parts: [wanted] }: Pick<Member, 'parts'>): boolean {
  const at = elements.findIndex(
    ({ parts: [part] }) => part?.kind === 'set' && wanted?.kind === 'set' && part.name === wanted.name,
  );
  if (at >= 0) elements.splice(at, 1);
  return at >= 0;
}

function placesOf(draft: Draft): Places {
  const known = places.get(draft) ?? { byKey: new Map<string, number>(), upTo: 0 };
  places.set(draft, known);
  const { elements } = draft;
  while (known.upTo < elements.length) {
    const element = elements[known.upTo];
    if (element === undefined) break;
    const key = JSON.stringify(element.parts);
    const before = known.byKey.get(key);
    if (before === undefined) known.byKey.set(key, known.upTo++);
    else {
      // Added once more with -exist: the newer attributes count.
      elements[before] = element;
      const last = elements.pop();
      if (last !== undefined && known.upTo < elements.length) elements[known.upTo] = last;
    }
  }
  return known;
}

/** Sets change their names; what lists hold are names, and those stay. */
export function swapSets(sets: Map<string, Draft>, left: Draft, right: Draft): void {
  const { name } = left;
  left.name = right.name;
  right.name = name;
  sets.set(left.name, left);
  sets.set(right.name, right);
}

/** False when the new name is taken. */
export function renameSet(sets: Map<string, Draft>, draft: Draft, name: string): boolean {
  if (sets.has(name)) return false;
  sets.delete(draft.name);
  draft.name = name;
  sets.set(name, draft);
  return true;
}
