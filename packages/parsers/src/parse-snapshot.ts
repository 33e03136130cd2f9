/** Files by name to a snapshot: the library's first call. */
import { countLines, type Diagnostic, lineIndex, type ReadFile, type Snapshot, type SourceFile } from '@coldtrace/core';
import type { Contribution } from './assemble/contribution.js';
import { assemble } from './assemble/snapshot.js';
import { withTime } from './assemble/times.js';
import { formats } from './formats.js';
import { type FileReading, readFile } from './read-file.js';
import { decode } from './text/decode.js';

export type Input = string | Uint8Array;

export interface ParseOptions {
  /** Names of nodes by the path of the file or folder that describes them (`NAME=PATH`); `''` is the whole input. */
  readonly names?: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
  /** What to call the node whose dumps lie at the top, when neither a host name nor a prompt tells. */
  readonly fallbackName?: string;
  /** When files were written, milliseconds since the epoch, where an archive tells. */
  readonly modifiedAt?: ReadonlyMap<string, number>;
}

/** Never throws: what cannot be read is in the ledger and the diagnostics. */
export function parseSnapshot(
  files: ReadonlyMap<string, Input> | Iterable<readonly [string, Input]> | Readonly<Record<string, Input>>,
  options: ParseOptions = {},
): Snapshot {
  const sources: SourceFile[] = [];
  const read: (FileReading | string)[] = [];
  for (const [name, input] of entriesOf(files)) {
    const decoded = decode(input);
    const modifiedAt = options.modifiedAt?.get(name);
    const file: SourceFile = {
      id: sources.length,
      name,
      text: decoded.text,
      ...(decoded.removed === undefined ? {} : { removed: decoded.removed }),
      ...(modifiedAt === undefined ? {} : { modifiedAt }),
    };
    sources.push(file);
    read.push(decoded.problem ?? readFile(file, formats));
  }
  const contributions = read.flatMap((one) => (typeof one === 'string' ? [] : one.contributions));
  const names = options.names instanceof Map ? options.names : new Map(Object.entries(options.names ?? {}));
  const assembled = assemble(timed(contributions), { names, fallback: options.fallbackName ?? null });
  const diagnostics: Diagnostic[] = read.flatMap((one) => (typeof one === 'string' ? [] : one.diagnostics));
  return {
    files: sources,
    read: read.map((one, id) => readFileOf(sources[id], one, id, assembled.nodeOf)),
    nodes: assembled.nodes,
    objects: assembled.objects,
    observations: assembled.observations,
    diagnostics: [...diagnostics, ...assembled.diagnostics],
  };
}

function entriesOf(files: Parameters<typeof parseSnapshot>[0]): Iterable<readonly [string, Input]> {
  return Symbol.iterator in files ? (files as Iterable<readonly [string, Input]>) : Object.entries(files);
}

function readFileOf(
  file: SourceFile | undefined,
  reading: FileReading | string,
  id: number,
  nodeOf: ReadonlyMap<Contribution['source']['span'], string>,
): ReadFile {
  if (typeof reading === 'string' || file === undefined) {
    const counts = countLines(new Uint8Array(0));
    return {
      file: id,
      lineCount: 0,
      counts,
      sections: [],
      unreadable: typeof reading === 'string' ? reading : 'no file',
    };
  }
  return {
    file: id,
    lineCount: lineIndex(file).length,
    counts: countLines(reading.ledger),
    sections: reading.sections.map(({ piece, ...section }) => ({
      ...section,
      node: nodeOf.get(section.span) ?? piece.where.node,
    })),
    unreadable: null,
  };
}

/** A `date` in a text dates what follows it; one in a folder's own file dates the folder's dumps that have no time of their own. */
function timed(contributions: readonly Contribution[]): readonly Contribution[] {
  const byFile = new Map<number, number>();
  const byFolder = new Map<string, number>();
  for (const { facts, path } of contributions) {
    const at = facts.kind === 'date' ? facts.rows[0]?.at : null;
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    if (at != null && !byFolder.has(folder)) byFolder.set(folder, at);
  }
  return contributions.map((one) => {
    const at = one.facts.kind === 'date' ? one.facts.rows[0]?.at : null;
    if (at != null) byFile.set(one.file, at);
    if (one.source.takenAt !== null) return one;
    const folder = one.path.slice(0, one.path.lastIndexOf('/') + 1);
    const time = byFile.get(one.file) ?? (one.freeForm ? undefined : byFolder.get(folder));
    return time === undefined ? one : withTime(one, time);
  });
}
