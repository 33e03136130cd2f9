/** Captures of one machine or cluster at several times, beside each other: `node-1/2026-01-04/…`, `node-1/2026-01-05/…`, `ip-addr-20260105.txt`. Mixed they would be no machine's: the newest counts. */
import type { Diagnostic } from '@coldtrace/core';
import { assembleDiagnostic } from './codes.js';
import { type Contribution, showsNode } from './contribution.js';
import { shortName } from './identity.js';
import { traitsOf } from './traits.js';

const date =
  /^(|.*[^0-9])((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\3(0[1-9]|[12]\d|3[01])(?:[T_. -]?([01]\d|2[0-3])([-_:.h]?)([0-5]\d)(?:\7([0-5]\d))?[sZ]?)?((?:[^0-9].*)?)$/;

interface Dated {
  /** The name without the date. */
  readonly rest: string;
  /** Its digits, the greatest unit first. */
  readonly at: string;
}

/** What the name of a folder or file says about the time of a capture. */
export function dateInName(name: string): Dated | null {
  const found = date.exec(name.slice(0, 255));
  if (found === null) return null;
  const [, before = '', year, , month, day, hour = '', , minute = '', second = '', behind = ''] = found;
  return { rest: `${before}*${behind}`, at: `${year}${month}${day}${hour}${minute}${second}` };
}

interface Capture {
  readonly path: string;
  readonly at: string;
  /** What it holds, by the path below. */
  readonly held: Set<string>;
  /** What the machines in it call themselves. */
  readonly names: Set<string>;
  readonly macs: Set<string>;
}

/** The captures that are not the newest of theirs. `named`: folders that the caller named. */
export function withoutOlder(
  contributions: readonly Contribution[],
  named: readonly string[],
): { readonly contributions: readonly Contribution[]; readonly diagnostics: readonly Diagnostic[] } {
  const older = olderOf(contributions, named);
  if (older.size === 0) return { contributions, diagnostics: [] };
  const left: Contribution[] = [];
  const told = new Map<string, Diagnostic>();
  for (const one of contributions) {
    const capture = capturesAbove(one.path).find((path) => older.has(path));
    // Log files are dated too, and older entries are of the same story.
    if (capture === undefined || (capture === one.path && !showsNode(one.facts))) left.push(one);
    else if (!told.has(capture)) {
      const newer = older.get(capture) ?? '';
      told.set(capture, assembleDiagnostic('older-capture', one.source.span, { capture, newer }));
    }
  }
  return { contributions: left, diagnostics: [...told.values()] };
}

/** Paths of captures with the newer one of each. */
function olderOf(contributions: readonly Contribution[], named: readonly string[]): ReadonlyMap<string, string> {
  const groups = new Map<string, Map<string, Capture>>();
  for (const one of contributions) {
    if (!showsNode(one.facts)) continue;
    const parts = one.path.split('/');
    for (const [depth, part] of parts.entries()) {
      const dated = dateInName(part);
      if (dated === null) continue;
      const folder = parts.slice(0, depth).join('/');
      const key = `${folder}\n${dated.rest}`;
      const group = groups.get(key) ?? new Map<string, Capture>();
      groups.set(key, group);
      const own = parts.slice(0, depth + 1).join('/');
      const capture = group.get(own) ?? { path: own, at: dated.at, held: new Set(), names: new Set(), macs: new Set() };
      group.set(own, capture);
      capture.held.add(parts.slice(depth + 1).join('/'));
      for (const name of namesIn(one)) capture.names.add(name);
      for (const mac of macsIn(one)) capture.macs.add(mac);
    }
  }
  const older = new Map<string, string>();
  for (const group of groups.values()) {
    const captures = [...group.values()].sort((left, right) => (left.at < right.at ? -1 : 1));
    const last = captures.at(-1);
    for (const one of captures) {
      const { path, at, held } = one;
      if (last === undefined || at === last.at || named.some((one) => isWithin(one, path))) continue;
      // One that holds nothing of the same is of another machine, or completes it.
      if (shareAny(held, last.held) && !areOthers(one, last)) older.set(path, last.path);
    }
  }
  return older;
}

/** Machines can have dates in their names, of the day when they were made. */
function areOthers(one: Capture, other: Capture): boolean {
  const [mine, theirs] = one.names.size > 0 && other.names.size > 0 ? [one.names, other.names] : [one.macs, other.macs];
  return mine.size > 0 && theirs.size > 0 && !shareAny(mine, theirs);
}

function shareAny(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((value) => other.has(value));
}

function namesIn({ facts, where }: Contribution): readonly string[] {
  if (where.netns !== null) return [];
  const own =
    facts.kind === 'hostname'
      ? facts.rows.map(({ text }) => text)
      : facts.kind === 'kernel'
        ? facts.rows.flatMap(({ nodename }) => nodename ?? [])
        : [];
  return [...own, ...(where.prompt === 'named' && where.node !== null ? [where.node] : [])].map(shortName);
}

/** Of cards and the like, which no other machine has. */
function macsIn(one: Contribution): readonly string[] {
  return one.facts.kind === 'links' ? traitsOf(one).flatMap(({ values }) => [...values]) : [];
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** A path and the folders above it. */
function capturesAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}
