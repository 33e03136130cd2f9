/** What tells that an endpoint is dead, or alive: who holds its address, its Node object, clients and logs. */
import {
  type Evidence,
  formatIp,
  type Ip,
  isUnspecified,
  type KubeNode,
  type NetNs,
  type Node,
  type Observation,
  parseIp,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { serviceDevice } from '../facts/ipvs-services.js';
import { partOfObject } from '../facts/part-of.js';
import { type BalancedEndpoint, protocolName } from './balanced.js';

export interface Holder {
  readonly node: Node;
  readonly ns: NetNs;
  /** As traces name it. */
  readonly place: string;
}

const holders = new WeakMap<Snapshot, ReadonlyMap<string, Holder>>();

/** Captured namespaces by the addresses that they hold; of an address that several hold, none. */
export function holderOf(snapshot: Snapshot, ip: Ip): Holder | null {
  let known = holders.get(snapshot);
  if (known === undefined) {
    known = holdersByAddress(snapshot);
    holders.set(snapshot, known);
  }
  return known.get(formatIp(ip)) ?? null;
}

/** By the name that traces use, for one whose addresses were not captured. */
export function holderNamed({ nodes }: Snapshot, place: string): Holder | null {
  for (const node of nodes) {
    for (const ns of [node.host, ...node.namespaces]) {
      const name = ns.name === null ? node.name : `${node.name}/${ns.name}`;
      if (name === place && ns.addresses.state === 'absent') return { node, ns, place };
    }
  }
  return null;
}

function holdersByAddress(snapshot: Snapshot): ReadonlyMap<string, Holder> {
  const found = new Map<string, Holder>();
  const shared = new Set<string>();
  for (const node of snapshot.nodes) {
    for (const ns of [node.host, ...node.namespaces]) {
      const place = ns.name === null ? node.name : `${node.name}/${ns.name}`;
      for (const { ip, dev, trust } of ns.addresses.rows) {
        if (dev === 'lo' || dev === serviceDevice || trust === 'claimed') continue;
        const key = formatIp(ip);
        if (found.has(key) && found.get(key)?.ns !== ns) shared.add(key);
        found.set(key, { node, ns, place });
      }
    }
  }
  for (const key of shared) found.delete(key);
  return found;
}

/** Does the listing of sockets speak for the protocol? */
export function speaksFor({ sockets }: NetNs, proto: number): boolean {
  const protocol = protocolName(proto);
  return protocol !== null && (sockets.state === 'complete' || sockets.listens?.includes(protocol) === true);
}

/** A socket that is bound to another address, as to 127.0.0.1, takes nothing that comes for this one. */
export function listensOn({ sockets }: NetNs, { ip, port }: Pick<BalancedEndpoint, 'ip' | 'port'>, proto: number) {
  const protocol = protocolName(proto);
  return sockets.rows.some(
    (row) =>
      row.protocol === protocol &&
      row.localPort === port &&
      (row.localIp === null || isUnspecified(row.localIp) || sameIp(row.localIp, ip)) &&
      (row.state === 'LISTEN' || row.state === 'UNCONN') &&
      row.trust !== 'claimed',
  );
}

/** The listing that has no socket for the endpoint, and those on its port that are bound to another address. */
export function silenceOf(holder: Holder, { ip, port }: Pick<BalancedEndpoint, 'ip' | 'port'>, proto: number) {
  const { sockets } = holder.ns;
  const elsewhere = sockets.rows.filter(
    ({ protocol, localPort, localIp, state }) =>
      protocol === protocolName(proto) && localPort === port && localIp !== null && state === 'LISTEN',
  );
  const where = elsewhere.length > 0 ? ` of ${formatIp(ip)}` : '';
  const listing = sockets.sources.slice(0, 1);
  return [
    ...listing.map(({ span }) => ({
      span,
      why: `all that listens on ${holder.place}: nothing on port ${port}${where}`,
    })),
    ...elsewhere.slice(0, 1).map(({ span, localIp }) => ({
      span,
      why: `takes connections to ${localIp === null ? 'another address' : formatIp(localIp)} only`,
    })),
  ];
}

/** The Node object that has the address, when it says that the node is not ready. */
export function notReadyNode(
  snapshot: Snapshot,
  ip: Ip,
): { readonly name: string; readonly evidence: Evidence } | null {
  const node = snapshot.objects.find(
    (object): object is KubeNode =>
      object.kind === 'Node' &&
      object.ready === false &&
      // Many installations name nodes by their addresses, and a short table shows nothing else.
      [object.meta.name, ...object.addresses.map(({ address }) => address)].some((text) => {
        const parsed = parseIp(text);
        return parsed !== null && sameIp(parsed, ip);
      }),
  );
  if (node === undefined) return null;
  const row = partOfObject(snapshot, node, 'NotReady');
  const ready = row === node.span ? partOfObject(snapshot, node, 'type: Ready') : row;
  return { name: node.meta.name, evidence: { span: ready, why: `node ${node.meta.name} is not ready` } };
}

export type Experience = 'refused' | 'timeout' | 'unreachable' | 'answered';

export interface Sighting {
  readonly what: Experience;
  readonly evidence: Evidence;
}

const events: Readonly<Record<string, Experience>> = {
  'dial-refused': 'refused',
  'dial-timeout': 'timeout',
  'dial-unreachable': 'unreachable',
};

const experiences = new WeakMap<Snapshot, readonly Observation[]>();

/** Of all that was observed, what tells of an attempt. */
function told(snapshot: Snapshot): readonly Observation[] {
  let rows = experiences.get(snapshot);
  if (rows === undefined) {
    const all = [...snapshot.observations, ...snapshot.nodes.flatMap(({ observations }) => observations)];
    rows = all.filter((row) => row.kind === 'attempt' || (row.kind === 'log' && events[row.event] !== undefined));
    experiences.set(snapshot, rows);
  }
  return rows;
}

/** What clients and logs tell of the endpoint itself. */
export function sightings(snapshot: Snapshot, ip: Ip, port: number): readonly Sighting[] {
  return told(snapshot).flatMap((row) => {
    const what = experienceOf(row, ip, port);
    return what === null ? [] : [{ what, evidence: { span: row.span, why: words[what] } }];
  });
}

const words: Readonly<Record<Experience, string>> = {
  refused: 'a client was refused there',
  timeout: 'a client got no answer there',
  unreachable: 'a client could not reach it',
  answered: 'a client was answered there',
};

function experienceOf(row: Observation, ip: Ip, port: number): Experience | null {
  if (row.kind === 'attempt') {
    if (row.ip === null || !sameIp(row.ip, ip) || (row.port !== null && row.port !== port)) return null;
    if (row.outcome === 'reset') return 'refused';
    if (row.outcome === 'tls-error') return 'answered';
    return row.outcome === 'unknown' || row.outcome === 'name-error' || row.tool === 'ping' ? null : row.outcome;
  }
  if (row.kind !== 'log') return null;
  const what = events[row.event];
  return what !== undefined && row.data['target'] === targetText(ip, port) ? what : null;
}

function targetText(ip: Ip, port: number): string {
  return ip.family === 6 ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`;
}
