/** Is what happened among what `trace` holds possible? A connection that chance decides may go any of its ways. */
import { formatIp, type Outcome, type TraceVerdict } from '@coldtrace/core';
import type { Result, Server } from './agent.js';
import type { Asked } from './ask.js';
import { errorsOf } from './errno.js';

export type Judgement =
  | { readonly kind: 'exact' }
  /** Left open, for these reasons. */
  | { readonly kind: 'open'; readonly because: readonly string[] }
  /** None of the ways is the one that it took, and each that it may have taken rests on something assumed: without that it would be another. */
  | { readonly kind: 'assumed'; readonly assumptions: readonly string[]; readonly what: string }
  | { readonly kind: 'wrong'; readonly what: string };

type Fate = 'works' | 'fails' | 'open';

function fateOf({ disposition, reply }: Outcome): Fate {
  if (disposition === 'undetermined') return 'open';
  if (disposition !== 'delivered' && disposition !== 'forwarded') return 'fails';
  if (reply === null || reply.disposition === 'undetermined') return 'open';
  return reply.disposition === 'delivered' ? 'works' : 'fails';
}

export function judge(asked: Asked, result: Result): Judgement {
  if (!asked.ok) return { kind: 'open', because: [asked.problem] };
  if (result.kind === 'refused') return { kind: 'open', because: [`the client has no such socket: ${result.errno}`] };
  const { verdict } = asked.trace;
  const outcomes = waysTowards(asked.trace.outcomes, result);
  const faults = against(verdict, result) ?? faultsOf(outcomes, result, asked.entering);
  if (faults === null) return verdict === 'unknown' ? { kind: 'open', because: openOf(outcomes) } : { kind: 'exact' };
  const what = [...new Set(faults)].join('; ');
  const assumptions = outcomes.map((one) => excuses(one, result));
  if (assumptions.every((texts) => texts.length > 0))
    return { kind: 'assumed', assumptions: [...new Set(assumptions.flat())], what };
  return { kind: 'wrong', what };
}

/** Chance may lead to several servers: once it has chosen, the ways to others are none that it may have taken. */
function waysTowards(outcomes: readonly Outcome[], { towards }: Result): readonly Outcome[] {
  const those = outcomes.filter(
    ({ final }) => towards !== undefined && formatIp(final.dst) === towards.dst && final.dport === towards.dport,
  );
  return those.length === 0 ? outcomes : those;
}

/** Who is taken to answer excuses nothing where an answer came, but that it was not captured who passes the question on. */
function excuses(way: Outcome, result: Result): readonly string[] {
  const texts = way.assumptions.map(({ text }) => text);
  if (result.kind !== 'answered') return texts;
  const isPassedOn = fateOf(way) === 'works' && result.by !== null && result.by.dst !== formatIp(way.final.dst);
  return texts.filter((text) => isPassedOn || !text.includes('is taken to answer'));
}

/** All ways may be known to work, or to fail, while some are open. */
function against(verdict: TraceVerdict, result: Result): readonly string[] | null {
  const answered = result.kind === 'answered';
  if (verdict !== (answered ? 'fails' : 'works')) return null;
  return [`${toldOf(result)}, where it ${verdict}`];
}

function openOf(outcomes: readonly Outcome[]): readonly string[] {
  return [...new Set(outcomes.flatMap((one) => (fateOf(one) === 'open' ? one.because : [])).map(({ text }) => text))];
}

/** null: it may have gone one of the ways. */
function faultsOf(outcomes: readonly Outcome[], result: Result, entering: boolean): readonly string[] | null {
  const faults = outcomes.map((one) => faultOf(one, result, entering));
  return faults.includes(null) ? null : faults.flatMap((fault) => fault ?? []);
}

/** null: it may have gone this way. */
function faultOf(outcome: Outcome, result: Result, entering: boolean): string | null {
  const fate = fateOf(outcome);
  if (fate === 'open') return null;
  if (result.kind === 'answered') {
    if (fate === 'fails') return `answered, where ${endOf(outcome)}`;
    return result.by === null ? null : servedBy(outcome, result.by);
  }
  if (fate === 'works') return `${toldOf(result)}, where it works`;
  const errors = entering ? null : errorsOf(outcome);
  const isOther = result.kind === 'error' && errors !== null && !errors.includes(result.errno);
  return isOther ? `${toldOf(result)}, where ${endOf(outcome)}` : null;
}

function toldOf(result: Result): string {
  if (result.kind === 'answered') return 'answered';
  return result.kind === 'silence' ? 'silence' : result.errno;
}

function endOf({ disposition, rejectWith, reply }: Outcome): string {
  const refused = rejectWith === null ? '' : ` with ${rejectWith}`;
  return reply === null ? `it is ${disposition}${refused}` : `the answer is ${reply.disposition}`;
}

function servedBy({ final, disposition }: Outcome, by: Server): string | null {
  if (disposition === 'forwarded') return null;
  const wrong = [
    formatIp(final.src) !== by.src ? `the server sees ${by.src}, not ${formatIp(final.src)}` : '',
    formatIp(final.dst) !== by.dst ? `${by.dst} is asked, not ${formatIp(final.dst)}` : '',
    final.dport !== by.dport ? `port ${by.dport} is asked, not ${final.dport}` : '',
  ].filter((text) => text !== '');
  return wrong.length === 0 ? null : wrong.join(', ');
}
