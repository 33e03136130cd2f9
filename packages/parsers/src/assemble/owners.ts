/** Which machine each output belongs to: by its prompt, the caller's word, the layout, and for the rest by what does not contradict. */
import type { Diagnostic, KubePod } from '@coldtrace/core';
import { assembleDiagnostic } from './codes.js';
import { type Contribution, factsOf, showsNode } from './contribution.js';
import { contradiction, type Identity, newIdentity, note } from './identity.js';
import { type Layout, readLayout } from './layout.js';
import type { NodeParts } from './node.js';

export interface Naming {
  /** Names by path of a file or folder, as the caller gave them (`NAME=PATH`). */
  readonly names: ReadonlyMap<string, string>;
  /** What to call the machine whose dumps lie at the top when nothing else names it. */
  readonly fallback: string | null;
}

interface Owner {
  readonly key: string;
  readonly name: string | null;
  readonly named: boolean;
  readonly given: Contribution[];
  readonly identity: Identity;
}

interface Sorting {
  readonly owners: Map<string, Owner>;
  readonly layout: Layout;
  readonly naming: Naming;
  readonly diagnostics: Diagnostic[];
  readonly pods: readonly KubePod[];
}

export interface Sorted {
  readonly nodes: readonly NodeParts[];
  /** What belongs to no machine. */
  readonly rest: readonly Contribution[];
  readonly diagnostics: readonly Diagnostic[];
}

export function sortIntoNodes(contributions: readonly Contribution[], naming: Naming): Sorted {
  const showing = contributions.filter((one) => showsNode(one.facts) && one.where.prompt !== 'named');
  const layout = readLayout([...new Set(showing.map((one) => one.path))], [...naming.names.keys()]);
  const pods = factsOf(contributions, 'kube-objects').flatMap(({ facts }) =>
    facts.rows.filter((row): row is KubePod => row.kind === 'Pod'),
  );
  const sorting: Sorting = { owners: new Map(), layout, naming, diagnostics: [], pods };
  const placed = contributions.map((one) => inPod(sorting, one));
  const hosts = hostsByFile(placed);
  for (const one of placed) {
    if (one.where.prompt === 'named' && one.where.node !== null) take(sorting, nameOwner(sorting, one, hosts), one);
  }
  for (const one of placed) {
    if (one.where.prompt !== 'named' || one.where.node === null) take(sorting, looseOwner(sorting, one, hosts), one);
  }
  return finish(sorting);
}

/** Prompt hosts of each file. */
function hostsByFile(contributions: readonly Contribution[]): ReadonlyMap<string, ReadonlySet<string>> {
  const hosts = new Map<string, Set<string>>();
  for (const { path, where } of contributions) {
    if (where.node === null) continue;
    const known = hosts.get(path) ?? new Set();
    hosts.set(path, known.add(where.node));
  }
  return hosts;
}

function take(sorting: Sorting, owner: Owner, contribution: Contribution): void {
  if (!sorting.owners.has(owner.key)) sorting.owners.set(owner.key, owner);
  owner.given.push(contribution);
  note(owner.identity, contribution);
}

function ownerBy(sorting: Sorting, key: string, name: string | null, named: boolean): Owner {
  return sorting.owners.get(key) ?? { key, name, named, given: [], identity: newIdentity() };
}

/** A prompt names its machine, unless the caller named the file and it holds no other. */
function nameOwner(sorting: Sorting, one: Contribution, hosts: ReadonlyMap<string, ReadonlySet<string>>): Owner {
  const said = sorting.naming.names.get(sorting.layout.folderOf(one.path));
  const name = said !== undefined && hosts.get(one.path)?.size === 1 ? said : (one.where.node ?? '');
  return ownerBy(sorting, `name ${name}`, name, true);
}

function looseOwner(sorting: Sorting, one: Contribution, hosts: ReadonlyMap<string, ReadonlySet<string>>): Owner {
  if (one.where.netns?.startsWith('pod:') === true && one.where.node === null && one.where.prompt === 'anonymous') {
    return ownerBy(sorting, `in ${one.where.netns}`, one.where.netns.slice(4), false);
  }
  const folder = sorting.layout.folderOf(one.path);
  const said = sorting.naming.names.get(folder);
  if (said !== undefined) return ownerBy(sorting, `name ${said}`, said, true);
  if (!one.freeForm) return ownerBy(sorting, `folder ${folder}`, null, true);
  const own = hosts.get(one.path);
  const [sole] = own ?? [];
  if (one.where.prompt === 'none' && own?.size === 1 && sole !== undefined) {
    const owner = ownerBy(sorting, `name ${sole}`, sole, true);
    if (contradiction(owner.identity, one) === null) return owner;
  }
  return looseGroup(sorting, one);
}

/** More machines than that in one text are not told apart. */
const mostGroups = 64;

/** The first group of nameless outputs of this text that the output does not contradict. */
function looseGroup(sorting: Sorting, one: Contribution): Owner {
  let what: string | null = null;
  for (let group = 0; ; group++) {
    const owner = ownerBy(sorting, `text ${one.path} ${group}`, null, false);
    const against = contradiction(owner.identity, one);
    if (against !== null && group < mostGroups) {
      what = against;
      continue;
    }
    if (what !== null && owner.given.length === 0) {
      sorting.diagnostics.push(assembleDiagnostic('several-machines', one.source.span, { what }));
    }
    return owner;
  }
}

/** Output of a pod whose node the API objects tell; a pod on the host's network shows the host. */
function inPod(sorting: Sorting, one: Contribution): Contribution {
  const { netns } = one.where;
  if (netns?.startsWith('pod:') !== true) return one;
  const [namespace, name] = netns.slice(4).split('/');
  const pod = sorting.pods.find(
    (candidate) => candidate.meta.name === name && (candidate.meta.namespace ?? 'default') === namespace,
  );
  if (pod?.nodeName == null) return one;
  return { ...one, where: { prompt: 'named', node: pod.nodeName, netns: pod.hostNetwork ? null : netns } };
}

function finish(sorting: Sorting): Sorted {
  const rest: Contribution[] = [];
  const nodes = new Map<string, { named: boolean; given: Contribution[] }>();
  const used = new Set([...sorting.owners.values()].map((owner) => owner.name).filter((name) => name !== null));
  for (const owner of sorting.owners.values()) {
    const real = owner.given.some((one) => showsNode(one.facts)) || owner.key.startsWith('name ');
    if (!real) {
      rest.push(...owner.given);
      continue;
    }
    const { name, named } = nameFor(sorting, owner, used);
    used.add(name);
    const node = nodes.get(name) ?? { named, given: [] };
    node.given.push(...owner.given);
    nodes.set(name, { named: node.named || named, given: node.given });
  }
  return {
    nodes: [...nodes].map(([name, { named, given }]) => ({ name, named, given: inOrder(given) })),
    rest,
    diagnostics: sorting.diagnostics,
  };
}

function inOrder(given: readonly Contribution[]): readonly Contribution[] {
  return [...given].sort((left, right) => left.file - right.file || left.source.span.start - right.source.span.start);
}

/** A name for a machine that no prompt and no caller named. */
function nameFor(
  sorting: Sorting,
  owner: Owner,
  used: ReadonlySet<string>,
): { readonly name: string; readonly named: boolean } {
  if (owner.name !== null) return { name: owner.name, named: owner.named };
  const hostname = ownHostname(owner.given);
  const folder = owner.key.startsWith('folder ') ? owner.key.slice(7) : null;
  if (folder !== null) {
    const last = folder.slice(folder.lastIndexOf('/') + 1);
    if (hostname !== null && (!sorting.layout.isMember(folder) || last.includes(hostname)))
      return { name: hostname, named: true };
    const name = last === '' ? (hostname ?? sorting.naming.fallback) : last;
    return name === null ? { name: free('node', used), named: false } : { name, named: true };
  }
  if (hostname !== null) return { name: hostname, named: true };
  return { name: free(sorting.naming.fallback ?? 'unnamed', used), named: false };
}

function ownHostname(given: readonly Contribution[]): string | null {
  const host = given.filter((one) => one.where.netns === null);
  const said = factsOf(host, 'hostname')[0]?.facts.rows[0]?.text;
  if (said !== undefined) return said;
  return factsOf(host, 'kernel')[0]?.facts.rows.find((row) => row.nodename !== null)?.nodename ?? null;
}

function free(name: string, used: ReadonlySet<string>): string {
  if (!used.has(name)) return name;
  let number = 2;
  while (used.has(`${name}-${number}`)) number++;
  return `${name}-${number}`;
}
