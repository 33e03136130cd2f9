/** A process of the node calls a Service that IPVS serves: does the packet go to its server with the Service's own address as its source? */
import {
  type AssumeMode,
  type Ip,
  type IpSet,
  type Node,
  type Observation,
  type Outcome,
  type Snapshot,
  sameIp,
  type Trace,
} from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
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

const mostNamed = 2;

/** The Services worth a try: those that clients name, the API server's or else the first, one that a set lacks, one of another address. */
export function callsOf(snapshot: Snapshot, node: Node): readonly Call[] {
  const services = addressServices(node.host).filter(
    (service) => service.proto !== 132 && takingServers(service).length > 0 && isServiceAddress(node.host, service.ip),
  );
  const tried = [...node.observations, ...snapshot.observations].filter((row) => row.kind === 'attempt');
  const named = tried.length === 0 ? [] : services.filter((service) => isNamed(tried, service));
  const usual = services.find((service) => isApiServer(snapshot, service)) ?? services[0];
  const sets = node.host.ipsets.rows.filter(({ type, elements }) => type === 'hash:ip,port' && elements.length > 0);
  const unlisted = sets.length === 0 ? undefined : services.find((service) => lacksMember(sets, service));
  const another = services.find(({ ip }) => usual !== undefined && !sameIp(ip, usual.ip));
  const chosen = [...named.slice(0, mostNamed), usual, unlisted, another].filter((one) => one !== undefined);
  return [...new Set(chosen)].map((service) => {
    const { ip, port, proto } = service;
    return { service, name: serviceAt(snapshot, ip, port, proto)?.name ?? null };
  });
}

/** The Service of the API servers: by its name, else by the ports that they use. */
function isApiServer(snapshot: Snapshot, { ip, port, proto, row }: AddressService): boolean {
  if (port !== 443) return false;
  return (
    row.servers.some((server) => server.port === 6443) ||
    serviceAt(snapshot, ip, port, proto)?.name === 'default/kubernetes'
  );
}

/** A client tells of an attempt to reach it. */
function isNamed(tried: readonly Observation[], { ip, port }: AddressService): boolean {
  return tried.some(
    (row) => row.kind === 'attempt' && row.ip !== null && sameIp(row.ip, ip) && (row.port ?? port) === port,
  );
}

/** Some set of addresses and ports holds other services of the node, and not this one. */
function lacksMember(sets: readonly IpSet[], { ip, port, proto }: AddressService): boolean {
  return sets.some((set) => !holdsService(set, ip, proto, port));
}

export function show({ snapshot, node }: Standing, call: Call, assume: AssumeMode): Shown {
  const { ip, port, proto } = call.service;
  const shown = traceOnce(snapshot, {
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
