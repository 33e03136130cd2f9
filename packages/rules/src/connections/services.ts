/** The two Services that every cluster lives on: `kubernetes` and DNS. From the API, else from what kube-proxy wrote into rules or IPVS. */
import {
  comment,
  type Family,
  formatIp,
  type Ip,
  type KubeService,
  matchData,
  type Node,
  type Rule,
  type Snapshot,
} from '@coldtrace/core';
import { destinationPort } from '../facts/service-entries.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';

export interface StandardService {
  readonly kind: 'kubernetes' | 'dns';
  readonly name: string;
  readonly ip: Ip;
  readonly port: number;
  readonly proto: number;
}

const dnsPort = 53;
const kinds = ['kubernetes', 'dns'] as const;

/** At most one of each kind and family. */
export function standardServices(snapshot: Snapshot): readonly StandardService[] {
  const found: StandardService[] = [...fromObjects(snapshot)];
  for (const family of [4, 6] as const) {
    const lacking = () => kinds.filter((kind) => !found.some((one) => one.kind === kind && one.ip.family === family));
    for (const node of snapshot.nodes) {
      if (lacking().length === 0) break;
      for (const one of [...fromRules(node, family), ...fromIpvs(node, family)])
        if (lacking().includes(one.kind)) found.push(one);
    }
  }
  return found;
}

function fromObjects({ objects }: Snapshot): readonly StandardService[] {
  const services = objects.filter((one): one is KubeService => one.kind === 'Service');
  return kinds.flatMap((kind) => {
    const service = services.find((one) => kindOf(`${one.meta.namespace}/${one.meta.name}`, one.meta.labels) === kind);
    if (service === undefined) return [];
    const name = `${service.meta.namespace}/${service.meta.name}`;
    const port = kind === 'dns' ? dnsPort : service.ports[0]?.port;
    return port === undefined ? [] : service.clusterIps.map((ip) => ({ kind, name, ip, port, proto: protoOf(kind) }));
  });
}

const protoOf = (kind: StandardService['kind']) => (kind === 'dns' ? 17 : 6);

function kindOf(name: string, labels: Readonly<Record<string, string>> = {}): StandardService['kind'] | null {
  if (name === 'default/kubernetes') return 'kubernetes';
  const dns =
    labels['k8s-app'] === 'kube-dns' || /^kube-system\/(?:kube-dns|coredns|rke2-coredns-rke2-coredns)$/.test(name);
  return dns ? 'dns' : null;
}

/** kube-proxy names the Service in the comment of each rule: `default/kubernetes:https cluster IP`. */
function* fromRules(node: Node, family: Family): Generator<StandardService> {
  for (const { table } of tablesNamed(node.host, family, 'nat')) {
    for (const { chain, rule } of rulesOf(table)) {
      if (chain.name !== 'KUBE-SERVICES') continue;
      const service = ofRule(rule);
      if (service !== null) yield service;
    }
  }
}

function ofRule(rule: Rule): StandardService | null {
  const name = rule.matches
    .map((match) => /^([^\s:]+\/[^\s:]+)(?::\S*)? cluster IP$/.exec(matchData(match, comment)?.comment ?? '')?.[1])
    .find((one) => one !== undefined);
  const kind = name === undefined ? null : kindOf(name);
  const port = destinationPort(rule);
  const { dst, proto } = rule.header;
  if (name === undefined || kind === null || port === null || dst === null || dst.invert) return null;
  if (proto?.proto !== protoOf(kind) || (kind === 'dns' && port !== dnsPort)) return null;
  return { kind, name, ip: dst.masked.ip, port, proto: proto.proto };
}

/** IPVS has no names: the first address of the Service network at port 443 is the API's, whoever serves UDP 53 is DNS. */
function* fromIpvs(node: Node, family: Family): Generator<StandardService> {
  for (const { key } of node.host.ipvs.rows) {
    if (key.kind !== 'address' || key.ip.family !== family) continue;
    const at = `${formatIp(key.ip)}:${key.port}`;
    if (key.protocol === 'tcp' && key.port === 443 && isFirst(key.ip))
      yield { kind: 'kubernetes', name: at, ip: key.ip, port: 443, proto: 6 };
    if (key.protocol === 'udp' && key.port === dnsPort)
      yield { kind: 'dns', name: at, ip: key.ip, port: dnsPort, proto: 17 };
  }
}

const isFirst = (ip: Ip) => ((ip.family === 4 ? ip.a : ip.d) & 0xff) === 1;
