/** Traces that several rules ask for, each made once per snapshot. */
import { formatIp, type NetNs, type Snapshot, type Trace, type TraceQuestion, trace } from '@coldtrace/core';

import { restsOnBreak } from '../facts/breaks-off.js';

type Traces = Map<NetNs, Map<string, Trace>>;

const known = new WeakMap<Snapshot, Traces>();

export function traceOnce(snapshot: Snapshot, question: TraceQuestion): Trace {
  const traces: Traces = known.get(snapshot) ?? new Map();
  known.set(snapshot, traces);
  const { ns } = question.from;
  const fromHere = traces.get(ns) ?? new Map<string, Trace>();
  traces.set(ns, fromHere);
  const key = keyOf(question);
  const made = fromHere.get(key) ?? traced(snapshot, question);
  fromHere.set(key, made);
  return made;
}

/** What stood behind the end of a dump that breaks off is not assumed, unless all is well without it. */
function traced(snapshot: Snapshot, question: TraceQuestion): Trace {
  const made = trace(snapshot, question);
  if (made.verdict === 'works' || question.assume === 'none' || !restsOnBreak(snapshot, made)) return made;
  return trace(snapshot, { ...question, assume: 'none' });
}

function keyOf({ from, to, proto, sport, assume }: TraceQuestion): string {
  const src = from.src === null ? '' : formatIp(from.src);
  const entered =
    from.kind === 'entering'
      ? `${from.dev} ${[...(from.taken ?? []), from.client, from.beside].map((one) => one?.text).join()}`
      : '';
  return `${entered} ${src} ${formatIp(to.ip)} ${to.port} ${proto} ${sport} ${assume}`;
}
