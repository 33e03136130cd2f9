/** Files that a what-if writes or removes: which captured file is meant, and the capture with it changed. */
import { dumps, type Snapshot } from '@coldtrace/core';

export interface FileEdit {
  /** Name of the node. */
  readonly node: string;
  readonly path: string;
  /** null: the file is removed. */
  readonly text: string | null;
}

export interface Part {
  readonly name: string;
  /** A stretch of the file that holds the output of `cat PATH`; null: the whole file. */
  readonly stretch: { readonly start: number; readonly end: number } | null;
}

/** The captured file that ends in the same folders and name, on that node. */
export function capturedPart(snapshot: Snapshot, { node, path }: Pick<FileEdit, 'node' | 'path'>): Part | null {
  const shown = shownByCat(snapshot, node, path) ?? listedCertificate(snapshot, node, path);
  if (shown !== null) return shown;
  const collected = Object.values(dumps).find(({ command }) => command === `cat ${path}`)?.file;
  const wanted = segmentsOf(path);
  let best: { readonly name: string; readonly score: number } | null = null;
  for (const file of filesOfNode(snapshot, node)) {
    const score = file.replace(/^.*\//, '') === collected ? 1.5 : commonEnd(segmentsOf(file), wanted);
    if (score > 0 && score > (best?.score ?? 0)) best = { name: file, score };
  }
  return best === null ? null : { name: best.name, stretch: null };
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function commonEnd(one: readonly string[], other: readonly string[]): number {
  let count = 0;
  while (count < Math.min(one.length, other.length) && one.at(-1 - count) === other.at(-1 - count)) count++;
  return count;
}

function shownByCat(snapshot: Snapshot, node: string, path: string): Part | null {
  for (const { file, sections } of snapshot.read) {
    const section = sections.find((one) => one.node === node && one.command?.replace(/^sudo\s+/, '') === `cat ${path}`);
    const source = snapshot.files[file];
    if (section !== undefined && source !== undefined) return { name: source.name, stretch: section.span };
  }
  return null;
}

/** One of many in a listing that names the file above each: `find … -print -exec openssl x509 -text`. With its chain, if it has one. */
function listedCertificate({ nodes, files }: Snapshot, node: string, path: string): Part | null {
  const rows = (nodes.find(({ name }) => name === node)?.certificates ?? []).filter(
    ({ place }) => place.kind === 'file' && place.path === path,
  );
  const [first] = rows;
  const name = first === undefined ? undefined : files[first.span.file]?.name;
  if (first === undefined || name === undefined || segmentsOf(name).at(-1) === segmentsOf(path).at(-1)) return null;
  const ends = rows.filter(({ span }) => span.file === first.span.file).map(({ span }) => span.end);
  return { name, stretch: { start: first.span.start, end: Math.max(...ends) } };
}

function filesOfNode(snapshot: Snapshot, node: string): readonly string[] {
  const folder = folderOfNode(snapshot, node);
  return snapshot.read.flatMap(({ file, sections }) => {
    const name = snapshot.files[file]?.name ?? '';
    const own = sections.some((one) => one.node === node);
    const beside = folder !== '' ? name.startsWith(folder) : snapshot.nodes.length === 1;
    return own || (beside && sections.every((one) => one.node === null)) ? [name] : [];
  });
}

/** The folder that holds every file of the node, with its slash; empty at the top. */
function folderOfNode(snapshot: Snapshot, node: string): string {
  const names = snapshot.read.flatMap(({ file, sections }) =>
    sections.some((one) => one.node === node) ? [snapshot.files[file]?.name ?? ''] : [],
  );
  const [first] = names;
  if (first === undefined) return '';
  let common = segmentsOf(first).slice(0, -1);
  for (const name of names) {
    const parts = segmentsOf(name).slice(0, -1);
    const end = common.findIndex((part, at) => parts[at] !== part);
    if (end >= 0) common = common.slice(0, end);
  }
  return common.length === 0 ? '' : `${common.join('/')}/`;
}

/** The files with the edits made; a file that was not captured is a new one of its node. */
export function editedFiles(
  snapshot: Snapshot,
  files: readonly (readonly [string, string])[],
  edits: readonly FileEdit[],
): readonly (readonly [string, string])[] {
  const now = new Map(files);
  const cuts = new Map<string, Map<number, Cut>>();
  for (const edit of edits) {
    const part = capturedPart(snapshot, edit);
    const name = part?.name ?? `${folderOfNode(snapshot, edit.node)}${collectedName(edit.path)}`;
    if (part?.stretch != null) {
      const ofFile = cuts.get(name) ?? new Map<number, Cut>();
      cuts.set(name, ofFile.set(part.stretch.start, { end: part.stretch.end, text: edit.text ?? '' }));
    } else if (edit.text === null) now.delete(name);
    else now.set(name, edit.text);
  }
  for (const [name, ofFile] of cuts) now.set(name, withCuts(now.get(name) ?? '', ofFile));
  return [...now];
}

interface Cut {
  readonly end: number;
  readonly text: string;
}

/** From the last one on, so that what is cut stands where it stood when it was captured; of two at one place the later one holds. */
function withCuts(text: string, cuts: ReadonlyMap<number, Cut>): string {
  return [...cuts]
    .sort(([one], [other]) => other - one)
    .reduce((rest, [start, cut]) => `${rest.slice(0, start)}${cut.text}${rest.slice(cut.end)}`, text);
}

/** As the collector would call it; else its whole path, below a folder that says that it is a machine's. */
function collectedName(path: string): string {
  return Object.values(dumps).find(({ command }) => command === `cat ${path}`)?.file ?? path.replace(/^\/+/, '');
}
