/** Files that break off: of all tools' outputs of an input only few lack their last line feed, so whoever collected did not take those away. */
import type { Diagnostic, Facts, FactsKind, SourceFile, Span } from '@coldtrace/core';
import { assembleDiagnostic } from './codes.js';
import { type Contribution, thinned } from './contribution.js';

/** Lists that a tool prints a line at a time; packet filter rules and sysctl tell by themselves where they break off. */
const listed: ReadonlySet<FactsKind> = new Set([
  'addresses',
  'addr-labels',
  'bridge-vlans',
  'certificates',
  'conntrack',
  'containers',
  'fdb',
  'ipsets',
  'ipvs',
  'ipvs-connections',
  'links',
  'multicast',
  'neighbours',
  'nexthops',
  'packet-queues',
  'policy-rules',
  'processes',
  'recent-lists',
  'reservations',
  'routes',
  'sockets',
]);

/** Last lines that nothing can follow, or hardly: the brackets of JSON, an address to its end, the standard rule that comes last. */
const endsWhole = /[\]}]\s*$|preferred_lft (?:forever|\d+sec)\s*$|(?:^|\n)32767:\s.*\sdefault\s*$/;

/** So many others that end as tools end their outputs make one a habit. */
const fewest = 3;

export interface BrokenOff {
  readonly contributions: readonly Contribution[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a file that breaks off holds speaks for no other rows of its kind. */
export function brokenOff(contributions: readonly Contribution[], sources: readonly SourceFile[]): BrokenOff {
  const files = [...new Set(contributions.flatMap(({ file, freeForm }) => (freeForm ? [] : [file])))];
  const unended = new Set(files.filter((file) => breaksOff(sources[file]?.text ?? '')));
  if (unended.size === 0 || files.length - unended.size < fewest * unended.size)
    return { contributions, diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const read = contributions.map((one) => {
    const { file, facts, source } = one;
    if (!unended.has(file) || one.freeForm || !listed.has(facts.kind)) return one;
    const last = lastLine(sources[file]?.text ?? '', file);
    // What is left of the last line may look like another output.
    if (source.span.end < last.start) return one;
    diagnostics.push(assembleDiagnostic('breaks-off', last));
    return { ...one, facts: withoutEnd(thinned(facts), last) };
  });
  const told = new Set<number>();
  return {
    contributions: read,
    diagnostics: diagnostics.filter(({ span }) => !told.has(span.file) && told.add(span.file)),
  };
}

/** Half an id, a key or a name is another one. */
function withoutEnd(facts: Facts, last: Span): Facts {
  if (facts.kind === 'reservations') return { ...facts, rows: facts.rows.filter(({ span }) => span.end < last.start) };
  // A virtual service has its servers below it.
  if (facts.kind === 'ipvs') return { ...facts, rows: facts.rows.slice(0, -1) };
  if (facts.kind !== 'certificates') return facts;
  return { ...facts, rows: facts.rows.filter(({ der, span }) => der !== null || span.end < last.start) };
}

function breaksOff(text: string): boolean {
  return text !== '' && !text.endsWith('\n') && !endsWhole.test(text.slice(-200));
}

function lastLine(text: string, file: number): Span {
  return { file, start: text.lastIndexOf('\n') + 1, end: text.length };
}
