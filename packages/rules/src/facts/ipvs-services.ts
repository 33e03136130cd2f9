/** IPVS as kube-proxy keeps it: virtual services, and the Service addresses that it binds to the dummy device kube-ipvs0. */
import {
  type Address,
  formatIp,
  type Ip,
  type NetNs,
  type Node,
  proto,
  type RealServer,
  sameIp,
  type VirtualServer,
} from '@coldtrace/core';

/** kube-proxy's name for its dummy device; pkg/proxy/ipvs. It is down on every healthy node. */
export const serviceDevice = 'kube-ipvs0';

/** A virtual service of an address and port. */
export interface AddressService {
  readonly ip: Ip;
  readonly port: number;
  readonly proto: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly row: VirtualServer;
}

const numbers = { tcp: proto.tcp, udp: proto.udp, sctp: proto.sctp } as const;

export function addressServices(ns: NetNs): readonly AddressService[] {
  return ns.ipvs.rows.flatMap((row) =>
    row.key.kind === 'address'
      ? [{ ip: row.key.ip, port: row.key.port, proto: numbers[row.key.protocol], protocol: row.key.protocol, row }]
      : [],
  );
}

/** Addresses that kube-proxy binds. */
export function boundAddresses(ns: NetNs): readonly Address[] {
  return ns.addresses.rows.filter(({ dev, trust }) => dev === serviceDevice && trust !== 'claimed');
}

const indexes = new WeakMap<NetNs, ReadonlyMap<string, Address>>();

/** The line of an address of the namespace. */
export function addressRow(ns: NetNs, ip: Ip): Address | undefined {
  let index = indexes.get(ns);
  if (index === undefined) {
    const rows = ns.addresses.rows.filter(({ trust }) => trust !== 'claimed');
    index = new Map(rows.map((row) => [formatIp(row.ip), row]));
    indexes.set(ns, index);
  }
  return index.get(formatIp(ip));
}

/** Is the address one of those that stand on every node of the cluster: on kube-ipvs0, or on another device that leads nowhere? */
export function isServiceAddress(ns: NetNs, ip: Ip): boolean {
  const row = addressRow(ns, ip);
  if (row !== undefined) return row.dev === serviceDevice || isIdle(ns, row.dev);
  return ns.routes.rows.some(
    ({ type, dst, nexthops }) => type === 'local' && sameIp(dst.ip, ip) && nexthops[0]?.dev === serviceDevice,
  );
}

/** lo, and dummies under other names. */
function isIdle(ns: NetNs, dev: string): boolean {
  const details = ns.links.rows.find(({ name }) => name === dev)?.details ?? null;
  return dev === 'lo' || (details?.kind === 'other' && details.type === 'dummy');
}

/** Does the node balance by IPVS, as far as anything shows? */
export function usesIpvs(node: Node): boolean {
  const { addresses, links, routes } = node.host;
  return (
    addresses.rows.some(({ dev }) => dev === serviceDevice) ||
    links.rows.some(({ name }) => name === serviceDevice) ||
    routes.rows.some(({ nexthops }) => nexthops.some(({ dev }) => dev === serviceDevice))
  );
}

/** It serves addresses, and nothing that was captured shows where these stand: on kube-ipvs0, or on a device of a router. */
export function mayUseIpvs({ host: { ipvs, addresses, links, routes } }: Node): boolean {
  return ipvs.rows.length > 0 && [addresses, links, routes].every(({ state }) => state === 'absent');
}

export function endpointText(ip: Ip, port: number | string): string {
  return ip.family === 6 ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`;
}

/** Servers that new connections go to. */
export function takingServers({ row }: AddressService): readonly RealServer[] {
  return row.servers.filter(({ weight }) => weight > 0);
}
