/** The document of `trace --json`. */
import { approximate, formatFraction, formatIp, type Outcome, type Snapshot, type Trace } from '@coldtrace/core';
import type { ResolvedWho } from '@coldtrace/rules';
import { stepJson } from './evidence.js';

export function traceJson(snapshot: Snapshot, from: ResolvedWho, to: ResolvedWho, trace: Trace) {
  return {
    coldtrace: 1,
    from,
    to,
    verdict: trace.verdict,
    outcomes: trace.outcomes.map((outcome) => outcomeJson(snapshot, outcome)),
  };
}

function outcomeJson(snapshot: Snapshot, outcome: Outcome) {
  const { final, reply } = outcome;
  return {
    probability: formatFraction(outcome.probability),
    approx: approximate(outcome.probability),
    assumptions: outcome.assumptions.map(({ text }) => text),
    ...(outcome.because.length === 0 ? {} : { because: outcome.because.map(({ text }) => text) }),
    disposition: outcome.disposition,
    ...(outcome.rejectWith === null ? {} : { rejectWith: outcome.rejectWith }),
    final: {
      node: final.node,
      ...(final.iface === null ? {} : { iface: final.iface }),
      src: formatIp(final.src),
      dst: formatIp(final.dst),
      ...(final.sport === null ? {} : { sport: final.sport }),
      ...(final.dport === null ? {} : { dport: final.dport }),
      mark: final.mark,
    },
    steps: outcome.steps.map((step) => stepJson(snapshot, step)),
    ...(reply === null
      ? {}
      : { reply: { disposition: reply.disposition, steps: reply.steps.map((step) => stepJson(snapshot, step)) } }),
  };
}
