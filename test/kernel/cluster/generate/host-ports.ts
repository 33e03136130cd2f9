/** Ports of a node that lead to a pod, as the portmap plugin writes them; calls to the loopback need route_localnet. */
import { endpoint, restoreLines } from '../../referee/generate/shapes/shape.js';
import type { PlacedLine } from '../case.js';
import { say } from './network.js';
import { type Plan, type PlannedNode, podPort } from './plan.js';

export function hostPortLines(
  { tool, family }: Plan,
  { name, hostPort, podNet, style, pods }: PlannedNode,
): readonly PlacedLine[] {
  if (hostPort === null) return [];
  const { port, proto, pod } = hostPort;
  const called = `-p ${proto} -m ${proto} --dport ${port}`;
  const loopback = family === 4 ? [`-A CNI-DN-1 -s 127.0.0.1 ${called} -j CNI-HOSTPORT-SETMARK`] : [];
  const text = `*nat
    :CNI-HOSTPORT-DNAT
    :CNI-HOSTPORT-SETMARK
    :CNI-HOSTPORT-MASQ
    :CNI-DN-1
    -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
    -A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
    -A POSTROUTING -j CNI-HOSTPORT-MASQ
    -A CNI-HOSTPORT-SETMARK -j MARK --set-xmark 0x2000/0x2000
    -A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
    -A CNI-HOSTPORT-DNAT -p ${proto} -m multiport --dports ${port} -j CNI-DN-1
    -A CNI-DN-1 -s ${podNet} ${called} -j CNI-HOSTPORT-SETMARK
    ${loopback.join('\n')}
    -A CNI-DN-1 ${called} -j DNAT --to-destination ${endpoint(pod, podPort)}`;
  const dev = style === 'bridge' ? 'cni0' : (pods[0]?.dev ?? '');
  return [
    ...say(name, 'sysctl', `net/ipv4/conf/${dev}/route_localnet 1`),
    ...restoreLines(tool, text).map((line) => ({ ...line, at: name })),
  ];
}
