/** Which virtual service a packet is for: by mark, by address and port, as data of FTP, by address alone. net/netfilter/ipvs/ip_vs_ctl.c ip_vs_service_find. */
import { sameIp } from '../inet/ip.js';
import type { Skb } from '../packet/skb.js';
import type { VirtualServer } from '../snapshot/ipvs.js';

const protocols: Readonly<Record<number, 'tcp' | 'udp' | 'sctp'>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

export const FTP = 21;
export const FTP_DATA = 20;

/** `unprivileged`: first port that everybody may bind (net.ipv4.ip_unprivileged_port_start). */
export function findService(
  services: readonly VirtualServer[],
  skb: Skb,
  unprivileged: number,
): VirtualServer | undefined {
  const protocol = protocols[skb.proto];
  const port = skb.dport;
  if (protocol === undefined || port === null) return undefined;
  const at = (wanted: number) =>
    services.find(
      ({ key }) =>
        key.kind === 'address' && key.protocol === protocol && key.port === wanted && sameIp(key.ip, skb.dst),
    );
  const isData = protocol === 'tcp' && (port === FTP_DATA || port >= unprivileged);
  return byMark(services, skb) ?? at(port) ?? (isData ? at(FTP) : undefined) ?? at(0);
}

/** Services by mark take every protocol that IPVS knows. */
export function isServiceFor({ key }: VirtualServer, proto: number): boolean {
  const protocol = protocols[proto];
  return protocol !== undefined && (key.kind === 'fwmark' || key.protocol === protocol);
}

function byMark(services: readonly VirtualServer[], { mark, family }: Skb): VirtualServer | undefined {
  if (mark === 0) return undefined;
  return services.find(({ key }) => key.kind === 'fwmark' && key.mark === mark && key.family === family);
}

/** Port of the service; one by mark has none. */
export function servicePort({ key }: VirtualServer): number {
  return key.kind === 'address' ? key.port : 0;
}

/**
 * Where the server is spoken to. A persistent service keeps the port of packets that are not for its own, e.g. those of a service for all ports.
 * null: a service of another port took the packet, and without persistence there is no server for that.
 */
export function serverPort(service: VirtualServer, serverPort: number, dport: number): number | null {
  const own = servicePort(service);
  if (service.persistent !== null) return dport === own && serverPort !== 0 ? serverPort : dport;
  if (service.key.kind === 'address' && dport !== own) return null;
  return serverPort !== 0 ? serverPort : dport;
}
