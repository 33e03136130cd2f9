/** The snapshot while commands change it, and where the next one runs. */
import {
  type Diagnostic,
  type KubeObject,
  type NetNs,
  type Node,
  parseIp,
  type Snapshot,
  type SourceFile,
  type Span,
  sameIp,
} from '@coldtrace/core';
import { promptLine } from '../transcript/prompt-line.js';
import { whatIfProblem } from './codes.js';
import { capturedPart, type FileEdit } from './file-edits.js';
import type { Stretch } from './shell/syntax.js';

export interface Bench {
  readonly before: Snapshot;
  readonly nodes: Node[];
  objects: readonly KubeObject[];
  /** The text of the commands, as a file of the snapshot. */
  readonly file: SourceFile;
  readonly files: readonly SourceFile[];
  readonly problems: Diagnostic[];
  /** Files that commands wrote or removed; they are put in place before any command runs. */
  readonly edits: FileEdit[];
  /** Where what they wrote stands in the text, by node and path; null: it stands there in another form. */
  readonly written: Map<string, Stretch | null>;
  /** Those that are in place already, since the commands run once more. */
  readonly placed: readonly FileEdit[];
}

/** Where a command runs. */
export interface Site {
  /** Place in `bench.nodes`; null: nothing says. */
  node: number | null;
  netns: string | null;
}

type Code = Parameters<typeof whatIfProblem>[0];

export function spanIn(bench: Pick<Bench, 'file'>, { start, end }: Stretch): Span {
  return { file: bench.file.id, start, end };
}

export function report(bench: Bench, code: Code, at: Stretch, data: Readonly<Record<string, string>> = {}): void {
  const prompt = amiss.has(code) ? promptBefore(bench.file.text, at.start) : null;
  if (prompt === null) bench.problems.push(whatIfProblem(code, spanIn(bench, at), data));
  else if (!bench.problems.some(({ span }) => span.start === prompt.start))
    bench.problems.push(whatIfProblem('prompt', spanIn(bench, prompt), { prompt: prompt.text }));
}

/** What has no simulation, said where it stands. */
export function refuseShape(bench: Bench, at: Stretch, what: string): null {
  report(bench, 'unsupported', at, { what });
  return null;
}

/** What a prompt in front of a command looks like to a shell. */
const amiss: ReadonlySet<Code> = new Set<Code>(['unknown-command', 'unsupported', 'variable', 'syntax']);

/** The prompt that was copied with the command of that line. */
function promptBefore(text: string, offset: number): (Stretch & { readonly text: string }) | null {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const feed = text.indexOf('\n', offset);
  const prompt = promptLine(text.slice(start, feed < 0 ? text.length : feed));
  if (prompt === null) return null;
  const end = start + prompt.end;
  return { start, end, text: text.slice(start, end).trim() };
}

function knownNodes(bench: Bench): string {
  return bench.nodes.map((node) => node.name).join(', ') || 'none';
}

/** The node that is meant; `NAME/NAMESPACE` names a namespace too. False, and said, when there is none. */
export function goTo(bench: Bench, name: string, at: Stretch): Site | null {
  const exact = bench.nodes.findIndex((node) => node.name === name);
  if (exact >= 0) return { node: exact, netns: null };
  const slash = name.indexOf('/');
  const node = slash < 0 ? -1 : bench.nodes.findIndex((one) => one.name === name.slice(0, slash));
  if (node >= 0) return { node, netns: name.slice(slash + 1) };
  report(bench, 'unknown-node', at, { name, known: knownNodes(bench) });
  return null;
}

/** The name of the node that a host is: ssh takes an address of it too, and a name with or without its domain. The name as it is where none or several fit. */
export function nodeOfHost({ nodes }: Bench, name: string): string {
  if (nodes.some((node) => node.name === name)) return name;
  const ip = parseIp(name.replace(/^\[(.*)\]$/, '$1'));
  const short = (text: string) => text.replace(/\..*$/, '');
  const fitting = nodes.filter((node) =>
    ip === null
      ? name === short(node.name) || short(name) === node.name
      : node.host.addresses.rows.some((row) => sameIp(row.ip, ip)),
  );
  const [only] = fitting;
  return only !== undefined && fitting.length === 1 ? only.name : name;
}

/** The lines of a file that these commands wrote and another of them reads: then it is no part of the capture, unless it was before. */
export function readWritten(bench: Bench, site: Site, path: string): Stretch | null {
  const node = site.node === null ? bench.nodes[0]?.name : bench.nodes[site.node]?.name;
  const body = bench.written.get(`${node ?? ''}:${path}`) ?? null;
  if (body === null) return null;
  const isNew = (edit: FileEdit) =>
    edit.path === path && edit.node === node && capturedPart(bench.before, edit) === null;
  const kept = bench.edits.filter((edit) => !isNew(edit));
  bench.edits.splice(0, bench.edits.length, ...kept);
  return body;
}

export interface Ground {
  readonly node: number;
  readonly ns: NetNs;
}

/** The namespace that the command is about; null, and said, when there is none. */
export function groundOf(bench: Bench, site: Site, at: Stretch): Ground | null {
  const index = site.node ?? (bench.nodes.length === 1 ? 0 : null);
  const node = index === null ? undefined : bench.nodes[index];
  if (index === null || node === undefined) {
    report(bench, 'no-node', at, { known: knownNodes(bench) });
    return null;
  }
  const ns = site.netns === null ? node.host : node.namespaces.find(({ name }) => name === site.netns);
  if (ns !== undefined) return { node: index, ns };
  report(bench, 'unknown-netns', at, { node: node.name, name: site.netns ?? '' });
  return null;
}

/** Puts the changed namespace in its place. */
export function settle(bench: Bench, { node: index, ns: before }: Ground, ns: NetNs): void {
  const node = bench.nodes[index];
  if (node === undefined) return;
  const namespaces = node.namespaces.map((one) => (one === before ? ns : one));
  bench.nodes[index] = node.host === before ? { ...node, host: ns } : { ...node, namespaces };
}
