/** Attempts that programs logged or that conntrack remembers: whom they called, and that nobody answered. */
import { formatIp, type Ip, type Node, parseIp, type SeenLog, type Snapshot, sameIp } from '@coldtrace/core';
import { portNumber, split } from '../who/end.js';
import { resolveOrigin } from '../who/origin.js';
import type { Attempt } from './observed.js';
import { hostParty, type Party } from './party.js';

/** Programs that use the network of their node. */
const onHost: ReadonlySet<string> = new Set(['kubelet', 'kube-proxy', 'k3s', 'flannel', 'docker', 'etcd', 'apiserver']);

const dials: Readonly<Record<string, string>> = {
  'dial-timeout': 'timed out',
  'dial-refused': 'was refused',
  'dial-unreachable': 'found no way',
  'read-timeout': 'waited in vain',
};

export function loggedAttempts(snapshot: Snapshot, node: Node): readonly Attempt[] {
  const logged = node.observations.flatMap((row) => (row.kind === 'log' ? (dialled(snapshot, node, row) ?? []) : []));
  return [...logged, ...remembered(node)];
}

function dialled(snapshot: Snapshot, node: Node, { component, event, data, span }: SeenLog): Attempt | null {
  const said = dials[event];
  const target = endOf(data['target']);
  if (said === undefined || target === null || target.port === null) return null;
  const known = clientOf(snapshot, node, component, data['source'] ?? null);
  // A pod is told so by its node, which has no way then either.
  const from = known ?? (event === 'dial-unreachable' ? hostParty(node) : null);
  if (from === null) return null;
  const proto = data['proto'] === 'udp' ? 17 : 6;
  const who = component === 'unknown' ? 'a client' : component;
  return {
    from,
    ip: target.ip,
    port: target.port,
    proto,
    says: 'unanswered',
    evidence: { span, why: `${who} ${said}` },
    ...(known === null ? { guessed: true } : {}),
  };
}

function endOf(text: string | undefined): { readonly ip: Ip; readonly port: number | null } | null {
  const { kind, name, port } = split(text ?? '');
  const ip = kind === 'address' ? parseIp(name) : null;
  return ip === null ? null : { ip, port: portNumber(port) ?? null };
}

/** A line that shows the source tells who it was; else only programs of the node itself are known to be on it. */
function clientOf(snapshot: Snapshot, node: Node, component: string, source: string | null): Party | null {
  if (source === null) return onHost.has(component) ? hostParty(node) : null;
  const from = endOf(source);
  if (from === null) return null;
  if (node.host.addresses.rows.some(({ ip }) => sameIp(ip, from.ip))) return hostParty(node);
  const origin = resolveOrigin({ ...snapshot, nodes: [node] }, formatIp(from.ip), null);
  const name = `${formatIp(from.ip)} of ${node.name}`;
  return origin.ok ? { node, name, ip: from.ip, origin: origin.value } : null;
}

/** States of connections that ended within the last two minutes (nf_conntrack_proto_tcp.c): whoever is in them was answered. */
const closing: ReadonlySet<string> = new Set(['TIME_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'FIN_WAIT']);

/** What the node itself called of late. Entries of days ago would tell of other rules. */
function remembered(node: Node): readonly Attempt[] {
  const own = (ip: Ip) => node.host.addresses.rows.some((row) => row.dev !== 'lo' && sameIp(row.ip, ip));
  const seen = new Set<string>();
  return node.host.conntrack.rows.flatMap(({ original, proto, state, status, span }): readonly Attempt[] => {
    const { src, dst, dport } = original;
    const silent = state === 'SYN_SENT' && status.includes('UNREPLIED');
    if (proto !== 6 || dport === null || !(silent || closing.has(state ?? '')) || !own(src) || own(dst)) return [];
    const says = silent ? 'unanswered' : 'answered';
    const key = `${formatIp(src)} ${formatIp(dst)} ${dport} ${says}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const origin = { kind: 'process', node, ns: node.host, src: null } as const;
    const why = silent ? 'nobody has answered this connection' : 'this connection was answered';
    const from = { node, name: node.name, ip: null, origin };
    return [{ from, ip: dst, port: dport, proto, says, evidence: { span, why }, remembered: true }];
  });
}
