/** Both ends of a connection as commands take them: which of several addresses is meant follows from the other end. */
import { type Family, type Ip, type Origin, parseIp, type Snapshot } from '@coldtrace/core';
import { type Destination, resolveDestination } from './destination.js';
import { type ResolvedWho, split } from './end.js';
import { findPod } from './names.js';
import { resolveOrigin } from './origin.js';

/** Both ends as they are typed: see `resolveOrigin` and `resolveDestination`. */
export interface AskedConnection {
  readonly from: string;
  readonly to: string;
  /** Protocol number. */
  readonly proto: number;
  /** The client's source, where it is given; an `iface:` needs it. */
  readonly src?: Ip | null;
}

/** Both ends, ready for `trace`; or which of them is not understood, and why, in a sentence with the candidates. */
export type ConnectionAnswer =
  | {
      readonly ok: true;
      readonly origin: Origin;
      readonly target: Destination;
      readonly from: ResolvedWho;
      readonly to: ResolvedWho;
    }
  | { readonly ok: false; readonly end: 'from' | 'to'; readonly problem: string };

/** `near`: the part of the snapshot in which the client stands, or its packets come in. */
export function resolveConnection(
  snapshot: Snapshot,
  { from: who, to: whom, proto, src = null }: AskedConnection,
  near: Snapshot = snapshot,
): ConnectionAnswer {
  const outside = who === 'outside';
  const family = familyOf(near, who, src);
  const to = resolveDestination(outside ? near : snapshot, whom, {
    outside,
    proto,
    ...(family === null ? {} : { family }),
  });
  if (!to.ok) return { ok: false, end: 'to', problem: to.problem };
  const from = resolveOrigin(near, who, src, { towards: to.value.ip });
  if (!from.ok) return { ok: false, end: 'from', problem: from.problem };
  return { ok: true, origin: from.value, target: to.value, from: from.who, to: to.who };
}

/** Of the client's address; null: it has both, or that is not known. */
function familyOf(snapshot: Snapshot, who: string, src: Ip | null): Family | null {
  if (src !== null) return src.family;
  const { kind, name } = split(who);
  if (kind === 'address') return parseIp(name)?.family ?? null;
  const pod = kind === 'pod' ? findPod(snapshot, name) : null;
  if (pod === null || typeof pod === 'string') return null;
  const [family = null, another] = new Set(pod.pod.ips.map((ip) => ip.family));
  return another === undefined ? family : null;
}
