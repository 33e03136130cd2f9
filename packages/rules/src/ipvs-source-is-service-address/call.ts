/** A process of the node calls a Service that IPVS serves: does the packet go to its server with the Service's own address as its source? */
import {
  type AssumeMode,
  type Ip,
  type NetNs,
  type Node,
  type Outcome,
  type Snapshot,
  sameIp,
  type Trace,
  trace,
} from '@coldtrace/core';
import type { Standing } from '../facts/altered.js';
import {
  type AddressService,
  addressRow,
  addressServices,
  isServiceAddress,
  takingServers,
} from '../facts/ipvs-services.js';
import { serviceAt } from '../facts/service-objects.js';
import { holdsService } from '../facts/set-members.js';

export interface Call {
  readonly service: AddressService;
  /** `default/kubernetes`, where the API's objects tell. */
  readonly name: string | null;
}

export interface Shown {
  readonly call: Call;
  readonly trace: Trace;
  /** Ways on which the packet leaves the node with the Service's address as its source, and no answer is known to come. */
  readonly lost: readonly Outcome[];
}

const mostCalls = 4;

/** The Services worth a try: those that logs and clients name, those that sets lack, the API server's, the rest. */
export function callsOf(snapshot: Snapshot, node: Node): readonly Call[] {
  const calls = addressServices(node.host)
    .filter(
      (service) =>
        service.proto !== 132 && isServiceAddress(node.host, service.ip) && takingServers(service).length > 0,
    )
    .map((service): Call => {
      const { ip, port, proto } = service;
      return { service, name: serviceAt(snapshot, ip, port, proto)?.name ?? null };
    });
  const named = calls.filter(({ service }) => isNamed(snapshot, node, service));
  const unlisted = calls.filter(({ service }) => lacksMember(node.host, service));
  const api = calls.filter(({ name, service }) => name === 'default/kubernetes' || isApiServer(service));
  return [...new Set([...named, ...api.slice(0, 1), ...unlisted.slice(0, 1), ...calls])].slice(0, mostCalls);
}

/** The Service of the API servers, by the ports that they use. */
function isApiServer({ port, row }: AddressService): boolean {
  return port === 443 && row.servers.some((server) => server.port === 6443);
}

/** A client or a log tells of an attempt to reach it. */
function isNamed(snapshot: Snapshot, node: Node, { ip, port }: AddressService): boolean {
  return [...node.observations, ...snapshot.observations].some(
    (row) => row.kind === 'attempt' && row.ip !== null && sameIp(row.ip, ip) && (row.port ?? port) === port,
  );
}

/** Some set of addresses and ports holds other services of the node, and not this one. */
function lacksMember(ns: NetNs, { ip, port, proto }: AddressService): boolean {
  return ns.ipsets.rows.some(
    (set) => set.type === 'hash:ip,port' && set.elements.length > 0 && !holdsService(set, ip, proto, port),
  );
}

export function show({ snapshot, node }: Standing, call: Call, assume: AssumeMode): Shown {
  const { ip, port, proto } = call.service;
  const shown = trace(snapshot, {
    from: { kind: 'process', node, ns: node.host, src: null },
    to: { ip, port },
    proto,
    sport: null,
    assume,
  });
  return { call, trace: shown, lost: shown.outcomes.filter((outcome) => isLost(node, ip, outcome)) };
}

/** Left the node, with that source, for a server that is not known to answer it. */
function isLost(node: Node, service: Ip, outcome: Outcome): boolean {
  const { disposition, final, reply, steps } = outcome;
  if (!sameIp(final.src, service)) return false;
  const leaves = steps.some((step) => step.stage === 'egress' && step.node === node.name);
  if (!leaves || addressRow(node.host, final.dst) !== undefined) return false;
  return !(disposition === 'delivered' || disposition === 'forwarded') || reply?.disposition !== 'delivered';
}
