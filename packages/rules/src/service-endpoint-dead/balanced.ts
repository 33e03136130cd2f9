/** The Services of a node and the endpoints that its connections are shared out to: by kube-proxy's rules, by IPVS, else by the API's word. */
import {
  type Evidence,
  type Fraction,
  formatIp,
  type Ip,
  type KubeEndpoints,
  type NetNs,
  type Node,
  proto as protocols,
  type Rule,
  type Snapshot,
  sameIp,
  type Table,
  type VirtualServer,
} from '@coldtrace/core';
import { addressServices } from '../facts/ipvs-services.js';
import { entriesAt, type NewEntries, newEntries, type ServiceEntry } from '../facts/service-entries.js';
import { clusterAddresses, decisive, endpointEvidence, readyEndpoints, serviceAt } from '../facts/service-objects.js';
import { strayEntries } from '../facts/stray-entries.js';
import { tablesNamed } from '../facts/table-rules.js';
import { serviceNameOf, sharesOf } from './shares.js';

export interface Balanced {
  /** `default/kubernetes`, where anything tells. */
  readonly name: string | null;
  /** null: only its endpoints are known, and `port` is theirs. */
  readonly ip: Ip | null;
  readonly port: number;
  readonly proto: number;
  /** Whose rules say so; null: only the API does. */
  readonly node: Node | null;
  readonly endpoints: readonly BalancedEndpoint[];
  /** Of these another node has the ones that are told of there; absent: none. */
  readonly toldElsewhere?: readonly BalancedEndpoint[];
  /** What the rules alone give to each endpoint's rule; null: more than chance decides, or there are no rules. */
  readonly sharesByRule: () => ReadonlyMap<Rule, Fraction> | null;
  /** The virtual server of IPVS whose scheduler shares connections out; null: rules or objects do. */
  readonly virtual: VirtualServer | null;
  /** The line that the Service's packets meet. */
  readonly evidence: Evidence;
}

export interface BalancedEndpoint {
  readonly ip: Ip;
  readonly port: number;
  /** The line that sends packets there. */
  readonly evidence: Evidence;
  /** The rule that does; null: IPVS or an object. */
  readonly rule: Rule | null;
}

/** Each Service once, from the first node that has it, and again from nodes that send it to endpoints which those before do not have. */
export function balancedServices(snapshot: Snapshot): readonly Balanced[] {
  const found = new Map<string, Balanced>();
  const keyOf = ({ ip, port, proto }: Pick<Balanced, 'ip' | 'port' | 'proto'>) =>
    `${ip === null ? '' : formatIp(ip)} ${port} ${proto}`;
  const clients = snapshot.nodes.filter(({ host }) => isClient(host));
  const entries = { 4: newEntries(4), 6: newEntries(6) } as const;
  const strays = { 4: strayEntries(4), 6: strayEntries(6) } as const;
  const more: Balanced[] = [];
  const add = (one: Balanced) => {
    const told = [...more, ...[found.get(keyOf(one)) ?? []].flat()]
      .filter((other) => other.node !== one.node && keyOf(other) === keyOf(one))
      .flatMap(({ endpoints }) => endpoints);
    const isTold = (endpoint: BalancedEndpoint) => told.some((other) => sameEndpoint(other, endpoint));
    if (told.length > 0 && !one.endpoints.every(isTold)) more.push({ ...one, toldElsewhere: told });
  };
  for (const node of clients) {
    const isKnown: Parameters<NewEntries>[1] = (entry) => found.has(keyOf(entry));
    for (const family of [4, 6] as const)
      for (const { table } of tablesNamed(node.host, family, 'nat')) {
        for (const entry of entries[family](table, isKnown))
          found.set(keyOf(entry), fromRules(snapshot, node, table, entry));
        for (const entry of strays[family](table)) add(fromRules(snapshot, node, table, entry));
      }
    for (const one of fromIpvs(snapshot, node))
      if (found.has(keyOf(one))) add(one);
      else found.set(keyOf(one), one);
  }
  return clients.length > 0 ? [...found.values(), ...more] : [...fromObjects(snapshot), ...fromEndpoints(snapshot)];
}

/** The same Service by what another node has of it: whoever holds an endpoint meets none of what keeps the others from it. */
export function servedElsewhere(snapshot: Snapshot, service: Balanced, endpoint: BalancedEndpoint): Balanced | null {
  const { ip, port, proto } = service;
  if (ip === null) return null;
  for (const node of snapshot.nodes) {
    if (node === service.node || !isClient(node.host)) continue;
    const same = [
      ...tablesNamed(node.host, ip.family, 'nat').flatMap(({ table }) =>
        entriesAt(table, { ip, port, proto }).map((entry) => fromRules(snapshot, node, table, entry)),
      ),
      ...fromIpvs(snapshot, node).filter(
        (one) => one.ip !== null && sameIp(one.ip, ip) && one.port === port && one.proto === proto,
      ),
    ].find(({ endpoints }) => endpoints.some((one) => sameEndpoint(one, endpoint)));
    if (same !== undefined) return same;
  }
  return null;
}

export function isClient({ rulesets, ipvs }: NetNs): boolean {
  return ipvs.rows.length > 0 || rulesets.some(({ tables }) => tables.some(({ name }) => name === 'nat'));
}

function fromRules(snapshot: Snapshot, node: Node, table: Table, entry: ServiceEntry): Balanced {
  const { ip, port, proto, rule, endpoints } = entry;
  return {
    sharesByRule: () => sharesOf(table, rule),
    virtual: null,
    name: serviceAt(snapshot, ip, port, proto)?.name ?? serviceNameOf(rule),
    ip,
    port,
    proto,
    node,
    evidence: { span: rule.span, why: `${formatIp(ip)} is the Service` },
    endpoints: endpoints.map((endpoint) => ({
      ip: endpoint.ip,
      port: endpoint.port ?? port,
      rule: endpoint.rule,
      evidence: { span: endpoint.rule.span, why: 'sends connections there' },
    })),
  };
}

function fromIpvs(snapshot: Snapshot, node: Node): readonly Balanced[] {
  return addressServices(node.host).map(({ ip, port, proto, row }) => ({
    name: serviceAt(snapshot, ip, port, proto)?.name ?? null,
    ip,
    port,
    proto,
    node,
    sharesByRule: () => null,
    virtual: row,
    evidence: { span: row.span, why: 'IPVS serves it' },
    endpoints: row.servers
      .filter(({ weight }) => weight > 0)
      .map((server) => ({
        ip: server.ip,
        port: server.port,
        rule: null,
        evidence: { span: server.span, why: 'sends connections there' },
      })),
  }));
}

/** No node's rules were captured: kube-proxy would share connections among the endpoints alike. */
function fromObjects(snapshot: Snapshot): readonly Balanced[] {
  return clusterAddresses(snapshot).flatMap((address) => {
    const endpoints = readyEndpoints(snapshot, address) ?? [];
    return endpoints.length === 0
      ? []
      : [
          {
            name: address.name,
            ip: address.ip,
            port: address.port.port,
            proto: address.proto,
            node: null,
            sharesByRule: () => null,
            virtual: null,
            evidence: { span: address.service.span, why: `Service ${address.name}` },
            endpoints: endpoints.map((endpoint) => ({ ...endpoint, rule: null })),
          },
        ];
  });
}

/** Endpoints whose Service object is not here, as in `kubectl get endpoints kubernetes`. */
function fromEndpoints(snapshot: Snapshot): readonly Balanced[] {
  const named = new Set(clusterAddresses(snapshot).map(({ name }) => name));
  const lists = new Map<string, KubeEndpoints[]>();
  for (const object of snapshot.objects) {
    if (object.kind !== 'Endpoints') continue;
    const name = `${object.meta.namespace ?? 'default'}/${object.service}`;
    lists.set(name, [...(lists.get(name) ?? []), object]);
  }
  return [...lists].flatMap(([name, all]) => {
    const objects = decisive(all);
    const [first] = objects;
    if (named.has(name) || first === undefined || objects.some(({ truncated }) => truncated)) return [];
    const ports = new Set(
      objects.flatMap(({ subsets }) => subsets.flatMap((subset) => subset.ports.flatMap(({ port }) => port ?? []))),
    );
    return [...ports].map((port) => ({
      name,
      ip: null,
      port,
      proto: protocolAt(objects, port),
      node: null,
      sharesByRule: () => null,
      virtual: null,
      evidence: { span: first.span, why: `endpoints of Service ${name}` },
      endpoints: endpointsAt(snapshot, objects, port),
    }));
  });
}

function endpointsAt(snapshot: Snapshot, objects: readonly KubeEndpoints[], port: number): readonly BalancedEndpoint[] {
  return objects.flatMap((object) =>
    object.subsets
      .filter(({ ports }) => ports.some((one) => one.port === port))
      .flatMap(({ endpoints }) => endpoints.filter(({ ready }) => ready))
      .map(({ ip }) => ({ ip, port, rule: null, evidence: endpointEvidence(snapshot, object, ip) })),
  );
}

function protocolAt(objects: readonly KubeEndpoints[], port: number): number {
  const ports = objects.flatMap(({ subsets }) => subsets.flatMap((subset) => subset.ports));
  return ports.find((one) => one.port === port)?.protocol === 'UDP' ? protocols.udp : protocols.tcp;
}

export function sameEndpoint(
  x: Pick<BalancedEndpoint, 'ip' | 'port'>,
  y: Pick<BalancedEndpoint, 'ip' | 'port'>,
): boolean {
  return x.port === y.port && sameIp(x.ip, y.ip);
}

export function protocolName(proto: number): 'tcp' | 'udp' | null {
  return proto === protocols.tcp ? 'tcp' : proto === protocols.udp ? 'udp' : null;
}
