/** What each machine is called: the caller's word, the layout, its own host name, its folder. */
import { type Contribution, factsOf, showsNode } from './contribution.js';
import type { Layout } from './layout.js';
import type { NodeParts } from './node.js';
import { dateInName } from './older-captures.js';
import type { Owner } from './owners.js';

export interface Naming {
  /** Names by path of a file or folder, as the caller gave them (`NAME=PATH`). */
  readonly names: ReadonlyMap<string, string>;
  /** Folders that hold an input of their own. */
  readonly roots?: readonly string[];
  /** What to call the machine whose dumps lie at the top when nothing else names it. */
  readonly fallback: string | null;
}

interface Name {
  readonly name: string;
  readonly named: boolean;
}

/** Machines by name, and what shows none. Two owners of one name are one machine. */
export function nameOwners(
  owners: readonly Owner[],
  layout: Layout,
  naming: Naming,
): { readonly nodes: readonly NodeParts[]; readonly rest: readonly Contribution[] } {
  const rest: Contribution[] = [];
  const used = new Set(owners.map((owner) => owner.name).filter((name) => name !== null));
  const nodes = new Map<string, { named: boolean; given: Contribution[] }>();
  for (const owner of owners) {
    if (owner.name === null && !owner.given.some((one) => showsNode(one.facts))) {
      rest.push(...owner.given);
      continue;
    }
    const { name, named } = nameOf(owner, layout, naming, used);
    used.add(name);
    const node = nodes.get(name);
    if (node === undefined) nodes.set(name, { named, given: [...owner.given] });
    else {
      node.given.push(...owner.given);
      node.named ||= named;
    }
  }
  const parts = [...nodes].map(([name, { named, given }]) => ({ name, named, given: inOrder(given) }));
  return { nodes: parts, rest };
}

function inOrder(given: readonly Contribution[]): readonly Contribution[] {
  return [...given].sort((left, right) => left.file - right.file || left.source.span.start - right.source.span.start);
}

function nameOf(owner: Owner, layout: Layout, naming: Naming, used: ReadonlySet<string>): Name {
  if (owner.name !== null) return { name: owner.name, named: owner.named };
  const hostname = ownHostname(owner.given);
  if (owner.folder === null) {
    if (hostname !== null) return { name: known(hostname, used), named: true };
    return { name: free(naming.fallback ?? 'unnamed', used), named: false };
  }
  const last = nameOfFolder(owner.folder);
  // A member of a cluster has the layout's name, but for an archive's name around its host name.
  if (hostname !== null && (!layout.isMember(owner.folder) || last.includes(hostname))) {
    return { name: known(hostname, used), named: true };
  }
  const name = last === '' ? (hostname ?? naming.fallback) : last;
  return name === null ? { name: free('node', used), named: false } : { name, named: true };
}

/** `node-1/2026-01-05` is called after what it is a capture of. */
function nameOfFolder(folder: string): string {
  const parts = folder.split('/');
  const named = parts.findLast((part) => dateInName(part)?.rest !== '*');
  return named === undefined || named === '' ? (parts.at(-1) ?? '') : named;
}

/** A host name with its domain is the machine that prompts call by the first part. */
function known(hostname: string, used: ReadonlySet<string>): string {
  const short = hostname.split('.', 1)[0] ?? hostname;
  return !used.has(hostname) && used.has(short) ? short : hostname;
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
