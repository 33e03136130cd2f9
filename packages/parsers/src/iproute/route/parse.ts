/** `ip route`, `ip -6 route`, `ip route show table …` and `ip route get` as text (ip-route(8), iproute2 ip/iproute.c). */
import type { Facts, Family, Observation, Route, RouteCoverage, Span } from '@coldtrace/core';
import type { Parsed, Section } from '../../format.js';
import { unendedLine } from '../../text/lines.js';
import { report } from '../codes.js';
import { argumentOf } from '../command.js';
import { type Cursor, isClean } from '../cursor.js';
import { type Entry, type EntryGrammar, eachEntry, entrySpan, type Part, trustOf } from '../entry.js';
import { settle, unknownOf } from '../problems.js';
import { finish, openReader, type Reader } from '../reader.js';
import { hidesTables, routeScope } from './coverage.js';
import { answerOf, errorAnswer, isAnswer } from './get.js';
import { readNexthop } from './hop.js';
import { opensRoute } from './opens.js';
import { addNexthop, type RouteDraft, readRoute, routeOf, shownFamily } from './words.js';

/** `cache` comes with lookups, `nh_info` (the nexthop object behind `nhid`) with `-d`. */
const further: ReadonlySet<string> = new Set(['nexthop', 'cache', 'nh_info']);

/** What is kept of an entry until the whole dump tells its family and table. */
interface Read {
  readonly draft: RouteDraft;
  readonly span: Span;
  readonly unknown: readonly string[];
  readonly repaired: boolean;
}

export function parseRoutes(section: Section): Parsed<readonly Facts[]> {
  const reader = openReader(section);
  const grammar: EntryGrammar = {
    command: 'ip route',
    opens: opensRoute,
    continues: (words) => further.has(words[0]?.text ?? ''),
    fits: (parts) => readParts(parts).cursors.every(isClean),
  };
  const gathered = newGathered();
  eachEntry(reader, grammar, (entry) => gather(reader, gathered, entry));
  return finish(reader, factsOf(reader, gathered));
}

/** The same for entries that were made of JSON. */
export function routesFrom(reader: Reader, entries: readonly Entry[]): Facts[] {
  const gathered = newGathered();
  for (const entry of entries) gather(reader, gathered, entry);
  return factsOf(reader, gathered);
}

interface Gathered {
  readonly reads: Read[];
  readonly observations: Observation[];
}

const newGathered = (): Gathered => ({ reads: [], observations: [] });

function gather(reader: Reader, gathered: Gathered, entry: Entry): void {
  const { draft, cursors } = readParts(entry.parts);
  const span = entrySpan(reader, entry);
  const clean = cursors.every(isClean);
  const answers = isAnswer(reader.command, entry, draft);
  const answer = answers ? answerOf(draft, entry, { span, ...trustOf(entry) }) : null;
  settle(reader, entry, cursors, 'route', answers ? answer === null : draft.dst === null);
  if (answer !== null) gathered.observations.push(answer);
  else if (!answers)
    gathered.reads.push({
      draft,
      span,
      unknown: clean ? [] : unknownOf(cursors),
      repaired: entry.repaired,
    });
}

function readParts(parts: readonly Part[]): { draft: RouteDraft; cursors: Cursor[] } {
  const { draft, cursor } = readRoute(parts[0]?.words ?? []);
  const cursors = [cursor];
  for (const part of parts.slice(1)) {
    if (part.words[0]?.text !== 'nexthop') continue;
    const nexthop = readNexthop(part.words);
    addNexthop(draft, nexthop.hop);
    cursors.push(nexthop.cursor);
  }
  return { draft, cursors };
}

function factsOf(reader: Reader, { reads, observations }: Gathered): Facts[] {
  observations.push(...errorAnswers(reader));
  const facts: Facts[] = [];
  const gets = reader.command?.args[0] === 'get';
  if (observations.length > 0) facts.push({ kind: 'observations', rows: observations, complete: false });
  if (reads.length === 0 && (observations.length > 0 || gets || reader.failures.length > 0)) return facts;
  facts.push(routeFacts(reader, reads, gets));
  return facts;
}

function routeFacts(reader: Reader, reads: readonly Read[], partial: boolean): Facts {
  const seen = {
    families: new Set<Family>(),
    printsTables: reads.some(({ draft }) => draft.table !== null),
    onlyLocal: reads.length > 0 && reads.every(({ draft }) => isLocalKind(draft)),
  };
  for (const { draft } of reads) {
    const family = shownFamily(draft);
    if (family !== null) seen.families.add(family);
  }
  const cut = cutOff(reader, reads);
  if (cut !== null) reader.complete = false;
  const scope = routeScope(reader.command, seen);
  const fallback = reader.command?.family ?? (seen.families.size === 1 ? [...seen.families][0] : undefined) ?? 4;
  const dev = argumentOf(reader.command, 'dev');
  const six = reads.filter(({ draft }) => (shownFamily(draft) ?? fallback) === 6);
  const tableless = hidesTables(six.map(({ draft }) => draft)) ? new Set(six) : null;
  if (tableless !== null && six[0] !== undefined) reader.diagnostics.push(report('tables-hidden', six[0].span));
  const rows: Route[] = [];
  for (const read of reads) {
    const lacks =
      read === cut ? 'the rest of the line' : leadsNowhere(read.draft, dev) ? 'next hops that are not shown' : null;
    const told = tableless?.has(read) === true ? { ...read, repaired: true } : read;
    const known = lacks === null ? told : { ...told, unknown: [...told.unknown, lacks] };
    const row = rowOf(known, fallback, scope.table, dev);
    if (lacks !== null && read !== cut) reader.diagnostics.push(report('way-hidden', read.span));
    if (row !== null) rows.push(row);
  }
  const covers = tableless === null ? scope.covers : scope.covers.filter(({ family }) => family !== 6);
  if (scope.inferred && covers.length > 0) sayInferred(reader, reads, covers.map(coverageText).join(' and '));
  return {
    kind: 'routes',
    rows,
    complete: reader.complete && !scope.filtered && !partial && (tableless === null || covers.length > 0),
    covers: partial ? [] : covers,
  };
}

/** The last route, when the dump breaks off within it: it has no way out, or one by a device whose name goes on in other routes. */
function cutOff(reader: Reader, reads: readonly Read[]): Read | null {
  const last = reads.at(-1);
  if (last !== undefined && endsWithin(reader, last)) {
    reader.diagnostics.push(report('cut-off', last.span));
    return last;
  }
  const line = unendedLine(reader.section, reader.lines);
  if (line === null || last === undefined || last.span.end < line.start || argumentOf(reader.command, 'dev') !== null)
    return null;
  const { hop, nexthops } = last.draft;
  const dev = nexthops.length > 0 ? (nexthops.at(-1)?.dev ?? null) : hop.dev;
  const others = new Set(
    reads.slice(0, -1).flatMap(({ draft }) => [draft.hop, ...draft.nexthops].map((one) => one.dev)),
  );
  const atEnd = line.text.endsWith(`dev ${dev}`);
  const nameGoesOn =
    dev !== null && atEnd && !others.has(dev) && [...others].some((other) => other?.startsWith(dev) === true);
  if (dev !== null ? !nameGoesOn : !mustLead(last.draft)) return null;
  if (last.unknown.length === 0) reader.diagnostics.push(report('cut-off', last.span));
  return last;
}

/** The text ends with a word, the only one, that is none: even of pasted text the rest is missing then. Several words are somebody's remark. */
function endsWithin({ section, lines }: Reader, { span, unknown }: Read): boolean {
  const end = lines.at(-1);
  const [word] = unknown;
  if (end === undefined || word === undefined || unknown.length > 1 || end.end !== section.file.text.length)
    return false;
  return span.end >= end.start && end.text.endsWith(word);
}

/** BusyBox prints no next hops of a route that has several, and `| grep` leaves out the lines that show them. */
function leadsNowhere(draft: RouteDraft, dev: string | null): boolean {
  const { hop, nexthops } = draft;
  return mustLead(draft) && dev === null && hop.dev === null && hop.via === null && nexthops.length === 0;
}

function mustLead({ type, nhid }: RouteDraft): boolean {
  return type === 'unicast' && nhid === null;
}

function coverageText({ family, tables }: RouteCoverage): string {
  return `${tables === 'all' ? 'all tables' : `table ${tables.join(', ')}`} of IPv${family}`;
}

function sayInferred(reader: Reader, reads: readonly Read[], covers: string): void {
  const span = reads[0]?.span;
  if (span !== undefined) reader.diagnostics.push(report('coverage-inferred', span, { covers }));
}

/** Kinds that the kernel keeps in table local; `ip -6` shows multicast there too. */
function isLocalKind(draft: RouteDraft): boolean {
  const { type } = draft;
  if (draft.table !== null) return false;
  return (
    type === 'local' || type === 'broadcast' || type === 'anycast' || (type === 'multicast' && draft.metric !== null)
  );
}

function rowOf(read: Read, fallback: Family, table: string, dev: string | null): Route | null {
  const { draft, span, unknown, repaired } = read;
  if (dev !== null && draft.hop.dev === null && draft.nexthops.length === 0) draft.hop.dev = dev;
  const row = routeOf(draft, shownFamily(draft) ?? fallback, table, span);
  if (row === null || (unknown.length === 0 && !repaired)) return row;
  return { ...row, ...(unknown.length > 0 ? { unknown } : {}), ...(repaired ? { trust: 'repaired' as const } : {}) };
}

/** What `ip route get` was refused is an answer too, where the command tells what was asked. */
function errorAnswers(reader: Reader): Observation[] {
  const answer = reader.failures.length === 1 ? errorAnswer(reader.command, reader.failures[0]) : null;
  if (answer === null) return [];
  reader.failures.length = 0;
  // It did deliver: the refusal is what was asked for.
  const at = reader.diagnostics.findIndex((one) => one.code === 'iproute/tool-failed');
  if (at >= 0) reader.diagnostics.splice(at, 1);
  return [answer];
}
