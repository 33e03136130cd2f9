/**
 * Captured SYNs held against what such a kernel remembers: one timestamp per address, for 60 s, from the last connection of that address that ended in
 * TIME_WAIT on the listener's side. net/ipv4/tcp_metrics.c tcp_peer_is_proven, tcp_remember_stamp (3.10 to 4.11).
 */
import { type Evidence, formatIp, type Ip, type Node, type SeenPacket, type Snapshot, sameIp } from '@coldtrace/core';

export interface ReplayedSyn {
  readonly packet: SeenPacket;
  readonly src: Ip;
  readonly stamp: number;
  /** The newest timestamp that the listener remembers of the address; null: none. */
  readonly remembered: number | null;
  readonly dropped: boolean;
  /** Was it answered in the capture? */
  readonly answered: boolean;
}

export interface Replay {
  readonly syns: readonly ReplayedSyn[];
  /** Addresses whose SYNs do not come from one clock. */
  readonly shared: readonly Ip[];
}

interface Memory {
  readonly stamp: number;
  readonly at: number | null;
}

/** Seconds for which a timestamp counts, and by how much an older one may be behind. */
const memorySeconds = 60;
const window = 1;

export function replaySyns(snapshot: Snapshot, node: Node | null): Replay {
  const seen = node === null ? snapshot.observations : [...node.observations, ...snapshot.observations];
  const packets = seen.filter((row): row is SeenPacket => row.kind === 'packet');
  const memories = new Map<string, Memory>();
  const syns: ReplayedSyn[] = [];
  const shared = new Map<string, Ip>();
  for (const packet of packets) {
    const { src, dst, tsVal } = packet;
    if (packet.flags !== 'S' || src === null || dst === null || tsVal === null || !isFor(node, dst)) continue;
    const listener = `${formatIp(src)} ${formatIp(dst)}`;
    const at = secondsOf(packet.time);
    const memory = memories.get(listener);
    const known = memory !== undefined && isFresh(memory, at) ? memory : null;
    const dropped = known !== null && older(tsVal, known.stamp);
    const answered = isAnswered(packets, packet);
    if (dropped) shared.set(listener, src);
    syns.push({ packet, src, stamp: tsVal, remembered: known?.stamp ?? null, dropped, answered });
    if (!dropped && (answered || memory === undefined)) memories.set(listener, { stamp: tsVal, at });
  }
  return { syns, shared: [...shared.values()] };
}

function isFor(node: Node | null, dst: Ip): boolean {
  if (node === null) return true;
  const { rows, state } = node.host.addresses;
  return state === 'absent' || rows.some((row) => sameIp(row.ip, dst));
}

/** Timestamps are compared as sequence numbers are. */
function older(stamp: number, remembered: number): boolean {
  return ((remembered - stamp) | 0) > window;
}

function isFresh({ at }: Memory, now: number | null): boolean {
  if (at === null || now === null) return true;
  const passed = now - at;
  return passed >= -1 && passed < memorySeconds;
}

function isAnswered(packets: readonly SeenPacket[], syn: SeenPacket): boolean {
  return packets.some(
    (row) =>
      row.flags === 'S.' &&
      row.src !== null &&
      row.dst !== null &&
      syn.src !== null &&
      syn.dst !== null &&
      sameIp(row.src, syn.dst) &&
      sameIp(row.dst, syn.src) &&
      row.sport === syn.dport &&
      row.dport === syn.sport &&
      (row.tsEcr === null || row.tsEcr === syn.tsVal),
  );
}

/** `06:52:03.479177`, with a date before it or not; within one day. */
function secondsOf(time: string | null): number | null {
  const [, hours, minutes, seconds] = /(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)/.exec(time ?? '') ?? [];
  if (hours !== undefined && minutes !== undefined && seconds !== undefined)
    return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return /^\d{9,10}\.\d+$/.test(time ?? '') ? Number(time) : null;
}

/** Each SYN with what such a kernel makes of it. */
export function synEvidence({ syns, shared }: Replay): readonly Evidence[] {
  return syns
    .filter(({ src }) => shared.some((ip) => sameIp(ip, src)))
    .map(({ packet, stamp, remembered, dropped, answered }) => ({
      span: packet.span,
      why: `${fateText(stamp, remembered, dropped)}${answered ? '; it was answered' : '; no answer was captured'}`,
    }));
}

function fateText(stamp: number, remembered: number | null, dropped: boolean): string {
  if (remembered === null) return `timestamp ${stamp}: nothing is remembered of the address, so it is taken`;
  return dropped
    ? `timestamp ${stamp} is older than ${remembered}: dropped`
    : `timestamp ${stamp} is newer than ${remembered}: taken`;
}
