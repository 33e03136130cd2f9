/** Pods of a node: on a bridge as the reference plugins make it, or each on a wire of its own as Calico does. */
import type { PlacedLine } from '../case.js';
import { ipTool, say } from './network.js';
import { hostLength, type Plan, type PlannedNode, type PlannedPod, podPort, segmentLength } from './plan.js';

const calicoMac = 'ee:ee:ee:ee:ee:ee';
const calicoGateway = { 4: '169.254.1.1', 6: 'fe80::ecee:eeff:feee:eeee' } as const;

export function podLines(plan: Plan, node: PlannedNode): readonly PlacedLine[] {
  const mtu = plan.backend === 'vxlan' ? 'mtu 1450' : '';
  const bridge = node.style === 'bridge' ? bridgeLines(plan, node) : [];
  return [
    ...bridge,
    ...node.pods.flatMap((pod) => [...wire(node, pod, mtu), ...reached(plan, node, pod), ...servers(pod)]),
  ];
}

function bridgeLines({ family }: Plan, { name, podGateway, index }: PlannedNode): readonly PlacedLine[] {
  return [
    ...say(name, 'ip', 'link add cni0 type bridge', `link set cni0 address 02:00:00:0c:00:0${index} up`),
    ...say(name, ipTool(family), `addr add ${podGateway}/${segmentLength(family)} dev cni0`),
  ];
}

function wire(
  { name, style, hairpin }: PlannedNode,
  { space, mac, dev }: PlannedPod,
  mtu: string,
): readonly PlacedLine[] {
  const near = style === 'bridge' ? '' : ` address ${calicoMac}`;
  return [
    ...say(name, 'ip', `link add ${dev}${near} ${mtu} type veth peer name eth0 address ${mac} ${mtu} netns ${space}`),
    ...say(name, 'ip', `link set ${dev} ${style === 'bridge' ? 'master cni0 ' : ''}up`),
    ...(style === 'bridge' && hairpin ? say(name, 'bridge', `link set dev ${dev} hairpin on`) : []),
    ...say(space, 'ip', 'link set eth0 up'),
  ];
}

function reached({ family }: Plan, { name, style, podGateway }: PlannedNode, pod: PlannedPod): readonly PlacedLine[] {
  const ip = ipTool(family);
  const { space, dev } = pod;
  if (style === 'bridge')
    return say(
      space,
      ip,
      `addr add ${pod.ip}/${segmentLength(family)} dev eth0`,
      `route add default via ${podGateway}`,
    );
  const gateway = calicoGateway[family];
  return [
    ...say(space, ip, `addr add ${pod.ip}/${hostLength(family)} dev eth0`),
    ...(family === 4 ? say(space, ip, `route add ${gateway} dev eth0 scope link`) : []),
    ...say(space, ip, `route add default via ${gateway} dev eth0`),
    ...say(name, 'sysctl', `net/ipv4/conf/${dev}/proxy_arp 1`, `net/ipv6/conf/${dev}/proxy_ndp 1`),
    ...say(name, 'sysctl', `net/ipv4/neigh/${dev}/proxy_delay 0`),
    ...say(name, ip, `route add ${pod.ip} dev ${dev} ${family === 4 ? 'scope link' : ''}`),
  ];
}

function servers({ space }: PlannedPod): readonly PlacedLine[] {
  return say(space, 'listen', `tcp * ${podPort}`, `udp * ${podPort}`);
}
