/** How pods of one node reach those of another: in VXLAN as flannel sets it up, or by routes. */
import type { PlacedLine } from '../case.js';
import { ipTool, say } from './network.js';
import { addressOn, hostLength, type Plan, type PlannedNode, podAddress, routerHost } from './plan.js';

export function backendLines(plan: Plan, node: PlannedNode): readonly PlacedLine[] {
  const others = plan.nodes.filter((other) => other !== node);
  switch (plan.backend) {
    case 'vxlan':
      return [...vxlanDevice(plan, node), ...others.flatMap((other) => vxlanPeer(plan, node, other))];
    case 'host-gw':
      return others.flatMap((other) => route(plan, node, other, other.segment === node.segment ? other.ip : null));
    case 'routed':
      return others.flatMap((other) => route(plan, node, other, null));
  }
}

export const vtep = (family: 4 | 6): string => (family === 4 ? 'flannel.1' : 'flannel-v6.1');
export const vtepMac = ({ index }: PlannedNode): string => `02:00:00:0b:00:0${index}`;

function vxlanDevice({ family }: Plan, node: PlannedNode): readonly PlacedLine[] {
  const dev = vtep(family);
  const vxlan = `type vxlan id 1 local ${node.ip} dev eth0 dstport 8472 nolearning`;
  return [
    ...say(node.name, 'ip', `link add ${dev} address ${vtepMac(node)} ${vxlan}`, `link set ${dev} up`),
    ...say(node.name, ipTool(family), `addr add ${podAddress(family, node.index, 0)}/${hostLength(family)} dev ${dev}`),
  ];
}

function vxlanPeer({ family }: Plan, { name }: PlannedNode, other: PlannedNode): readonly PlacedLine[] {
  const dev = vtep(family);
  const far = podAddress(family, other.index, 0);
  return [
    ...say(
      name,
      ipTool(family),
      `route add ${other.podNet} via ${far} dev ${dev} onlink`,
      `neigh add ${far} lladdr ${vtepMac(other)} dev ${dev} nud permanent`,
    ),
    ...say(name, 'bridge', `fdb add ${vtepMac(other)} dev ${dev} dst ${other.ip}`),
  ];
}

function route(
  { family, router }: Plan,
  { name, segment }: PlannedNode,
  { podNet }: PlannedNode,
  direct: string | null,
): readonly PlacedLine[] {
  const via = direct ?? (router === null ? null : addressOn(family, segment, routerHost));
  return via === null ? [] : say(name, ipTool(family), `route add ${podNet} via ${via}`);
}
