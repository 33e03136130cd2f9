/** Dumps that break off in sight, or have a row that could not be read: what they lack may be just that, so that it shows nothing, not even with a doubt. */
import { capturedOf, type Outcome, type Snapshot, type Span, type Trace } from '@coldtrace/core';

const codes: ReadonlySet<string> = new Set([
  'assemble/breaks-off',
  'assemble/was-stopped',
  'iproute/cut-off',
  'iptables/cut-line',
  'iptables/truncated',
  'ipvs/cut-off',
  'iproute/bad-value',
  'iproute/cut-entry',
  'iproute/name-missing',
  'iproute/unread-line',
  'nettools/gateway-hidden',
  'nettools/name-cut',
  'nettools/name-not-number',
]);

const known = new WeakMap<Snapshot, readonly Span[]>();

function breaksIn(snapshot: Snapshot): readonly Span[] {
  const before = known.get(snapshot);
  if (before !== undefined) return before;
  const found = snapshot.diagnostics.filter(({ code }) => codes.has(code)).map(({ span }) => span);
  known.set(snapshot, found);
  return found;
}

interface Dumped {
  readonly state?: string;
  readonly sources: readonly { readonly span: Span }[];
}

export function breaksOff(snapshot: Snapshot, { state, sources }: Dumped): boolean {
  return state !== 'complete' && breaksIn(snapshot).some((at) => sources.some(({ span }) => touch(span, at)));
}

function touch(one: Span, other: Span): boolean {
  return one.file === other.file && one.start <= other.end && other.start <= one.end;
}

/** A packet's end that assumes something of a dump which breaks off. */
export function restsOnBreak(snapshot: Snapshot, { outcomes }: Trace): boolean {
  if (breaksIn(snapshot).length === 0) return false;
  const broken = snapshot.nodes.filter(({ name }) =>
    breaksIn(snapshot).some((at) =>
      snapshot.read[at.file]?.sections.some(({ node, span }) => node === name && touch(span, at)),
    ),
  );
  return outcomes.some(({ assumptions, steps, reply }) => {
    const passed = new Set([...steps, ...(reply?.steps ?? [])].map(({ node }) => node));
    return broken.some(({ name, host }) => passed.has(name) && assumptions.some((one) => isInPart(host, one)));
  });
}

function isInPart(host: Snapshot['nodes'][number]['host'], { dump }: Outcome['assumptions'][number]): boolean {
  return dump !== null && capturedOf(host, dump) === 'partial';
}
