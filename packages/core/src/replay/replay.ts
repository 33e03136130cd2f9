/** Checks each claim of a verdict against the snapshot again, without the search that found it: rule by rule with the plain evaluator, in the order of the dump. */
import { type AssumeMode, type Place, placeOf } from '../path/place.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Disposition } from '../verdict/disposition.js';
import type { Step } from '../verdict/step.js';
import { refutedLines } from './lines.js';
import { followRules, newCourse } from './rules.js';

/** A claim that does not hold. */
export interface Refuted {
  readonly step: Step;
  readonly why: string;
}

/** One way that a packet went; an outcome of a trace is one, and so is its answer. */
export interface Way {
  readonly steps: readonly Step[];
  readonly disposition: Disposition;
}

export interface Verdict {
  readonly outcomes: readonly (Way & { readonly reply: Way | null })[];
}

/** Files are needed too: a claim is held against the text of its lines. */
export type ReplaySnapshot = Pick<Snapshot, 'nodes' | 'files'>;

/** Empty: every claim holds. `assume` is what the verdict was asked with. */
export function replay(
  verdict: Verdict,
  snapshot: ReplaySnapshot,
  assume: AssumeMode = 'defaults',
): readonly Refuted[] {
  const ways = verdict.outcomes.flatMap(({ reply, ...way }): Way[] => (reply === null ? [way] : [way, reply]));
  return ways.flatMap((way) => replayWay(way, snapshot, assume));
}

export function replayWay(
  { steps, disposition }: Way,
  snapshot: ReplaySnapshot,
  assume: AssumeMode = 'defaults',
): readonly Refuted[] {
  const places = placesByName(snapshot, assume);
  const course = newCourse();
  const refuted: Refuted[] = [];
  for (const step of steps) {
    const place = places.get(step.node);
    const doubts = place === undefined ? [`no node ${step.node} is in the snapshot`] : doubtsOf(step, place, snapshot);
    if (place !== undefined && course.dropped) doubts.push('it comes behind a rule or policy that drops the packet');
    if (place !== undefined) doubts.push(...followRules(course, step, place));
    refuted.push(...doubts.map((why) => ({ step, why })));
  }
  const last = steps.at(-1);
  const lives = disposition === 'delivered' || disposition === 'forwarded';
  if (last !== undefined && course.dropped && lives)
    refuted.push({ step: last, why: `a packet that is dropped here is not ${disposition}` });
  return refuted;
}

function doubtsOf(step: Step, place: Place, snapshot: ReplaySnapshot): string[] {
  return [...refutedLines(step, place, snapshot)];
}

function placesByName({ nodes }: ReplaySnapshot, assume: AssumeMode): ReadonlyMap<string, Place> {
  const places = nodes.flatMap((node) => [node.host, ...node.namespaces].map((ns) => placeOf(node, ns, assume)));
  return new Map(places.map((place) => [place.name, place]));
}
