/** The screen of `trace`: the verdict in the first line, then each way with its chance, its steps and what it rests on. */
import { approximate, formatFraction, formatIp, type Outcome, type Snapshot, type Trace } from '@coldtrace/core';
import type { Terminal } from '../terminal.js';
import { bullets } from './bullets.js';
import { stepLines } from './steps.js';

const sentences: Readonly<Record<Trace['verdict'], string>> = {
  works: 'works: delivered and answered',
  fails: 'fails',
  depends: 'depends on chance',
  unknown: 'unknown: the snapshot leaves it open',
};

export function traceLines(snapshot: Snapshot, title: string, trace: Trace, terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const tint = { works: paint.green, fails: paint.red, depends: paint.yellow, unknown: paint.yellow }[trace.verdict];
  const [text, another] = new Set(trace.outcomes.map(outcomeText));
  const why = trace.verdict === 'fails' && text !== undefined && another === undefined ? `: ${text}` : '';
  const sentence = isSettled(trace) ? `${sentences[trace.verdict]}${why}` : `${trace.verdict}, whichever way it goes`;
  return [
    `${paint.bold(title)}  ${tint(paint.bold(sentence))}`,
    ...trace.outcomes.flatMap((outcome, index) =>
      outcomeLines(snapshot, outcome, index, trace.outcomes.length, terminal),
    ),
  ];
}

/** All ways may work, or all fail, though the snapshot leaves open which of them it goes. */
function isSettled({ verdict, outcomes }: Trace): boolean {
  if (verdict === 'unknown' || verdict === 'depends') return true;
  return outcomes.every(
    ({ disposition, reply }) => disposition !== 'undetermined' && reply?.disposition !== 'undetermined',
  );
}

function outcomeText({ disposition, reply, rejectWith }: Outcome): string {
  if (disposition !== 'delivered' && disposition !== 'forwarded')
    return rejectWith === null ? disposition : `${disposition} (${rejectWith})`;
  if (reply === null) return disposition;
  if (reply.disposition === 'delivered') return `${disposition} and answered`;
  return reply.disposition === 'undetermined'
    ? `${disposition}; whether an answer comes back is open`
    : `${disposition}, but the answer is lost (${reply.disposition})`;
}

function outcomeLines(
  snapshot: Snapshot,
  outcome: Outcome,
  index: number,
  count: number,
  terminal: Terminal,
): readonly string[] {
  const { paint, columns } = terminal;
  const chance = `${formatFraction(outcome.probability)} (about ${approximate(outcome.probability)})`;
  const lines = [
    '',
    paint.bold(
      count === 1 ? 'There' : `Way ${index + 1} of ${count}, with probability ${chance}: ${outcomeText(outcome)}`,
    ),
    ...stepLines(snapshot, outcome.steps, terminal),
  ];
  const { final } = outcome;
  lines.push(`  ${paint.dim(`at the end: ${address(final.src, final.sport)} > ${address(final.dst, final.dport)}`)}`);
  if (outcome.reply !== null)
    lines.push('', paint.bold('And back'), ...stepLines(snapshot, outcome.reply.steps, terminal));
  const open = outcome.because.map(({ text }) => text);
  if (open.length > 0) lines.push('', paint.bold('What leaves it open'), ...bullets(open, columns));
  const assumed = outcome.assumptions.map(({ text }) => text);
  if (assumed.length > 0) lines.push('', paint.bold('Assumed'), ...bullets(assumed, columns));
  return lines;
}

function address(ip: Outcome['final']['src'], port: number | null): string {
  return port === null ? formatIp(ip) : `${formatIp(ip)}.${port}`;
}
