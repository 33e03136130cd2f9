/** IP sets after one command. ipset(8); net/netfilter/ipset/ip_set_core.c for what is refused. */
import { prefixCovers } from '../inet/prefix.js';
import { setTypeNamed } from '../ipset/set-types.js';
import type { IpSet, SetElement } from '../snapshot/ipset.js';
import type { NetNs } from '../snapshot/node.js';
import { type Changed, done, open, refused, stopped } from './changed.js';
import { withRows } from './dump-rows.js';
import { elementsOf } from './set-elements.js';
import { isReferenced } from './set-references.js';

const missing = 'The set with the given name does not exist';

/** The set of a name. */
export function findSet(ns: NetNs, name: string): Changed<IpSet> {
  const set = ns.ipsets.rows.find((one) => one.name === name);
  if (set !== undefined) return done(set);
  return ns.ipsets.state === 'complete' ? refused(missing) : open(`the capture does not show set ${name}`);
}

function withSets(ns: NetNs, rows: readonly IpSet[]): NetNs {
  return { ...ns, ipsets: withRows(ns.ipsets, rows) };
}

function withSet(ns: NetNs, before: IpSet, after: IpSet): NetNs {
  return withSets(
    ns,
    ns.ipsets.rows.map((one) => (one === before ? after : one)),
  );
}

/** `ipset create`; with `exist` one that is there and alike stays as it is. */
export function createSet(ns: NetNs, set: IpSet, exist: boolean): Changed<NetNs> {
  const there = ns.ipsets.rows.find((one) => one.name === set.name);
  if (there === undefined) return done(withSets(ns, [...ns.ipsets.rows, set]));
  return exist && isAlike(there, set)
    ? done(ns)
    : refused('Set cannot be created: set with the same name already exists');
}

const compared = new Set([
  'maxelem',
  'timeout',
  'netmask',
  'bitmask',
  'markmask',
  'counters',
  'comment',
  'skbinfo',
  'range',
]);

/** With -exist: the same type and size, whatever the family. */
function isAlike(one: IpSet, other: IpSet): boolean {
  const told = ({ options }: IpSet) =>
    options
      .filter(([name = '']) => compared.has(name))
      .map((option) => option.join(' '))
      .sort()
      .join();
  return one.type === other.type && told(one) === told(other);
}

/** Where each element stands, by its parts. It goes with the newest list, so that many changes cost no more than few. */
const places = new WeakMap<readonly SetElement[], Map<string, number>>();

function placesOf(elements: readonly SetElement[]): Map<string, number> {
  const known = places.get(elements);
  if (known !== undefined) return known;
  const made = new Map(elements.map(({ parts }, at) => [JSON.stringify(parts), at]));
  places.set(elements, made);
  return made;
}

const plain = (element: SetElement): string => JSON.stringify(element.parts);

function mostOf(set: IpSet): number {
  const size = set.options.find(([name]) => name === 'maxelem')?.[1];
  return size === undefined ? Number.POSITIVE_INFINITY : Number(size);
}

/** `element` holds the attributes; its parts may stand for many elements. */
export function addElements(ns: NetNs, set: IpSet, element: SetElement, exist: boolean): Changed<NetNs> {
  const all = elementsOf(set, element.parts);
  if (all.kind !== 'done') return all;
  const member = unknownMember(ns, set, element);
  if (member !== null) return member;
  const elements = [...set.elements];
  const byKey = placesOf(set.elements);
  places.delete(set.elements);
  places.set(elements, byKey);
  const after = () => withSet(ns, set, { ...set, elements });
  for (const parts of all.value) {
    const one = { ...element, parts };
    const key = plain(one);
    const at = byKey.get(key);
    if (at !== undefined) {
      if (!exist) return stopped("Element cannot be added to the set: it's already added", after());
      elements[at] = one;
    } else {
      if (elements.length >= mostOf(set)) return stopped('Hash is full, cannot add more elements', after());
      byKey.set(key, elements.length);
      elements.push(one);
    }
  }
  return done(after());
}

/** A list holds sets that are there. */
function unknownMember(ns: NetNs, set: IpSet, { parts: [first] }: Pick<SetElement, 'parts'>): Changed<never> | null {
  if (set.type !== 'list:set' || first?.kind !== 'set') return null;
  const member = findSet(ns, first.name);
  if (member.kind === 'done')
    return member.value.type === 'list:set' ? refused('Sets with list:set type cannot be added to the set.') : null;
  return member.kind === 'open' ? member : refused('Set to be added/deleted/tested as element does not exist.');
}

/** `ipset del`. With `exist` what is not in the set is passed over. */
export function deleteElements(
  ns: NetNs,
  set: IpSet,
  element: Pick<SetElement, 'parts'>,
  exist: boolean,
): Changed<NetNs> {
  const all = elementsOf(set, element.parts);
  if (all.kind !== 'done') return all;
  const member = unknownMember(ns, set, element);
  if (member !== null) return member;
  const gone = new Set<number>();
  const after = () => withSet(ns, set, { ...set, elements: set.elements.filter((_, at) => !gone.has(at)) });
  const byKey = placesOf(set.elements);
  for (const parts of all.value) {
    const at = byKey.get(JSON.stringify(parts));
    if (at !== undefined) gone.add(at);
    else if (!exist)
      return set.complete
        ? stopped("Element cannot be deleted from the set: it's not added", after())
        : open(`not all members of set ${set.name} were captured`);
  }
  return done(after());
}

/** `ipset test`: of networks the narrowest that holds the address says. */
export function hasElements(set: IpSet, element: Pick<SetElement, 'parts'>): Changed<boolean> {
  const all = elementsOf(set, element.parts);
  if (all.kind !== 'done') return all;
  const [first] = element.parts;
  if (set.type === 'hash:net' && first?.kind === 'net') {
    const holding = set.elements.flatMap(({ parts: [part], nomatch }) =>
      part?.kind === 'net' && prefixCovers(part.prefix, first.prefix) ? [{ length: part.prefix.length, nomatch }] : [],
    );
    const narrowest = holding.sort((x, y) => y.length - x.length)[0];
    return done(narrowest !== undefined && !narrowest.nomatch);
  }
  if (set.type.includes('net')) return open(`tests of a set of type ${set.type} are not carried out`);
  return done(all.value.every((parts) => placesOf(set.elements).has(JSON.stringify(parts))));
}

/** `ipset flush NAME`: nothing is left, and that is known. */
export function flushSet(ns: NetNs, set: IpSet): NetNs {
  return withSet(ns, set, { ...set, elements: [], complete: true });
}

/** `ipset flush` of every set. */
export function flushSets(ns: NetNs): NetNs {
  return withSets(
    ns,
    ns.ipsets.rows.map((set) => ({ ...set, elements: [], complete: true })),
  );
}

const inUse = 'Set cannot be destroyed: it is in use by a kernel component';

/** `ipset destroy NAME`; refused while a rule or list names it. */
export function destroySet(ns: NetNs, set: IpSet): Changed<NetNs> {
  if (isReferenced(set.name, ns.ipsets.rows, ns.rulesets)) return refused(inUse);
  return done(
    withSets(
      ns,
      ns.ipsets.rows.filter((one) => one !== set),
    ),
  );
}

/** All of them, or none when one is in use; sets that only lists name go with the lists. */
export function destroySets(ns: NetNs): Changed<NetNs> {
  const used = ns.ipsets.rows.some(({ name }) => isReferenced(name, ns.ipsets.rows, ns.rulesets));
  return used ? refused(inUse) : done(withSets(ns, []));
}

/** `ipset rename`; refused while a rule or list names it. */
export function renameSet(ns: NetNs, set: IpSet, name: string): Changed<NetNs> {
  if (isReferenced(set.name, ns.ipsets.rows, ns.rulesets))
    return refused('Set cannot be renamed: it is in use by another system');
  if (ns.ipsets.rows.some((one) => one.name === name))
    return refused('Set cannot be renamed: a set with the new name already exists');
  return done(withSet(ns, set, { ...set, name }));
}

/** What each holds goes to the other; rules and lists that name one of them now find what the other held. */
export function swapSets(ns: NetNs, one: IpSet, other: IpSet): Changed<NetNs> {
  const dimensions = (set: IpSet) => setTypeNamed(set.type)?.dimensions.join();
  if (dimensions(one) !== dimensions(other) || one.family !== other.family)
    return refused('The sets cannot be swapped: their type does not match');
  const rows = ns.ipsets.rows.map((set) =>
    set === one ? { ...other, name: one.name } : set === other ? { ...one, name: other.name } : set,
  );
  return done(withSets(ns, rows));
}
