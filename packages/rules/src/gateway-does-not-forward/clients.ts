/** Who sends through a node: namespaces whose default route names one of its addresses, and networks that it masquerades although nobody there was captured. */
import {
  type Evidence,
  type Family,
  formatIp,
  formatPrefix,
  type Ip,
  maskedContains,
  type NetNs,
  type Node,
  nextIp,
  type Origin,
  type Prefix,
  prefixContains,
  prefixOf,
  type Route,
  type Rule,
  type Snapshot,
  sameIp,
  type Trust,
} from '@coldtrace/core';
import { hostNetworks } from '../facts/host-networks.js';
import { partOf } from '../facts/part-of.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import { podNetworks } from './pods.js';

export interface Client {
  readonly name: string;
  readonly ip: Ip;
  readonly origin: Origin;
  readonly evidence: readonly Evidence[];
  /** What is assumed of it; null: all of it was captured. */
  readonly doubt: string | null;
}

/** Those behind one device of a node whose packets it has to pass on. */
export interface Clientele {
  readonly gateway: Node;
  readonly family: Family;
  readonly dev: string;
  readonly network: Prefix;
  readonly clients: readonly [Client, ...Client[]];
  /** They are namespaces of the node itself: pods and containers. */
  readonly inside: boolean;
  /** Nobody there was captured: why they are taken to be clients. */
  readonly assumption: string | null;
}

export function clienteles(snapshot: Snapshot, gateway: Node): readonly Clientele[] {
  const captured = [4, 6].flatMap((family) => capturedClients(snapshot, gateway, family === 4 ? 4 : 6));
  const known = (network: Prefix) => captured.some((one) => prefixContains(one.network, network.ip));
  const others = [...masqueradedNetworks(snapshot, gateway), ...podNetworks(snapshot, gateway)];
  return [...captured, ...others.filter(({ network }) => !known(network))];
}

function capturedClients(snapshot: Snapshot, gateway: Node, family: Family): readonly Clientele[] {
  const found = new Map<string, Clientele>();
  const own = new Set(gateway.host.addresses.rows.map(({ ip }) => formatIp(ip)));
  for (const { node, ns, route, gateways } of everyDefaultRoute(snapshot, family)) {
    if (ns === gateway.host || !gateways.some((ip) => own.has(ip))) continue;
    const one = through(snapshot, gateway, node, ns, route);
    if (one === null) continue;
    const before = found.get(one.dev);
    const clients = before === undefined ? one.clients : ([...before.clients, ...one.clients] as const);
    found.set(one.dev, { ...one, clients: [clients[0], ...clients.slice(1)] });
  }
  return [...found.values()];
}

interface DefaultRoute {
  readonly node: Node;
  readonly ns: NetNs;
  readonly route: Route;
  /** As text, by which they are compared. */
  readonly gateways: readonly string[];
}

/** Every gateway of the snapshot asks for all of them. */
const known = new WeakMap<Snapshot, Map<Family, readonly DefaultRoute[]>>();

function everyDefaultRoute(snapshot: Snapshot, family: Family): readonly DefaultRoute[] {
  const ofSnapshot = known.get(snapshot) ?? new Map<Family, readonly DefaultRoute[]>();
  known.set(snapshot, ofSnapshot);
  const routes = ofSnapshot.get(family) ?? [...findEveryDefaultRoute(snapshot, family)];
  ofSnapshot.set(family, routes);
  return routes;
}

function* findEveryDefaultRoute({ nodes }: Snapshot, family: Family): Generator<DefaultRoute> {
  for (const node of nodes) {
    for (const ns of [node.host, ...node.namespaces]) {
      for (const route of defaultRoutes(ns, family)) {
        const gateways = route.nexthops.flatMap(({ via }) => (via === null ? [] : [formatIp(via)]));
        yield { node, ns, route, gateways };
      }
    }
  }
}

/** The default route, or its two halves as VPNs write them; the best metric first. */
function defaultRoutes(ns: NetNs, family: Family): readonly Route[] {
  const routes = ns.routes.rows.filter(
    (route) => route.dst.length <= 1 && route.family === family && route.type === 'unicast' && route.table === 'main',
  );
  const best = Math.min(...routes.map(({ metric }) => metric));
  return routes.filter(({ metric, dst }) => metric === best && (dst.length === 0 || dst.ip.a === 0));
}

function through(snapshot: Snapshot, gateway: Node, node: Node, ns: NetNs, route: Route): Clientele | null {
  for (const hop of route.nexthops) {
    const via = hop.via;
    const own =
      via === null ? undefined : gateway.host.addresses.rows.find((row) => row.dev !== 'lo' && sameIp(row.ip, via));
    if (via === null || own === undefined) continue;
    const network = prefixOf(own.ip, own.prefixLength);
    const source = ownSource(ns, route, hop.dev) ?? takenSource(snapshot, gateway, ns, network, own.dev);
    if (source === null) continue;
    const evidence = [
      {
        span: partOf(snapshot, route.span, `via ${formatIp(via)}`),
        why: `${node.name} sends by default to ${formatIp(via)}`,
      },
      { span: partOf(snapshot, own.span, formatIp(via)), why: `which is ${own.dev} of ${gateway.name}` },
    ];
    const client: Client = {
      name: ns.name === null ? node.name : `${node.name}/${ns.name}`,
      ip: source.ip,
      origin: { kind: 'process', node, ns, src: source.bound ? source.ip : null },
      evidence,
      doubt: doubtOf(node, source, [route.trust, own.trust]),
    };
    const inside = node === gateway;
    return { gateway, family: route.family, dev: own.dev, network, clients: [client], inside, assumption: null };
  }
  return null;
}

interface OwnSource {
  readonly ip: Ip;
  readonly trust: Trust | undefined;
  /** Where no address was captured, the source is given and not left to the routing. */
  readonly bound: boolean;
  /** Any address of the network: nothing names its own. */
  readonly taken?: true;
}

/** The address of the device; where `ip addr` is not there, the one that its routes name. */
function ownSource(ns: NetNs, { family }: Route, dev: string | null): OwnSource | null {
  const address = ns.addresses.rows.find(
    (row) => row.dev === dev && row.ip.family === family && row.scope === 'global',
  );
  if (address !== undefined) return { ip: address.ip, trust: address.trust, bound: false };
  for (const { prefsrc, nexthops, trust } of ns.routes.rows)
    if (prefsrc?.family === family && nexthops.some((hop) => hop.dev === dev))
      return { ip: prefsrc, trust, bound: true };
  return null;
}

/** Whose addresses nobody captured, and whose routes name none, has some address of the network. */
function takenSource(
  snapshot: Snapshot,
  gateway: Node,
  { addresses }: NetNs,
  network: Prefix,
  dev: string,
): OwnSource | null {
  if (addresses.state !== 'absent') return null;
  const ip = somebody(snapshot, gateway, network, dev);
  return ip === null ? null : { ip, trust: undefined, bound: true, taken: true };
}

function doubtOf({ name }: Node, source: OwnSource, trusts: readonly (Trust | undefined)[]): string | null {
  if (source.taken === true)
    return `${name} is taken to send with ${formatIp(source.ip)}; its addresses were not captured`;
  if (source.bound)
    return `${name} sends with ${formatIp(source.ip)}, which its routes name; its addresses were not captured`;
  const captured = [...trusts, source.trust].every((trust) => (trust ?? 'captured') === 'captured');
  return captured ? null : `the route and addresses of ${name} are as the mended or claimed text says`;
}

/** A node whose addresses nobody captured may be the gateway that others name. */
export function mayBeGateway({ nodes }: Snapshot, node: Node): boolean {
  const held = (ip: Ip) => nodes.some((one) => one.host.addresses.rows.some((row) => sameIp(row.ip, ip)));
  return (
    node.host.addresses.rows.length === 0 &&
    node.host.addresses.state !== 'complete' &&
    (node.host.rulesets.length > 0 || node.host.sysctl.byKey.size > 0) &&
    nodes.some(
      (other) =>
        other !== node &&
        defaultRoutes(other.host, 4).some(({ nexthops }) => nexthops.some(({ via }) => via !== null && !held(via))),
    )
  );
}

/** `-s NETWORK … -j MASQUERADE` for a network of the node's own interfaces: it is meant to lead those hosts out. */
function masqueradedNetworks(snapshot: Snapshot, gateway: Node): readonly Clientele[] {
  const { host } = gateway;
  const out = defaultRoutes(host, 4).flatMap(({ nexthops }) => nexthops.flatMap(({ dev }) => dev ?? []));
  const found: Clientele[] = [];
  for (const { prefix, address } of hostNetworks(host)) {
    if (prefix.ip.family !== 4 || out.includes(address.dev) || out.length === 0) continue;
    const rule = masqueradeOf(host, address.ip);
    const ip = rule === null ? null : somebody(snapshot, gateway, prefix, address.dev);
    if (rule === null || ip === null) continue;
    const evidence = [
      { span: rule.span, why: `${gateway.name} masquerades what comes from ${formatPrefix(prefix)}` },
      { span: address.span, why: `which is the network of ${address.dev}` },
    ];
    const origin: Origin = { kind: 'entering', node: gateway, ns: host, dev: address.dev, src: ip };
    found.push({
      gateway,
      family: 4,
      dev: address.dev,
      network: prefix,
      clients: [{ name: formatIp(ip), ip, origin, evidence, doubt: null }],
      inside: false,
      assumption: `hosts of ${formatPrefix(prefix)} send through ${gateway.name}; none of them was captured`,
    });
  }
  return found;
}

function masqueradeOf(host: NetNs, ip: Ip): Rule | null {
  for (const { table } of tablesNamed(host, 4, 'nat')) {
    for (const { rule } of rulesOf(table, 'MASQUERADE', 'SNAT')) {
      const { src } = rule.header;
      const masks = rule.target?.kind === 'known' && ['MASQUERADE', 'SNAT'].includes(rule.target.name);
      if (masks && src !== null && !src.invert && maskedContains(src.masked, ip)) return rule;
    }
  }
  return null;
}

/** A neighbour there, else a sender that somebody saw, else the network's first free address. */
function somebody(snapshot: Snapshot, gateway: Node, network: Prefix, dev: string): Ip | null {
  const own = (ip: Ip) => gateway.host.addresses.rows.some((row) => sameIp(row.ip, ip));
  const neighbours = gateway.host.neighbours.rows.filter((row) => row.dev === dev).map(({ ip }) => ip);
  const seen = [...gateway.observations, ...snapshot.observations].flatMap((row) =>
    row.kind === 'packet' && row.src !== null ? [row.src] : [],
  );
  const first = nextIp(network.ip);
  const free = first === null ? [] : [first, ...[nextIp(first)].flatMap((ip) => ip ?? [])];
  return [...neighbours, ...seen, ...free].find((ip) => prefixContains(network, ip) && !own(ip)) ?? null;
}
