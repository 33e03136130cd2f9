/** What keeps a client at the server that it was given first: a template. net/netfilter/ipvs/ip_vs_core.c ip_vs_sched_persist. */
import { type Ip, ip4, ip6 } from '../inet/ip.js';
import { parseIp } from '../inet/ip-text.js';
import { applyMask, maskOf } from '../inet/mask.js';
import type { Skb } from '../packet/skb.js';
import type { IpvsEndpoint, IpvsEntry, VirtualServer } from '../snapshot/ipvs.js';
import type { NetNs } from '../snapshot/node.js';
import { templateOf } from './entries.js';
import { FTP, isServiceFor } from './service.js';

type Ends = Pick<Skb, 'proto' | 'src' | 'dst'> & { readonly dport: number };

/** The template that a new connection of a persistent service goes by, where the client has one. */
export function templateFor(
  ns: NetNs,
  service: VirtualServer,
  { proto, src, dst, dport }: Ends,
): IpvsEntry | undefined {
  // An engine looks into the packets for what makes clients the same.
  if (service.persistent === null || service.persistenceEngine !== undefined) return undefined;
  const { key } = service;
  const network = networkOf(service, src);
  if (network === null) return undefined;
  const own = key.kind === 'address' && dport === key.port;
  if (key.kind === 'fwmark') return templateOf(ns, 0, network, { ip: markAddress(key.mark, key.family), port: 0 });
  return templateOf(ns, proto, network, { ip: dst, port: own && key.port !== FTP ? key.port : 0 });
}

/** Virtual port of the template that holds a connection; null where none does. */
export function persistentPort(ns: NetNs, { proto, client, virtual }: IpvsEntry): number | null {
  for (const service of ns.ipvs.rows) {
    if (!isServiceFor(service, proto)) continue;
    const held = templateFor(ns, service, { proto, src: client.ip, dst: virtual.ip, dport: virtual.port });
    if (held !== undefined) return held.virtual.port;
  }
  return null;
}

/** `mask 255.255.255.0`, of IPv6 `mask 64`: clients of one network are one. null: a mask that cannot be read. */
function networkOf({ netmask }: VirtualServer, src: Ip): Ip | null {
  if (netmask === null) return src;
  const mask = /^\d+$/.test(netmask) ? maskOf(src.family, Number(netmask)) : parseIp(netmask);
  return mask === null || mask.family !== src.family ? null : applyMask(src, mask);
}

function markAddress(mark: number, family: IpvsEndpoint['ip']['family']): Ip {
  return family === 4 ? ip4(mark) : ip6(mark, 0, 0, 0);
}
