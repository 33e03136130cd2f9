/** What the snapshot tells of nodes as such, where no rules and sets tell what becomes of a connection. */
import {
  type Evidence,
  formatIp,
  type Ip,
  type KubeEndpoints,
  type KubeObject,
  matchData,
  type Node,
  type Prefix,
  parseIp,
  type Snapshot,
  setMatch,
} from '@coldtrace/core';
import { hostNetworks } from '../facts/host-networks.js';
import { partOf, partOfObject } from '../facts/part-of.js';
import { endpointEvidence } from '../facts/service-objects.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';

export function usesSets(node: Node): boolean {
  return tablesNamed(node.host, 4, 'nat').some(({ table }) => {
    for (const { rule } of rulesOf(table, '--match-set'))
      if (rule.matches.some((match) => matchData(match, setMatch) !== null)) return true;
    return false;
  });
}

export interface NodeAddress {
  readonly ip: Ip;
  /** null: the API tells no network. */
  readonly network: Prefix | null;
  readonly evidence: Evidence;
}

/** Addresses that nodes are reached by, with where they stand: on their devices, and in the API. */
export function nodeAddresses(snapshot: Snapshot): readonly NodeAddress[] {
  return [
    ...snapshot.nodes.flatMap((node) => ofDevices(snapshot, node)),
    ...snapshot.objects.flatMap((object) => ofObject(snapshot, object)),
  ];
}

function ofDevices(snapshot: Snapshot, node: Node): readonly NodeAddress[] {
  return hostNetworks(node.host).map(({ prefix, address }) => ({
    ip: address.ip,
    network: prefix,
    evidence: {
      span: partOf(snapshot, address.span, formatIp(address.ip)),
      why: `address of ${address.dev} on ${node.name}`,
    },
  }));
}

function ofObject(snapshot: Snapshot, object: KubeObject): readonly NodeAddress[] {
  if (object.kind === 'Endpoints') return ofApiServer(snapshot, object);
  if (object.kind !== 'Node') return [];
  return object.addresses.flatMap(({ type, address }) => {
    const ip = type === 'InternalIP' ? parseIp(address) : null;
    const evidence = { span: partOfObject(snapshot, object, address), why: `address of node ${object.meta.name}` };
    return ip === null ? [] : [{ ip, network: null, evidence }];
  });
}

/** API servers stand on hosts: each writes its own address into the endpoints of Service kubernetes. */
function ofApiServer(snapshot: Snapshot, object: KubeEndpoints): readonly NodeAddress[] {
  if (object.service !== 'kubernetes' || (object.meta.namespace ?? 'default') !== 'default') return [];
  return object.subsets.flatMap(({ endpoints }) =>
    endpoints.map(({ ip }) => ({ ip, network: null, evidence: endpointEvidence(snapshot, object, ip) })),
  );
}
