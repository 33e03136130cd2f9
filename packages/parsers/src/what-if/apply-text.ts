/** A what-if: the snapshot after the commands of a text. */
import type { Diagnostic, Snapshot, SourceFile } from '@coldtrace/core';
import { type Bench, goTo, type Site } from './bench.js';
import { whatIfProblem } from './codes.js';
import { editedFiles, type FileEdit } from './file-edits.js';
import { type Origin, originOf, rememberOrigin } from './provenance.js';
import { runScript } from './run.js';

/** Where the commands are run, and what they are called. */
export interface ApplyOptions {
  /** The node that the commands are about until a line names another; not needed where there is one node only. */
  readonly node?: string;
  /** How diagnostics and evidence call the text. */
  readonly fileName?: string;
}

/** What came of the commands. */
export interface Applied {
  /** After every command that could be carried out. */
  readonly snapshot: Snapshot;
  /** Commands that were not; each says why. Nothing is passed over in silence. */
  readonly problems: readonly Diagnostic[];
}

/** Carries out the commands of a text on a snapshot, as the real tools would on the nodes: a what-if. */
export function applyText(snapshot: Snapshot, text: string, options: ApplyOptions = {}): Applied {
  const origin = originOf(snapshot);
  const first = carriedOut(snapshot, text, options);
  const [edit] = first.edits;
  if (edit === undefined) return remembered(first, origin, text, options);
  if (origin === undefined) {
    const what = `a change of ${edit.path} in a snapshot that was not read from files`;
    const problem = whatIfProblem('unsupported', { file: snapshot.files.length, start: 0, end: text.length }, { what });
    return { snapshot: first.snapshot, problems: [...first.problems, problem] };
  }
  return withFiles(snapshot, origin, first.edits, text, options);
}

/** With its files changed the capture is read anew, and every command that was carried out since runs once more. */
function withFiles(
  snapshot: Snapshot,
  origin: Origin,
  edits: readonly FileEdit[],
  text: string,
  options: ApplyOptions,
): Applied {
  const before = origin.files.map(({ name, text: content }) => [name, content] as const);
  const whole = origin.read(editedFiles(snapshot, before, edits));
  const names = new Set(snapshot.nodes.map(({ name }) => name));
  let now: Snapshot = { ...whole, nodes: whole.nodes.filter(({ name }) => names.has(name)) };
  const placed = [...(origin.placed ?? []), ...edits];
  for (const earlier of origin.applied) now = carriedOut(now, earlier.text, earlier, placed).snapshot;
  return remembered(carriedOut(now, text, options, placed), { ...origin, files: whole.files, placed }, text, options);
}

function remembered(
  { snapshot, problems }: Applied,
  origin: Origin | undefined,
  text: string,
  options: ApplyOptions,
): Applied {
  if (origin !== undefined) rememberOrigin(snapshot, { ...origin, applied: [...origin.applied, { text, ...options }] });
  return { snapshot, problems };
}

interface CarriedOut extends Applied {
  readonly edits: readonly FileEdit[];
}

function carriedOut(
  snapshot: Snapshot,
  text: string,
  { node, fileName }: ApplyOptions,
  placed: readonly FileEdit[] = [],
): CarriedOut {
  const file: SourceFile = { id: snapshot.files.length, name: fileName ?? 'what-if', text };
  const files = [...snapshot.files, file];
  const { objects } = snapshot;
  const nodes = [...snapshot.nodes];
  const bench: Bench = {
    before: snapshot,
    nodes,
    objects,
    file,
    files,
    problems: [],
    edits: [],
    written: new Map(),
    placed,
  };
  const site = siteOf(bench, node);
  if (site !== null) runScript(bench, site, 0, text.length);
  const problems = [...bench.problems].sort((x, y) => x.span.start - y.span.start);
  return { snapshot: { ...snapshot, files, nodes: bench.nodes, objects: bench.objects }, problems, edits: bench.edits };
}

function siteOf(bench: Bench, name: string | undefined): Site | null {
  return name === undefined ? { node: null, netns: null } : goTo(bench, name, { start: 0, end: 0 });
}
