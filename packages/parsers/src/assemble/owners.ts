/** Which machine each output belongs to: by its prompt, the caller's word, the layout, and for the rest by what does not contradict. */
import type { Diagnostic, KubePod } from '@coldtrace/core';
import { assembleDiagnostic } from './codes.js';
import { type Contribution, factsOf, type Output, showsNode } from './contribution.js';
import { looksLikeMachine, machinesInNames } from './file-names.js';
import { agreement, type Identity, newIdentity, note } from './identity.js';
import { type Layout, readLayout } from './layout.js';
import { type Naming, nameOwners } from './names.js';
import type { NodeParts } from './node.js';
import { withOwnNames } from './own-names.js';
import { wholeMachines } from './whole-machines.js';

export interface Owner {
  readonly key: string;
  readonly name: string | null;
  readonly named: boolean;
  /** The folder that describes it; null for what a prompt or a text tells. */
  readonly folder: string | null;
  readonly given: Contribution[];
  readonly identity: Identity;
}

interface Sorting {
  readonly owners: Map<string, Owner>;
  readonly layout: Layout;
  readonly naming: Naming;
  readonly diagnostics: Diagnostic[];
  readonly pods: ReadonlyMap<string, KubePod>;
  /** Prompt hosts of each file. */
  readonly hosts: ReadonlyMap<string, ReadonlySet<string>>;
  /** Machines that the names of files tell, by path; only where one folder holds several. */
  readonly called: ReadonlyMap<string, string>;
  /** Nameless machines of each pasted text, the one that spoke last at the end. */
  readonly groups: Map<string, Owner[]>;
}

export interface Sorted {
  readonly nodes: readonly NodeParts[];
  /** What belongs to no machine. */
  readonly rest: readonly Contribution[];
  readonly diagnostics: readonly Diagnostic[];
}

export function sortIntoNodes(contributions: readonly Contribution[], naming: Naming): Sorted {
  const pods = podsOf(contributions);
  const placed = contributions.map((one) => inPod(pods, one));
  const showing = placed.filter((one) => showsNode(one.facts) && one.where.prompt !== 'named');
  const layout = readLayout([...new Set(showing.map((one) => one.path))], [...naming.names.keys()], naming.roots);
  const outputs = withOwnNames(outputsOf(placed));
  const hosts = hostsByFile(outputs.flat());
  const called = calledAfter(outputs, layout, new Set(nodeNamesIn(placed)));
  const sorting: Sorting = {
    owners: new Map(),
    layout,
    naming,
    diagnostics: [],
    pods,
    hosts,
    called,
    groups: new Map(),
  };
  const named = outputs.filter(([one]) => one.where.node !== null);
  // Dumps of their own come first, so that a text beside them can be held against what they show.
  const loose = outputs.filter(([one]) => one.where.node === null);
  loose.sort(([left], [right]) => Number(left.freeForm) - Number(right.freeForm));
  for (const output of named) take(sorting, namedOwner(sorting, output[0]), output);
  for (const output of loose) take(sorting, looseOwner(sorting, output), output);
  const { nodes, rest } = nameOwners([...sorting.owners.values()], layout, naming);
  return { nodes, rest, diagnostics: sorting.diagnostics };
}

function outputsOf(contributions: readonly Contribution[]): readonly Output[] {
  const outputs: [Contribution, ...Contribution[]][] = [];
  for (const one of contributions) {
    const last = outputs.at(-1);
    if (last !== undefined && last[0].source.span === one.source.span) last.push(one);
    else outputs.push([one]);
  }
  return outputs;
}

function hostsByFile(contributions: readonly Contribution[]): ReadonlyMap<string, ReadonlySet<string>> {
  const hosts = new Map<string, Set<string>>();
  for (const { path, where } of contributions) {
    if (where.node === null) continue;
    const known = hosts.get(path) ?? new Set();
    hosts.set(path, known.add(where.node));
  }
  return hosts;
}

function take(sorting: Sorting, owner: Owner, output: Output): void {
  sorting.owners.set(owner.key, owner);
  owner.given.push(...output);
  note(owner.identity, output);
}

function ownerBy(sorting: Sorting, key: string, given: Partial<Pick<Owner, 'name' | 'named' | 'folder'>>): Owner {
  const { name = null, named = false, folder = null } = given;
  return sorting.owners.get(key) ?? { key, name, named, folder, given: [], identity: newIdentity() };
}

function byName(sorting: Sorting, name: string): Owner {
  return ownerBy(sorting, `name ${name}`, { name, named: true });
}

/** A prompt names its machine, unless the caller named the file and it holds no other. */
function namedOwner(sorting: Sorting, one: Contribution): Owner {
  const said = sorting.naming.names.get(sorting.layout.folderOf(one.path));
  return byName(sorting, said !== undefined && sorting.hosts.get(one.path)?.size === 1 ? said : (one.where.node ?? ''));
}

function looseOwner(sorting: Sorting, output: Output): Owner {
  const [one] = output;
  const { netns, prompt } = one.where;
  if (netns?.startsWith('pod:') === true && prompt === 'anonymous') {
    return ownerBy(sorting, `in ${netns}`, { name: netns.slice(4) });
  }
  const folder = sorting.layout.folderOf(one.path);
  const said = sorting.naming.names.get(folder);
  if (said !== undefined) return byName(sorting, said);
  const called = sorting.called.get(one.path);
  if (called !== undefined) return byName(sorting, called);
  const structured = ownerBy(sorting, `folder ${folder}`, { named: true, folder });
  if (!one.freeForm) return structured;
  const hosts = [...(sorting.hosts.get(one.path) ?? [])];
  const [sole] = hosts;
  if (prompt === 'none' && hosts.length === 1 && sole !== undefined) {
    const owner = byName(sorting, sole);
    if (agreement(owner.identity, output).against === null) return owner;
  }
  const beside = structured.given.length > 0 || sorting.layout.isMember(folder);
  if (beside && hosts.length === 0 && agreement(structured.identity, output).against === null) return structured;
  return looseGroup(sorting, output);
}

/** More machines than that in one text are not told apart. */
const mostGroups = 64;

/** The machine of this text that an output fits: one that it knows again, else the one that spoke last, else another. */
function looseGroup(sorting: Sorting, output: Output): Owner {
  const [{ path, source }] = output;
  const groups = sorting.groups.get(path) ?? [];
  sorting.groups.set(path, groups);
  const judged = groups.map((owner) => ({ owner, ...agreement(owner.identity, output) }));
  const last = judged.at(-1);
  const known = judged.findLast((one) => one.against === null && one.agrees);
  const chosen = known ?? (last?.against === null || groups.length >= mostGroups ? last : undefined);
  if (chosen !== undefined) {
    if (chosen !== last) groups.push(...groups.splice(groups.indexOf(chosen.owner), 1));
    return chosen.owner;
  }
  if (last?.against != null) {
    sorting.diagnostics.push(assembleDiagnostic('several-machines', source.span, { what: last.against }));
  }
  const owner = ownerBy(sorting, `text ${path} ${groups.length}`, {});
  groups.push(owner);
  return owner;
}

/** Files of one folder that are called after several machines: where what they show is not of one, or the names can be nothing else. */
function calledAfter(
  outputs: readonly Output[],
  layout: Layout,
  nodes: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const folders = new Map<string, Set<string>>();
  for (const [{ path, where, facts }] of outputs) {
    if (where.prompt !== 'none' || !showsNode(facts)) continue;
    const folder = layout.folderOf(path);
    folders.set(folder, (folders.get(folder) ?? new Set()).add(path));
  }
  const called = new Map<string, string>();
  for (const [folder, paths] of folders) {
    if (paths.size < 2) continue;
    const whole = wholeMachines(outputs.filter(([{ path, freeForm }]) => paths.has(path) && !freeForm));
    for (const [path, name] of whole) called.set(path, name);
    if (whole.size > 0) continue;
    const inside = folder === '' ? 0 : folder.length + 1;
    const found = machinesInNames(
      [...paths].map((path) => path.slice(inside)),
      folder.slice(folder.lastIndexOf('/') + 1),
    );
    if (found.size === 0) continue;
    const machineOf = (path: string) => found.get(path.slice(inside));
    const names = new Set(found.values());
    const sure = [...names].every((name) => nodes.has(name) || looksLikeMachine(name));
    if (
      !sure &&
      !areSeveral(
        outputs.filter(([one]) => paths.has(one.path)),
        machineOf,
      )
    )
      continue;
    for (const path of paths) {
      const name = machineOf(path);
      if (name !== undefined) called.set(path, name);
    }
  }
  return called;
}

/** Whether the outputs under one name contradict those under another. */
function areSeveral(outputs: readonly Output[], machineOf: (path: string) => string | undefined): boolean {
  const identities = new Map<string, Identity>();
  for (const output of outputs) {
    const name = machineOf(output[0].path);
    if (name === undefined || output[0].where.netns !== null) continue;
    for (const [other, identity] of identities) {
      if (other !== name && agreement(identity, output).against !== null) return true;
    }
    const identity = identities.get(name) ?? newIdentity();
    note(identity, output);
    identities.set(name, identity);
  }
  return false;
}

function nodeNamesIn(contributions: readonly Contribution[]): readonly string[] {
  return factsOf(contributions, 'kube-objects').flatMap(({ facts }) =>
    facts.rows.flatMap((row) => (row.kind === 'Node' ? [row.meta.name] : [])),
  );
}

function podsOf(contributions: readonly Contribution[]): ReadonlyMap<string, KubePod> {
  const pods = new Map<string, KubePod>();
  for (const { facts } of factsOf(contributions, 'kube-objects')) {
    for (const row of facts.rows) {
      if (row.kind === 'Pod') pods.set(`pod:${row.meta.namespace ?? 'default'}/${row.meta.name}`, row);
    }
  }
  return pods;
}

/** Output of a pod whose node the API objects tell; a pod on the host's network shows the host. */
function inPod(pods: ReadonlyMap<string, KubePod>, one: Contribution): Contribution {
  const pod = one.where.netns === null ? undefined : pods.get(one.where.netns);
  if (pod?.nodeName == null) return one;
  return { ...one, where: { prompt: 'named', node: pod.nodeName, netns: pod.hostNetwork ? null : one.where.netns } };
}
