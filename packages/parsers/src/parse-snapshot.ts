/** Files by name to a snapshot: the library's first call. */
import {
  countLines,
  type Diagnostic,
  type Family,
  type ReadFile,
  type ReadSection,
  type Snapshot,
  type SourceFile,
} from '@coldtrace/core';
import { brokenOff } from './assemble/broken-off.js';
import { withoutOlder } from './assemble/older-captures.js';
import { type Assembled, assemble } from './assemble/snapshot.js';
import { timed } from './assemble/times.js';
import { formats } from './formats.js';
import type { FileReading } from './read-file.js';
import { readGiven } from './read-given.js';
import { decode } from './text/decode.js';
import { unwrapped } from './text/unwrap.js';
import { rememberOrigin } from './what-if/provenance.js';

/** A file as text, or as bytes: UTF-8, or UTF-16 that looks like it. Bytes of another kind are named in `ReadFile.unreadable`. */
export type Input = string | Uint8Array;

/** What the caller knows of the files that they do not say themselves. */
export interface ParseOptions {
  /** Names of nodes by the path of the file or folder that describes them (`NAME=PATH`); `''` is the whole input. */
  readonly names?: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
  /** Folders that hold an input of their own (several inputs merged into one snapshot): each is laid out by itself. */
  readonly roots?: readonly string[];
  /** Of packet filter rules that do not say whether they are iptables' or ip6tables'. */
  readonly family?: Family;
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
    const within = unwrapped(name, decoded.text);
    const modifiedAt = options.modifiedAt?.get(name);
    const given: SourceFile = {
      id: sources.length,
      name: within?.[0] ?? name,
      text: within?.[1] ?? decoded.text,
      ...(decoded.removed === undefined || within !== null ? {} : { removed: decoded.removed }),
      ...(modifiedAt === undefined ? {} : { modifiedAt }),
    };
    if (decoded.problem !== undefined) {
      sources.push(given);
      read.push(decoded.problem);
      continue;
    }
    const { file, reading } = readGiven(given, formats, options.family);
    sources.push(file);
    read.push(reading);
  }
  const given = read.flatMap((one) => (typeof one === 'string' ? [] : one.contributions));
  const { contributions, diagnostics: endings } = brokenOff(given, sources);
  const names = new Map([...namesOf(options.names ?? {})].map(([path, name]) => [plainPath(path), name]));
  const newest = withoutOlder(contributions, [...names.keys()]);
  const assembled = assemble(timed(newest.contributions, sources), {
    names,
    roots: options.roots ?? [],
    fallback: options.fallbackName ?? null,
  });
  const diagnostics: Diagnostic[] = read.flatMap((one) => (typeof one === 'string' ? [] : one.diagnostics));
  const snapshot: Snapshot = {
    files: sources,
    read: read.map((one, id) => readFileOf(sources[id], one, id, assembled.placeOf)),
    nodes: assembled.nodes,
    objects: assembled.objects,
    observations: assembled.observations,
    diagnostics: [...diagnostics, ...endings, ...newest.diagnostics, ...assembled.diagnostics],
  };
  rememberOrigin(snapshot, { files: sources, read: (changed) => parseSnapshot(changed, options), applied: [] });
  return snapshot;
}

function entriesOf(files: Parameters<typeof parseSnapshot>[0]): Iterable<readonly [string, Input]> {
  return Symbol.iterator in files ? (files as Iterable<readonly [string, Input]>) : Object.entries(files);
}

function namesOf(names: NonNullable<ParseOptions['names']>): Iterable<readonly [string, string]> {
  return Symbol.iterator in names ? (names as Iterable<readonly [string, string]>) : Object.entries(names);
}

/** `./node-1/` is `node-1`. */
function plainPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function readFileOf(
  file: SourceFile | undefined,
  reading: FileReading | string,
  id: number,
  placeOf: Assembled['placeOf'],
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
    lineCount: reading.ledger.length,
    counts: countLines(reading.ledger),
    sections: placed(reading.sections, placeOf),
    unreadable: null,
  };
}

/** A stretch that nobody could read belongs to the machine of the rest of its file, when that is one. */
function placed(sections: readonly ReadSection[], placeOf: Assembled['placeOf']): readonly ReadSection[] {
  const known = new Set(sections.flatMap((section) => placeOf.get(section.span)?.node ?? []));
  const [sole] = known.size === 1 ? known : [];
  return sections.map((section) => {
    const place = placeOf.get(section.span);
    return place === undefined ? { ...section, node: section.node ?? sole ?? null } : { ...section, ...place };
  });
}
