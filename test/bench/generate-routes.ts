/** `ip route show table all` of a node with Calico and BIRD, as iproute2 6.1 prints it (each line ends in a blank). */
import type { Cluster } from './cluster.js';

const NODE_NETWORK = '192.168.0.0/16';
const GATEWAY = '192.168.0.1';

/** Calico's host ends of the pods' veth pairs. */
export const caliName = (index: number): string =>
  `cali${(0x1000000000 + index * 0x9e3779b).toString(16).padStart(11, '0')}`;

export function routeText(cluster: Cluster): string {
  const local = `src ${cluster.nodeIp}`;
  const lines = [`default via ${GATEWAY} dev eth0 proto static`, `blackhole ${cluster.localBlock} proto bird`];
  cluster.localPods.forEach((ip, index) => {
    lines.push(`${ip} dev ${caliName(index)} scope link`);
  });
  for (const block of cluster.blocks) lines.push(`${block.cidr} via ${block.via} dev eth0 proto bird`);
  lines.push(
    `${NODE_NETWORK} dev eth0 proto kernel scope link ${local}`,
    'local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1',
    'local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1',
    'broadcast 127.255.255.255 dev lo table local proto kernel scope link src 127.0.0.1',
    `local ${cluster.nodeIp} dev eth0 table local proto kernel scope host ${local}`,
    `broadcast 192.168.255.255 dev eth0 table local proto kernel scope link ${local}`,
  );
  return lines.map((line) => `${line} \n`).join('');
}
