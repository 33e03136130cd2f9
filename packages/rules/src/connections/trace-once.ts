/** Traces that several rules ask for, each made once per snapshot. */
import { formatIp, type NetNs, type Snapshot, type Trace, type TraceQuestion, trace } from '@coldtrace/core';

type Traces = Map<NetNs, Map<string, Trace>>;

const known = new WeakMap<Snapshot, Traces>();

export function traceOnce(snapshot: Snapshot, question: TraceQuestion): Trace {
  const traces: Traces = known.get(snapshot) ?? new Map();
  known.set(snapshot, traces);
  const { ns } = question.from;
  const fromHere = traces.get(ns) ?? new Map<string, Trace>();
  traces.set(ns, fromHere);
  const key = keyOf(question);
  const made = fromHere.get(key) ?? trace(snapshot, question);
  fromHere.set(key, made);
  return made;
}

function keyOf({ from, to, proto, sport, assume }: TraceQuestion): string {
  const src = from.src === null ? '' : formatIp(from.src);
  const entered =
    from.kind === 'entering'
      ? `${from.dev} ${[...(from.taken ?? []), from.client, from.beside].map((one) => one?.text).join()}`
      : '';
  return `${entered} ${src} ${formatIp(to.ip)} ${to.port} ${proto} ${sport} ${assume}`;
}
