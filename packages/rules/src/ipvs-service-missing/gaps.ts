/** What IPVS lacks of the Services that a node should balance: the virtual service itself, or servers in it. */
import { type Address, type Ip, type Node, proto, type Snapshot, sameIp } from '@coldtrace/core';
import {
  type AddressService,
  addressServices,
  boundAddresses,
  takingServers,
  usesIpvs,
} from '../facts/ipvs-services.js';
import { serviceEntries } from '../facts/service-entries.js';
import { clusterAddresses, type ReadyEndpoint, readyEndpoints, type ServiceAddress } from '../facts/service-objects.js';
import { tablesNamed } from '../facts/table-rules.js';

export type Gap =
  /** An address of kube-ipvs0 for which IPVS has nothing at all. */
  | { readonly kind: 'address'; readonly ip: Ip; readonly bound: Address; readonly objects: readonly ServiceAddress[] }
  /** A port of a Service, whose address is bound or served otherwise. */
  | { readonly kind: 'port'; readonly ip: Ip; readonly bound: Address | null; readonly object: ServiceAddress }
  /** Servers are none, or have no weight, and the API has endpoints for them. */
  | {
      readonly kind: 'servers';
      readonly service: AddressService;
      readonly object: ServiceAddress;
      readonly endpoints: readonly ReadyEndpoint[];
    };

/** Gaps of a node whose virtual services are all known. */
export function gapsOf(snapshot: Snapshot, node: Node): readonly Gap[] {
  if (!usesIpvs(node)) return [];
  const { host } = node;
  const services = addressServices(host);
  const served = new Set(services.map(({ ip }) => keyOf(ip)));
  const translated = new Set(
    ([4, 6] as const).flatMap((family) =>
      tablesNamed(host, family, 'nat').flatMap(({ table }) => serviceEntries(table, family).map(({ ip }) => keyOf(ip))),
    ),
  );
  // kube-proxy went on in iptables mode and left the addresses behind: they do no harm.
  if (services.length === 0 && translated.size > 0) return [];
  const bound = boundAddresses(host);
  const objects = groupedByAddress(snapshot);
  const addresses = bound
    .filter(({ ip, scope }) => scope !== 'link' && !served.has(keyOf(ip)) && !translated.has(keyOf(ip)))
    .map((row): Gap => ({ kind: 'address', ip: row.ip, bound: row, objects: objects.get(keyOf(row.ip)) ?? [] }));
  return [...addresses, ...objectGaps(snapshot, services, { bound, translated, objects })];
}

interface Known {
  readonly bound: readonly Address[];
  readonly translated: ReadonlySet<string>;
  readonly objects: ReadonlyMap<string, readonly ServiceAddress[]>;
}

/** What the API asks for and IPVS does not do. */
function objectGaps(snapshot: Snapshot, services: readonly AddressService[], known: Known): readonly Gap[] {
  const boundAt = new Map(known.bound.map((row) => [keyOf(row.ip), row]));
  const byPort = new Map(services.map((service) => [portKey(service.ip, service.port, service.proto), service]));
  const gaps: Gap[] = [];
  for (const [key, objects] of known.objects) {
    const bound = boundAt.get(key) ?? null;
    const anyServed = objects.some((one) => byPort.has(portKey(one.ip, one.port.port, one.proto)));
    for (const object of objects) {
      const service = byPort.get(portKey(object.ip, object.port.port, object.proto));
      if (service === undefined) {
        // An address that is bound and not served at all is told once, as an address.
        const isTold = bound !== null && !anyServed && !services.some(({ ip }) => sameIp(ip, object.ip));
        if (!isTold && !known.translated.has(key) && object.proto !== proto.sctp)
          gaps.push({ kind: 'port', ip: object.ip, bound, object });
      } else if (takingServers(service).length === 0 && object.service.internalTrafficPolicy !== 'Local') {
        const endpoints = readyEndpoints(snapshot, object) ?? [];
        if (endpoints.length > 0) gaps.push({ kind: 'servers', service, object, endpoints });
      }
    }
  }
  return gaps;
}

const nobodyBalances = 'service.kubernetes.io/service-proxy-name';

/** Services that kube-proxy looks after, by address. */
function groupedByAddress(snapshot: Snapshot): ReadonlyMap<string, readonly ServiceAddress[]> {
  const groups = new Map<string, ServiceAddress[]>();
  for (const one of clusterAddresses(snapshot)) {
    if (one.service.meta.labels[nobodyBalances] !== undefined) continue;
    const key = keyOf(one.ip);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

function keyOf({ family, a, b, c, d }: Ip): string {
  return `${family} ${a} ${b} ${c} ${d}`;
}

function portKey(ip: Ip, port: number, protocol: number): string {
  return `${keyOf(ip)} ${port} ${protocol}`;
}
