/** The wires of a cluster: segments as bridges in a namespace of their own, nodes, a router and a host outside. ip-link(8), ip-route(8). */
import type { Tool } from '../../referee/case.js';
import type { PlacedLine } from '../case.js';
import { addressOn, hostLength, type Plan, type PlannedNode, routerHost, segmentLength } from './plan.js';

export const wires = 'wires';
export const router = 'gw';
export const outside = 'out';

export type Say = (at: string, tool: Tool, ...texts: readonly string[]) => readonly PlacedLine[];

export const say: Say = (at, tool, ...texts) => texts.map((text) => ({ at, tool, text }));

export function ipTool(family: 4 | 6): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6';
}

export function segmentLines({ segments }: Plan): readonly PlacedLine[] {
  return [
    ...say(wires, 'sysctl', 'net/bridge/bridge-nf-call-iptables 0', 'net/bridge/bridge-nf-call-ip6tables 0'),
    ...say(wires, 'sysctl', 'net/ipv6/conf/all/disable_ipv6 1', 'net/ipv6/conf/default/disable_ipv6 1'),
    ...Array.from({ length: segments }, (_, at) => at).flatMap((at) =>
      say(wires, 'ip', `link add seg${at} type bridge`, `link set seg${at} up`),
    ),
  ];
}

/** A device of somebody on a segment, with its address. */
function cable(
  { family }: Plan,
  at: string,
  {
    dev,
    mac,
    segment,
    ip,
  }: { readonly dev: string; readonly mac: string; readonly segment: number; readonly ip: string },
): readonly PlacedLine[] {
  return [
    ...say(
      wires,
      'ip',
      `link add ${at}-${dev} type veth peer name ${dev} address ${mac} netns ${at}`,
      `link set ${at}-${dev} master seg${segment} up`,
    ),
    ...say(at, 'ip', `link set ${dev} up`),
    ...say(at, ipTool(family), `addr add ${ip}/${segmentLength(family)} dev ${dev}`),
  ];
}

export function forwarding(at: string, on = 1): readonly PlacedLine[] {
  return say(at, 'sysctl', `net/ipv4/ip_forward ${on}`, `net/ipv6/conf/all/forwarding ${on}`);
}

export function routerLines(plan: Plan): readonly PlacedLine[] {
  const { family, segments, nodes } = plan;
  if (plan.router === null) return [];
  return [
    ...forwarding(router),
    ...Array.from({ length: segments }, (_, segment) => segment).flatMap((segment) =>
      cable(plan, router, {
        dev: `eth${segment}`,
        mac: `02:00:00:0f:00:0${segment}`,
        segment,
        ip: addressOn(family, segment, routerHost),
      }),
    ),
    ...(plan.backend === 'vxlan'
      ? []
      : nodes.flatMap(({ podNet, ip }) => say(router, ipTool(family), `route add ${podNet} via ${ip}`))),
  ];
}

export function outsideLines(plan: Plan): readonly PlacedLine[] {
  const { family } = plan;
  const { ip, segment } = plan.outside;
  return [
    ...cable(plan, outside, { dev: 'eth0', mac: '02:00:00:0d:00:01', segment, ip }),
    ...defaultRoute(plan, outside, segment),
    ...say(outside, 'listen', 'tcp * 22', 'tcp * 8080', 'udp * 8080'),
  ].map((line) =>
    family === 6 && line.tool === 'ip' && line.text.startsWith('route') ? { ...line, tool: 'ip6' } : line,
  );
}

/** The router knows by which node each external address is reached; without a router, the host outside does. */
export function externalRoutes({
  services,
  family,
  nodes,
  router: gateway,
  outside: { segment },
}: Plan): readonly PlacedLine[] {
  return services.flatMap(({ external }) => {
    const leader = external === null ? undefined : nodes[external.leader];
    if (external === null || leader === undefined) return [];
    const at = gateway === null || leader.segment === segment ? [outside] : [];
    return [...at, ...(gateway === null ? [] : [router])].flatMap((who) =>
      say(who, ipTool(family), `route add ${external.ip}/${hostLength(family)} via ${leader.ip}`),
    );
  });
}

function defaultRoute(plan: Plan, at: string, segment: number): readonly PlacedLine[] {
  if (plan.router === null) return [];
  return say(at, ipTool(plan.family), `route add default via ${addressOn(plan.family, segment, routerHost)}`);
}

export function nodeWire(plan: Plan, node: PlannedNode): readonly PlacedLine[] {
  const { name, mac, segment, ip } = node;
  return [
    ...forwarding(name),
    ...cable(plan, name, { dev: 'eth0', mac, segment, ip }),
    ...defaultRoute(plan, name, segment),
  ];
}
