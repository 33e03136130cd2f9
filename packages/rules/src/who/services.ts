/** Ways in to Services: from the API's objects, else from the comments that kube-proxy writes to its rules. */
import {
  type Chain,
  comment,
  type Family,
  type Ip,
  type KubeService,
  matchData,
  type Node,
  parseProto,
  type Rule,
  type Snapshot,
} from '@coldtrace/core';
import { destinationPort } from '../facts/service-entries.js';
import { tablesNamed } from '../facts/table-rules.js';

export interface ServiceEnd {
  /** `default/web` */
  readonly fullName: string;
  readonly portName: string | null;
  readonly kind: 'cluster' | 'external' | 'nodePort';
  /** null: any address of a node for a node port, none at all for a headless Service. */
  readonly ip: Ip | null;
  /** The Service's own port, or the node's. */
  readonly port: number;
  readonly proto: number;
  /** The Service's own port, by which it is asked for. */
  readonly servicePort: number | null;
}

export function servicesOf(snapshot: Snapshot): readonly ServiceEnd[] {
  const services = snapshot.objects.filter((one): one is KubeService => one.kind === 'Service');
  const told = services.flatMap(ofObject);
  const names = new Set(told.map(({ fullName }) => fullName));
  return [...told, ...ofRules(snapshot).filter(({ fullName }) => !names.has(fullName))];
}

function ofObject({ meta, clusterIps, externalIps, ports }: KubeService): readonly ServiceEnd[] {
  const fullName = meta.namespace === null ? meta.name : `${meta.namespace}/${meta.name}`;
  return ports.flatMap(({ name, port, protocol, nodePort }) => {
    const base = { fullName, portName: name, proto: parseProto(protocol.toLowerCase()) ?? 6, servicePort: port };
    return [
      ...(clusterIps.length === 0 ? [null] : clusterIps).map((ip) => ({ ...base, kind: 'cluster', ip, port }) as const),
      ...externalIps.map((ip) => ({ ...base, kind: 'external', ip, port }) as const),
      ...(nodePort === null ? [] : [{ ...base, kind: 'nodePort', ip: null, port: nodePort } as const]),
    ];
  });
}

/** Every node has the same ones: the first with rules of kube-proxy speaks for all. */
function ofRules({ nodes }: Snapshot): readonly ServiceEnd[] {
  const families: readonly Family[] = [4, 6];
  return families.flatMap((family) => {
    for (const node of nodes) {
      const ends = ofNode(node, family);
      if (ends.length > 0) return ends;
    }
    return [];
  });
}

/** Chains in which kube-proxy looks for the Service of a packet. */
const entries: readonly string[] = ['KUBE-SERVICES', 'KUBE-NODEPORTS'];

function ofNode(node: Node, family: Family): readonly ServiceEnd[] {
  return tablesNamed(node.host, family, 'nat').flatMap(({ table }) =>
    table.chains.filter(({ name }) => entries.includes(name)).flatMap((chain) => [...endsOf(chain)]),
  );
}

function* endsOf({ name, rules }: Chain): Generator<ServiceEnd> {
  for (let index = 0; index < rules.length; index++) {
    const rule = rules.at(index);
    const end = rule === undefined ? null : ofRule(rule, name);
    if (end !== null) yield end;
  }
}

const said = /^([^\s:]+\/[^\s:]+)(?::(\S+))?(?: (cluster|external|loadbalancer) IP)?$/;

function ofRule(rule: Rule, chain: string): ServiceEnd | null {
  const port = destinationPort(rule);
  const proto = rule.header.proto?.proto;
  for (const match of rule.matches) {
    const [, fullName, portName = null, what] = said.exec(matchData(match, comment)?.comment ?? '') ?? [];
    if (fullName === undefined || port === null || proto === undefined) continue;
    const base = { fullName, portName, port, proto };
    if (chain === 'KUBE-NODEPORTS') return { ...base, kind: 'nodePort', ip: null, servicePort: null };
    const { dst } = rule.header;
    if (dst === null || dst.invert || what === undefined) continue;
    return { ...base, kind: what === 'cluster' ? 'cluster' : 'external', ip: dst.masked.ip, servicePort: port };
  }
  return null;
}
