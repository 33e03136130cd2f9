/** What the tests of whole texts share: a snapshot of one text, and its parts as short words. */
import type { Node, Snapshot } from '@coldtrace/core';
import { type ParseOptions, parseSnapshot } from '../parse-snapshot.js';

export function snapshotOf(text: string, options: ParseOptions = {}, name = 'ticket.txt'): Snapshot {
  return parseSnapshot([[name, text]], options);
}

export function snapshotOfFiles(files: Readonly<Record<string, string>>, options: ParseOptions = {}): Snapshot {
  return parseSnapshot(files, options);
}

/** Node names in order. */
export function nodeNames(snapshot: Snapshot): readonly string[] {
  return snapshot.nodes.map((node) => node.name);
}

export function nodeNamed(snapshot: Snapshot, name: string): Node {
  const node = snapshot.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`no node ${name} among ${nodeNames(snapshot).join(', ')}`);
  return node;
}

export function onlyNode(snapshot: Snapshot): Node {
  const [node] = snapshot.nodes;
  if (node === undefined || snapshot.nodes.length > 1) throw new Error(`nodes: ${nodeNames(snapshot).join(', ')}`);
  return node;
}

/** `FORMAT` or `FORMAT@NODE` of each section that a parser read. */
export function sectionsOf(snapshot: Snapshot): readonly string[] {
  return snapshot.read.flatMap((file) =>
    file.sections
      .filter((section) => section.format !== null)
      .map((section) => (section.node === null ? `${section.format}` : `${section.format}@${section.node}`)),
  );
}

export function codesOf(snapshot: Snapshot): readonly string[] {
  return [...new Set(snapshot.diagnostics.map((one) => one.code))];
}

/** True when every line of every file is in exactly one state. */
export function ledgersAreComplete(snapshot: Snapshot): boolean {
  return snapshot.read.every((file) => {
    const { modelled, inert, opaque, conditional, unrecognized } = file.counts;
    return modelled + inert + opaque + conditional + unrecognized === file.lineCount;
  });
}
