/** One device as `ip addr`, `ip -d link`, `ip -s link` and net-tools show it: each knows what another leaves out. */
import type { Dump, Link } from '@coldtrace/core';
import { byAuthority, mergeRows, type Part } from './merge-rows.js';

/**
 * A device that one output shows exists, whatever another that seems whole leaves out: people trim what they paste. Only one that is known
 * to be older, or stands above it in the same text, may have shown what is gone since; then both are possible.
 */
export function mergeLinks(parts: readonly Part<Link>[]): Dump<Link> {
  const merged = mergeRows(parts, ({ name }) => name, joinLinks);
  const [first] = byAuthority(parts);
  if (first === undefined || merged.state !== 'complete') return merged;
  const known = new Set(merged.rows.map(({ name }) => name));
  const more = parts.filter((part) => part !== first && part.rows.some((row) => !known.has(row.name) && isSeen(row)));
  if (more.length === 0 || more.every((part) => isOlder(part, first))) return merged;
  const later = more.filter((part) => !isAbove(part, first));
  const rows = mergeRows(
    [first, ...later].map((part) => ({ ...part, complete: false })),
    ({ name }) => name,
    joinLinks,
  );
  const added = rows.rows.filter((row) => !known.has(row.name) && isSeen(row));
  return { ...merged, state: 'partial', rows: [...merged.rows, ...added] };
}

/** Not only said or inferred from what another device or a command names. */
function isSeen(row: Link): boolean {
  return row.trust !== 'claimed' && (row.flags.length > 0 || row.ifindex !== null);
}

function isOlder(part: Part<Link>, than: Part<Link>): boolean {
  const [at, other] = [part.source.takenAt, than.source.takenAt];
  return at !== null && other !== null && at < other;
}

function isAbove(part: Part<Link>, other: Part<Link>): boolean {
  const [span, below] = [part.source.span, other.source.span];
  return span.file === below.file && span.start < below.start;
}

function joinLinks(link: Link, other: Link): Link {
  const [rich, poor] = richness(other) > richness(link) ? [other, link] : [link, other];
  const joined: Link = {
    ...rich,
    ifindex: rich.ifindex ?? poor.ifindex,
    altnames: rich.altnames.length > 0 ? rich.altnames : poor.altnames,
    flags: rich.flags.length > 0 ? rich.flags : poor.flags,
    mtu: rich.mtu ?? poor.mtu,
    state: rich.state ?? poor.state,
    type: rich.type ?? poor.type,
    mac: rich.mac ?? poor.mac,
    master: rich.master ?? poor.master,
    peer: rich.peer ?? poor.peer,
    peerIfindex: rich.peerIfindex ?? poor.peerIfindex,
    peerNetns: rich.peerNetns ?? poor.peerNetns,
    qdisc: rich.qdisc ?? poor.qdisc,
    group: rich.group ?? poor.group,
    details: rich.details ?? poor.details,
    port: rich.port ?? poor.port,
    counters: rich.counters ?? poor.counters,
  };
  return poor.detailed === true && rich.detailed !== true ? { ...joined, detailed: true } : joined;
}

function richness(link: Link): number {
  const known = [link.ifindex, link.mtu, link.state, link.type, link.mac, link.qdisc, link.group, link.counters];
  const weight = (link.details === null ? 0 : 20) + (link.port === null ? 0 : 5);
  return weight + known.filter((value) => value !== null).length;
}
