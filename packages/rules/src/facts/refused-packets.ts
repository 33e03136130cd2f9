/** Packets that a node's firewall logged as it refused them: the LOG target's line, with the prefix that the rule has (net/netfilter/nf_log_syslog.c). */
import { formatIp, type Ip, type Node, type Observation, parseIp, type SeenLog, type Snapshot } from '@coldtrace/core';
import type { Owner } from '../owner/owner.js';
import { isWhole } from './table-rules.js';

export interface RefusedPacket {
  /** null: of a node that was not captured, or nobody knows of which. */
  readonly node: Node | null;
  readonly log: SeenLog;
  readonly prefix: string;
  readonly in: string;
  readonly out: string;
  readonly src: Ip | null;
  readonly proto: string | null;
  readonly dport: number | null;
  /** Who wrote the rule, as its prefix tells. */
  readonly owner: Owner | null;
}

/** Rules that were captured tell more than what they once logged: their nodes are left out. */
export function refusedPackets({ nodes, observations }: Snapshot): readonly RefusedPacket[] {
  const known = (node: Node) => isWhole(node.host, 4, 'filter');
  const unattributed = nodes.some(known) ? [] : observations;
  return [
    ...nodes.filter((node) => !known(node)).flatMap((node) => node.observations.flatMap((row) => refused(node, row))),
    ...unattributed.flatMap((row) => refused(null, row)),
  ];
}

function refused(node: Node | null, row: Observation): readonly RefusedPacket[] {
  if (row.kind !== 'log' || row.event !== 'packet-refused') return [];
  const { prefix = '', in: dev = '', out = '' } = row.data;
  // What no connection is known for is refused on purpose, and tells of an answer that took another way.
  if (prefix.includes('INVALID')) return [];
  const field = (name: string) => new RegExp(`\\b${name}=(\\S{1,45})`).exec(row.text.slice(0, 2000))?.[1] ?? null;
  const src = field('SRC');
  const dport = field('DPT');
  return [
    {
      node,
      log: row,
      prefix: prefix.replace(/[: ]+$/, ''),
      in: dev,
      out,
      src: src === null ? null : parseIp(src),
      proto: field('PROTO'),
      dport: dport === null ? null : Number(dport),
      owner: ownerOfPrefix(prefix),
    },
  ];
}

function ownerOfPrefix(prefix: string): Owner | null {
  if (prefix.startsWith('[UFW ')) return 'ufw';
  return /^(?:filter_(?:IN|FWD\w?)_|FINAL_REJECT|IN_|FWD[IO]?_)/.test(prefix) ? 'firewalld' : null;
}

export const firewallOf = ({ owner }: RefusedPacket): string => owner ?? 'the firewall';

/** The machine as its own logger names it, where the node was not captured. */
export function nameOf({ node, log }: RefusedPacket): string {
  const host = /^[A-Z][a-z]{2}\s{1,2}\d{1,2} [\d:.]{8,18} (\S{1,253}) kernel:/.exec(log.text.slice(0, 300))?.[1];
  return node?.name ?? host ?? 'a node that was not captured';
}

/** The packets in groups, in the order of the first of each. */
export function grouped<Key>(
  packets: readonly RefusedPacket[],
  keyOf: (packet: RefusedPacket) => Key,
): readonly (readonly [RefusedPacket, ...(readonly RefusedPacket[])])[] {
  const groups = new Map<Key, [RefusedPacket, ...RefusedPacket[]]>();
  for (const packet of packets) {
    const key = keyOf(packet);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [packet]);
    else group.push(packet);
  }
  return [...groups.values()];
}

/** `10.1.0.2, 10.1.0.3 and 4 others`. */
export function sourcesOf(packets: readonly RefusedPacket[]): string {
  const all = [...new Set(packets.flatMap(({ src }) => (src === null ? [] : [formatIp(src)])))];
  const shown = all.length > 3 ? [...all.slice(0, 2), `${all.length - 2} others`] : all;
  return shown.length < 2 ? (shown[0] ?? 'peers') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

export const onlyLogs = 'only log lines tell: the rules were not captured, or may have been changed since';
