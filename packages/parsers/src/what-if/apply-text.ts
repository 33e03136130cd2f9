/** A what-if: the snapshot after the commands of a text. */
import type { Diagnostic, Snapshot, SourceFile } from '@coldtrace/core';
import { type Bench, goTo, type Site } from './bench.js';
import { runScript } from './run.js';

export interface ApplyOptions {
  /** The node that the commands are about until a line names another; not needed where there is one node only. */
  readonly node?: string;
  /** How diagnostics and evidence call the text. */
  readonly fileName?: string;
}

export interface Applied {
  /** After every command that could be carried out. */
  readonly snapshot: Snapshot;
  /** Commands that were not; each says why. Nothing is passed over in silence. */
  readonly problems: readonly Diagnostic[];
}

export function applyText(snapshot: Snapshot, text: string, options: ApplyOptions = {}): Applied {
  const file: SourceFile = { id: snapshot.files.length, name: options.fileName ?? 'what-if', text };
  const files = [...snapshot.files, file];
  const bench: Bench = {
    before: snapshot,
    nodes: [...snapshot.nodes],
    objects: snapshot.objects,
    file,
    files,
    problems: [],
  };
  const site = siteOf(bench, options.node);
  if (site !== null) runScript(bench, site, 0, text.length);
  const { nodes, objects, problems } = bench;
  return {
    snapshot: { ...snapshot, files, nodes, objects },
    problems: [...problems].sort((x, y) => x.span.start - y.span.start),
  };
}

function siteOf(bench: Bench, name: string | undefined): Site | null {
  return name === undefined ? { node: null, netns: null } : goTo(bench, name, { start: 0, end: 0 });
}
