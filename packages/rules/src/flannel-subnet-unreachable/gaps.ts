/** What a node lacks to reach a peer's subnet: the device, the route, the neighbour entry of its next hop, the forwarding entry. */
import {
  type AssumeMode,
  type Evidence,
  type Family,
  formatIp,
  formatMac,
  formatPrefix,
  isCompleteFor,
  isZeroMac,
  type Mac,
  type NetNs,
  type Prefix,
  type Route,
  type Snapshot,
  sameIp,
  sameMac,
} from '@coldtrace/core';
import { showsRoutes } from '../facts/routes-shown.js';
import { type Backend, backendOf, chosenAddresses } from '../flannel/backend.js';
import { type CapturedNode, isIpv6Device, knowsRoutes, leaseOf, linkRow, routesTo } from '../flannel/common.js';
import { type FlannelNode, isFlannelDevice, type Told, vteps } from '../flannel/flannel-node.js';
import { notOnLink } from '../flannel-nexthop-not-onlink/on-link.js';
import { truthOf } from '../flannel-vtep-mac-stale/stale.js';
import { astray, barrierTo, undoOfReplacing } from './led-astray.js';
import { peerSubnet } from './peer-subnet.js';

export interface Gap {
  readonly kind: 'device' | 'down' | 'route' | 'barred' | 'astray' | 'neighbour' | 'forwarding';
  readonly node: CapturedNode;
  readonly peer: FlannelNode;
  readonly backend: Told<Backend>;
  readonly subnet: Told<Prefix>;
  /** On which the subnet rests. */
  readonly assumption: string | null;
  readonly data: Readonly<Record<string, string>>;
  readonly evidence: readonly Evidence[];
  readonly commands: readonly string[];
  /** Of the first command, where taking away what it adds is not enough. */
  readonly undo?: string;
  /** All lines that could say otherwise are here. */
  readonly complete: boolean;
}

export function gapBetween(
  snapshot: Snapshot,
  node: CapturedNode,
  peer: FlannelNode,
  family: Family,
  assume: AssumeMode,
): Gap | null {
  const backend = backendOf(snapshot, node);
  const shown = peerSubnet(snapshot, peer, family);
  if (backend === null || backend.value === 'other' || (family === 6 && backend.value === 'udp')) return null;
  if (shown === null) return null;
  const { subnet, assumption } = shown;
  const own = leaseOf(node, family);
  if (own !== null && sameIp(own.value.ip, subnet.value.ip)) return null;
  const found = { node, peer, backend, subnet, assumption };
  const [route] = routesTo(node.node, subnet.value);
  const barrier = barrierTo(node, subnet.value, route);
  if (barrier !== null) return barred(snapshot, found, barrier);
  if (route === undefined) return noRoute(snapshot, found);
  if (backend.value !== 'vxlan') return null;
  return ledAstray(snapshot, found, route, assume) ?? behindTunnel(snapshot, found, route);
}

type Found = Pick<Gap, 'node' | 'peer' | 'backend' | 'subnet' | 'assumption'>;

/** A route of the network's own that refuses what the one into the tunnel should take. */
function barred(snapshot: Snapshot, found: Found, barrier: Route): Gap {
  const { node, peer, backend, subnet } = found;
  const command = routeCommand(snapshot, node, peer, backend.value, subnet.value);
  return {
    ...found,
    kind: 'barred',
    data: { type: barrier.type },
    evidence: [{ span: barrier.span, why: `refuses what is for ${formatPrefix(subnet.value)}` }],
    commands: command === null ? [] : [command],
    ...(command === null ? {} : { undo: undoOfReplacing(barrier, subnet.value, command) }),
    complete: knowsRoutes(node.node, subnet.value.ip.family),
  };
}

function ledAstray(snapshot: Snapshot, found: Found, route: Route, assume: AssumeMode): Gap | null {
  const { node, peer, backend, subnet } = found;
  const led = astray(snapshot, node, peer, subnet.value, route, assume);
  const command = led === null ? null : routeCommand(snapshot, node, peer, backend.value, subnet.value);
  if (led === null || command === null) return null;
  const { via, dev } = led.hop;
  return {
    ...found,
    kind: 'astray',
    assumption: found.assumption ?? led.assumption,
    data: { via: formatIp(via), device: dev },
    evidence: [{ span: route.span, why: `leads to ${formatIp(via)}, which is not ${peer.name}` }, backend.evidence],
    commands: [command],
    undo: undoOfReplacing(route, subnet.value, command),
    complete: knowsRoutes(node.node, subnet.value.ip.family),
  };
}

function noRoute(snapshot: Snapshot, found: Found): Gap | null {
  const { node, peer, backend, subnet } = found;
  if (!showsRoutes(node.node.host, subnet.value.ip.family)) return null;
  const v6 = subnet.value.ip.family === 6;
  const lacksDevice =
    backend.value !== 'host-gw' &&
    node.node.host.links.state === 'complete' &&
    !node.node.host.links.rows.some(({ name }) => isFlannelDevice(name) && isIpv6Device(name) === v6);
  const down = lacksDevice ? null : downDevice(found);
  if (down !== null) return down;
  // The kernel refuses a gateway that is not on link: another fault explains the missing route.
  if (backend.value === 'host-gw' && notOnLink(snapshot, node, peer, subnet.value.ip.family) !== null) return null;
  return {
    ...found,
    kind: lacksDevice ? 'device' : 'route',
    data: { device: backend.value === 'udp' ? 'flannel0' : v6 ? 'flannel-v6.1' : 'flannel.1' },
    evidence: [
      subnet.evidence,
      ...(subnet.source === 'peer-log' ? [] : leaseEvidence(node, subnet.value)),
      backend.evidence,
    ],
    commands: lacksDevice
      ? []
      : [routeCommand(snapshot, node, peer, backend.value, subnet.value)].flatMap((one) => one ?? []),
    // Whether the kernel would take the route at all depends on the networks of the node.
    complete:
      knowsRoutes(node.node, subnet.value.ip.family) &&
      (backend.value !== 'host-gw' || node.node.host.addresses.state !== 'absent'),
  };
}

/** With the device its routes go, and what the kernel knew of neighbours behind it; it takes none before it is up again. ip-link(8). */
function downDevice(found: Found): Gap | null {
  const { node, backend, subnet } = found;
  if (backend.value !== 'vxlan') return null;
  const name = vteps(node.node).find((one) => isIpv6Device(one) === (subnet.value.ip.family === 6));
  const link = name === undefined ? undefined : linkRow(node.node, name);
  if (link === undefined || link.trust === 'claimed' || link.flags.length === 0 || link.flags.includes('UP'))
    return null;
  return {
    ...found,
    kind: 'down',
    data: { device: link.name },
    evidence: [{ span: link.span, why: `${link.name} is not UP` }],
    commands: [`ip link set ${link.name} up`],
    undo: `ip link set ${link.name} down`,
    complete: knowsRoutes(node.node, subnet.value.ip.family),
  };
}

/** flanneld said that it heard of the subnet. */
function leaseEvidence({ node }: CapturedNode, subnet: Prefix): readonly Evidence[] {
  return node.observations.flatMap((row) =>
    row.kind === 'log' && row.event === 'flannel-subnet-added' && row.data['subnet'] === formatPrefix(subnet)
      ? [{ span: row.span, why: 'flanneld heard of it' }]
      : [],
  );
}

function routeCommand(
  snapshot: Snapshot,
  node: CapturedNode,
  peer: FlannelNode,
  backend: Backend,
  subnet: Prefix,
): string | null {
  const { family } = subnet.ip;
  const text = `${family === 6 ? 'ip -6' : 'ip'} route replace ${formatPrefix(subnet)}`;
  if (backend === 'vxlan') {
    const device = vteps(node.node).find((name) => isIpv6Device(name) === (family === 6));
    return `${text} via ${formatIp(subnet.ip)} dev ${device ?? (family === 6 ? 'flannel-v6.1' : 'flannel.1')} onlink`;
  }
  if (backend === 'udp') {
    const network = node.node.settings.find(({ key }) => key === 'FLANNEL_NETWORK')?.value;
    return network === undefined ? null : `ip route replace ${network} dev flannel0`;
  }
  const gateway = [...chosenAddresses(snapshot, peer), ...peer.publicIps].find(({ value }) => value.family === family);
  return gateway === undefined ? null : `${text} via ${formatIp(gateway.value)}`;
}

/** The route leads into the tunnel: does the rest of the way exist? */
function behindTunnel(snapshot: Snapshot, found: Found, route: Route): Gap | null {
  const [hop] = route.nexthops;
  if (hop?.via == null || hop.dev === null || !isFlannelDevice(hop.dev)) return null;
  const { node, peer } = found;
  const { host } = node.node;
  const details = linkRow(node.node, hop.dev)?.details;
  if (details?.kind === 'vxlan' && (details.l3miss || details.l2miss || details.remote !== null)) return null;
  if (asksAll(host, hop.dev)) return null;
  const entry = host.neighbours.rows.find(
    (row) =>
      row.dev === hop.dev &&
      hop.via !== null &&
      sameIp(row.ip, hop.via) &&
      row.lladdr !== null &&
      row.trust !== 'claimed',
  );
  const mac = entry?.lladdr ?? truthOf(snapshot, peer, hop.dev)?.mac ?? null;
  const told = {
    ...found,
    data: { device: hop.dev, via: formatIp(hop.via) },
    commands: tunnelCommands(snapshot, found, {
      dev: hop.dev,
      via: formatIp(hop.via),
      mac,
      known: entry !== undefined,
    }),
  };
  const leads = { span: route.span, why: `leads to ${formatIp(hop.via)} behind ${hop.dev}` };
  if (entry === undefined || entry.lladdr === null) {
    if (host.neighbours.state === 'absent') return null;
    return { ...told, kind: 'neighbour', evidence: [leads], complete: isCompleteFor(host.neighbours, hop.via.family) };
  }
  const { lladdr } = entry;
  if (host.fdb.state === 'absent' || host.fdb.rows.some((row) => row.dev === hop.dev && sameMac(row.mac, lladdr)))
    return null;
  if (formerEntry(found, host, hop.dev)) return null;
  const named = { span: entry.span, why: `frames for it go to ${formatMac(lladdr)}` };
  return { ...told, kind: 'forwarding', evidence: [leads, named], complete: host.fdb.state === 'complete' };
}

/** An entry of the peer's former hardware address is another fault. */
function formerEntry({ peer }: Found, { fdb }: NetNs, dev: string): boolean {
  return fdb.rows.some(
    (row) =>
      row.dev === dev &&
      row.dst !== null &&
      peer.publicIps.some(({ value }) => row.dst !== null && sameIp(value, row.dst)),
  );
}

/** An entry for all: then the device can ask by ARP, and every node is flooded. */
function asksAll({ fdb }: NetNs, dev: string): boolean {
  return fdb.rows.some((row) => row.dev === dev && isZeroMac(row.mac) && row.dst !== null);
}

interface TunnelEnd {
  readonly dev: string;
  readonly via: string;
  readonly mac: Mac | null;
  /** The neighbour entry is there. */
  readonly known: boolean;
}

/** What is missing of the two entries. */
function tunnelCommands(
  snapshot: Snapshot,
  { node, peer }: Found,
  { dev, via, mac, known }: TunnelEnd,
): readonly string[] {
  const { host } = node.node;
  const chosen = chosenAddresses(snapshot, peer);
  const target = chosen.find(({ value }) => (value.family === 6) === isIpv6Device(dev));
  if (mac === null || target === undefined) return [];
  const text = formatMac(mac);
  const leads = host.fdb.rows.some((row) => row.dev === dev && sameMac(row.mac, mac));
  return [
    ...(known ? [] : [`ip neigh replace ${via} lladdr ${text} dev ${dev} nud permanent`]),
    ...(leads ? [] : [`bridge fdb replace ${text} dev ${dev} dst ${formatIp(target.value)} self permanent`]),
  ];
}
