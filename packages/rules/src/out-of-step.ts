/** Dumps of one node that were captured minutes apart show no one moment: what rests on both is likely, not proven. */
import { positionAt, type ReadSection, type Snapshot, type Span } from '@coldtrace/core';
import type { Finding } from './finding.js';

const tolerance = 5 * 60_000;

/** What tells of the past anyway, whenever it was printed. */
const records: ReadonlySet<string> = new Set([
  'log',
  'tcpdump',
  'curl',
  'dns-query',
  'kubectl-error',
  'nc',
  'ping',
  'telnet',
  'vnstat',
  'wget',
]);

interface Dated {
  readonly at: number;
  readonly node: string;
  readonly span: Span;
}

/** Lowers what rests on dumps of one node that lie more than five minutes apart, and names the two. */
export function inStep(snapshot: Snapshot): (finding: Finding) => Finding {
  if (!spansMinutes(snapshot)) return (finding) => finding;
  return (finding) => {
    const apart = finding.certainty === 'proven' ? furthestApart(snapshot, finding) : null;
    if (apart === null) return finding;
    const [first, last] = nameBoth(snapshot, apart);
    const minutes = Math.round((apart[1].at - apart[0].at) / 60_000);
    const text = `${last} was captured ${minutes} minutes after ${first}; what both show is taken to have been so at one time`;
    return { ...finding, certainty: 'likely', assumptions: [...finding.assumptions, text] };
  };
}

function spansMinutes({ read }: Snapshot): boolean {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { sections } of read) {
    for (const section of sections) {
      if (!tells(section)) continue;
      first = Math.min(first, section.takenAt ?? first);
      last = Math.max(last, section.takenAt ?? last);
    }
  }
  return last - first > tolerance;
}

function tells({ takenAt, timeOfFile, format }: ReadSection): boolean {
  return takenAt !== null && timeOfFile !== true && format !== null && !records.has(format);
}

/** Clocks of several machines, and zones that no dump tells, are not compared. */
function furthestApart(snapshot: Snapshot, { evidence, path }: Finding): readonly [Dated, Dated] | null {
  const spans = [...evidence, ...path.flatMap((step) => step.evidence)].map(({ span }) => span);
  const byNode = new Map<string, { first: Dated; last: Dated }>();
  for (const span of spans) {
    const one = dated(snapshot, span);
    if (one === null) continue;
    const known = byNode.get(one.node) ?? { first: one, last: one };
    byNode.set(one.node, {
      first: one.at < known.first.at ? one : known.first,
      last: one.at > known.last.at ? one : known.last,
    });
  }
  for (const { first, last } of byNode.values()) if (last.at - first.at > tolerance) return [first, last];
  return null;
}

/** By file; by line where one file holds both. */
function nameBoth({ files }: Snapshot, both: readonly [Dated, Dated]): readonly string[] {
  const alike = both[0].span.file === both[1].span.file;
  return both.map(({ span }) => {
    const file = files[span.file];
    return file === undefined ? '' : alike ? `${file.name}:${positionAt(file, span.start).line}` : file.name;
  });
}

function dated({ read }: Snapshot, span: Span): Dated | null {
  const section = read[span.file]?.sections.find((one) => one.span.start <= span.start && span.start < one.span.end);
  if (section === undefined || section.takenAt === null || section.node === null || !tells(section)) return null;
  return { at: section.takenAt, node: section.node, span };
}
