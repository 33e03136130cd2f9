/** What a Service address is for, from whatever tells: its object, or a set that lists addresses and ports. */
import { type Evidence, formatIp, type Ip, type Node, type Snapshot, sameIp } from '@coldtrace/core';
import { addressServices, endpointText } from '../facts/ipvs-services.js';
import { partOf } from '../facts/part-of.js';
import { readyEndpoints, type ServiceAddress } from '../facts/service-objects.js';

/** A port on which clients expect the Service. */
export interface Demand {
  readonly name: string | null;
  readonly port: number;
  readonly proto: number;
  readonly evidence: Evidence;
  /** Where its connections should go; null: nothing tells. */
  readonly servers: readonly Server[] | null;
}

export interface Server {
  readonly ip: Ip;
  readonly port: number;
}

export function demandOf(
  snapshot: Snapshot,
  node: Node,
  ip: Ip,
  objects: readonly ServiceAddress[],
): readonly Demand[] {
  const told = objects.map((object) => objectDemand(snapshot, object));
  return told.length > 0 ? told : setDemands(snapshot, node, ip);
}

export function objectDemand(snapshot: Snapshot, object: ServiceAddress): Demand {
  const { name, ip, port, proto, service } = object;
  const servers = readyEndpoints(snapshot, object) ?? serversElsewhere(snapshot, ip, port.port, proto);
  const evidence = { span: partOf(snapshot, service.span, formatIp(ip)), why: `Service ${name}, port ${port.port}` };
  return { name, port: port.port, proto, evidence, servers };
}

function setDemands(snapshot: Snapshot, node: Node, ip: Ip): readonly Demand[] {
  const found = new Map<string, Demand>();
  for (const set of node.host.ipsets.rows) {
    for (const { parts, span } of set.elements) {
      const [address, port] = parts;
      if (parts.length !== 2 || address?.kind !== 'ip' || port?.kind !== 'port' || port.proto === null) continue;
      if (!sameIp(address.ip, ip)) continue;
      const { first } = port.ports;
      const servers = serversElsewhere(snapshot, ip, first, port.proto);
      const demand = {
        name: null,
        port: first,
        proto: port.proto,
        evidence: { span, why: `${set.name} lists it` },
        servers,
      };
      const key = `${first} ${port.proto}`;
      if (!found.has(key)) found.set(key, demand);
    }
  }
  return [...found.values()];
}

/** What another node's IPVS does with it. */
function serversElsewhere(snapshot: Snapshot, ip: Ip, port: number, proto: number): readonly Server[] | null {
  for (const { host } of snapshot.nodes) {
    const same = addressServices(host).find((one) => one.port === port && one.proto === proto && sameIp(one.ip, ip));
    const servers = same?.row.servers.filter(({ weight, forwarding }) => weight > 0 && forwarding === 'masq') ?? [];
    if (servers.length > 0) return servers;
  }
  return null;
}

export function demandText(ip: Ip, { name, port }: Pick<Demand, 'name' | 'port'>): string {
  const address = endpointText(ip, port);
  return name === null ? address : `${name} (${address})`;
}
