/** The connections and templates that IPVS had when it was captured, by their ends. net/netfilter/ipvs/ip_vs_conn.c. */
import { type Ip, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import type { Skb } from '../packet/skb.js';
import type { ConnEntry } from '../snapshot/conntrack.js';
import type { IpvsEndpoint, IpvsEntry, RealServer } from '../snapshot/ipvs.js';
import type { NetNs } from '../snapshot/node.js';
import { FTP, isServiceFor } from './service.js';

interface Index {
  readonly byRequest: ReadonlyMap<string, IpvsEntry>;
  readonly byAnswer: ReadonlyMap<string, readonly IpvsEntry[]>;
}

const indexes = new WeakMap<NetNs, Index>();

function indexOf(ns: NetNs): Index {
  let index = indexes.get(ns);
  if (index === undefined) {
    index = build(ns.ipvsConnections.rows);
    indexes.set(ns, index);
  }
  return index;
}

function build(rows: readonly IpvsEntry[]): Index {
  const byRequest = new Map<string, IpvsEntry>();
  const byAnswer = new Map<string, IpvsEntry[]>();
  for (const entry of rows) {
    const { proto, client, virtual, server } = entry;
    byRequest.set(keyOf(proto, client, virtual), entry);
    if (client.port === 0) continue;
    // Without masquerading the answers carry the virtual address.
    for (const end of [server, virtual]) {
      const key = keyOf(proto, end, client);
      const known = byAnswer.get(key);
      if (known === undefined) byAnswer.set(key, [entry]);
      else known.push(entry);
    }
  }
  return { byRequest, byAnswer };
}

function keyOf(proto: number, from: IpvsEndpoint, to: IpvsEndpoint): string {
  return `${proto} ${formatIp(from.ip)} ${from.port} ${formatIp(to.ip)} ${to.port}`;
}

/** The entry whose client sends this packet. */
export function entryOfRequest(
  ns: NetNs,
  skb: Pick<Skb, 'proto' | 'src' | 'sport' | 'dst' | 'dport'>,
): IpvsEntry | undefined {
  if (ns.ipvsConnections.rows.length === 0 || skb.sport === null || skb.dport === null) return undefined;
  const { byRequest } = indexOf(ns);
  const to = { ip: skb.dst, port: skb.dport };
  const exact = skb.sport === 0 ? undefined : byRequest.get(keyOf(skb.proto, { ip: skb.src, port: skb.sport }, to));
  if (exact !== undefined) return exact;
  const anyPort = byRequest.get(keyOf(skb.proto, { ip: skb.src, port: 0 }, to));
  return anyPort === undefined || isTemplate(ns, anyPort) ? undefined : anyPort;
}

/** Entries whose server may send this packet; how the server is reached decides which of them does. */
export function entriesOfAnswer(ns: NetNs, skb: Skb): readonly IpvsEntry[] {
  if (ns.ipvsConnections.rows.length === 0 || skb.sport === null || skb.dport === null) return [];
  const key = keyOf(skb.proto, { ip: skb.src, port: skb.sport }, { ip: skb.dst, port: skb.dport });
  return indexOf(ns).byAnswer.get(key) ?? [];
}

/** What keeps a client at its server; `from` is the client's network. */
export function templateOf(ns: NetNs, proto: number, from: Ip, virtual: IpvsEndpoint): IpvsEntry | undefined {
  if (ns.ipvsConnections.rows.length === 0) return undefined;
  const found = indexOf(ns).byRequest.get(keyOf(proto, { ip: from, port: 0 }, virtual));
  return found !== undefined && isTemplate(ns, found) ? found : undefined;
}

/** A connection of FTP that waits for its client has no port of it either. */
function isTemplate({ ipvs }: NetNs, { proto, client, virtual }: IpvsEntry): boolean {
  if (client.port !== 0) return false;
  if (proto === 0 || virtual.port === 0) return true;
  return ipvs.rows.some(
    (service) =>
      service.persistent !== null &&
      isServiceFor(service, proto) &&
      service.key.kind === 'address' &&
      service.key.port === virtual.port &&
      sameIp(service.key.ip, virtual.ip),
  );
}

/** A server that was removed keeps its connections, but nothing is sent to it any more. */
export type Destination =
  | { readonly kind: 'server'; readonly server: RealServer }
  | { readonly kind: 'gone' }
  | { readonly kind: 'open' };

/** The server that a connection was given, as the services have it now. */
export function destinationOf({ ipvs }: NetNs, { proto, virtual, server }: IpvsEntry): Destination {
  const byAddress: RealServer[] = [];
  const byMark: RealServer[] = [];
  const byOtherPort: RealServer[] = [];
  for (const service of ipvs.rows) {
    const { key, servers } = service;
    if (!isServiceFor(service, proto)) continue;
    const serves =
      key.kind === 'fwmark'
        ? key.family === virtual.ip.family
        : sameIp(key.ip, virtual.ip) && [virtual.port, 0, FTP].includes(key.port);
    if (!serves) continue;
    const found = key.kind === 'fwmark' ? byMark : byAddress;
    for (const one of servers.filter(({ ip }) => sameIp(ip, server.ip))) {
      if (one.port === server.port || one.port === 0) found.push(one);
      // A service leaves the port of a connection that is for another one than its own. net/netfilter/ipvs/ip_vs_core.c ip_vs_sched_persist
      else if (key.kind === 'address' && key.port !== virtual.port && server.port === virtual.port)
        byOtherPort.push(one);
    }
  }
  const found = [byAddress, byMark, byOtherPort].find((some) => some.length > 0) ?? [];
  const [first] = found;
  if (first === undefined) return { kind: ipvs.state === 'complete' ? 'gone' : 'open' };
  const sameMethod = [...found, ...byMark].every((one) => one.forwarding === first.forwarding);
  const alike = sameMethod && found.every((one) => one.weight > 0 === first.weight > 0);
  return alike ? { kind: 'server', server: first } : { kind: 'open' };
}

/**
 * A tracked connection whose answers come from a server because IPVS sent it there: no rule has translated it, so its packets keep their destination
 * until IPVS sees them again.
 */
export function isBalanced(ns: NetNs, { proto, original, reply }: ConnEntry): boolean {
  if (ns.ipvs.rows.length === 0 && ns.ipvsConnections.rows.length === 0) return false;
  if (leavesNoTrace(ns)) return false;
  if (sameIp(reply.src, original.dst) && reply.sport === original.dport) return false;
  const entry = entryOfRequest(ns, { proto, ...original });
  if (entry !== undefined) return sameIp(entry.server.ip, reply.src) && entry.server.port === reply.sport;
  return ns.ipvs.rows.some(
    (service) =>
      isServiceFor(service, proto) &&
      service.key.kind === 'address' &&
      sameIp(service.key.ip, original.dst) &&
      (service.key.port === original.dport || service.key.port === 0) &&
      service.servers.some(({ ip, port }) => sameIp(ip, reply.src) && (port || original.dport) === reply.sport),
  );
}

/** With net.ipv4.vs.conntrack at 0 the connections of IPVS are in no table but its own. */
function leavesNoTrace({ sysctl }: NetNs): boolean {
  const told = sysctl.byKey.get('net/ipv4/vs/conntrack');
  return told !== undefined && told.trust !== 'claimed' && told.value === '0';
}
