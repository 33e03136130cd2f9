/** The remedy: what the node sends to Services is masqueraded, as kube-proxy does it when it is told to. */
import { formatPrefix, type KubeNode, type Node, type Snapshot } from '@coldtrace/core';
import type { AddressService } from '../facts/ipvs-services.js';
import type { Fix, FixStep } from '../finding.js';
import type { Cause } from './cause.js';

/** `tracked`: net.ipv4.vs.conntrack is set already. */
export function sourceFix(
  snapshot: Snapshot,
  node: Node,
  service: AddressService,
  cause: Cause,
  tracked: boolean,
): Fix {
  const steps = [...(tracked ? [] : [trackStep(node)]), ...stepsFor(node, service, cause)];
  return { steps, persist: persistFor(snapshot, cause), notes: notesFor(service), verified: null };
}

function trackStep(node: Node): FixStep {
  return {
    node: node.name,
    command: 'sysctl -w net.ipv4.vs.conntrack=1',
    disrupts: 'nothing: it counts for connections that begin after it',
    undo: 'sysctl -w net.ipv4.vs.conntrack=0',
  };
}

function stepsFor(node: Node, { ip }: AddressService, cause: Cause): readonly FixStep[] {
  if (cause.kind === 'conntrack') return [];
  if (cause.kind === 'member') {
    const words = `${cause.set} ${cause.member}`;
    return [
      {
        node: node.name,
        command: `ipset add ${words}`,
        disrupts: 'nothing: new connections to the Service are masqueraded',
        undo: `ipset del ${words}`,
      },
    ];
  }
  const tool = ip.family === 6 ? 'ip6tables' : 'iptables';
  const rule = 'POSTROUTING ! -o lo -m addrtype --src-type LOCAL -m ipvs --ipvs -j MASQUERADE';
  return [
    {
      node: node.name,
      command: `${tool} -t nat -I ${rule}`,
      disrupts: "nothing: the node's own new connections to Services get the address of the device that they leave by",
      undo: `${tool} -t nat -D ${rule}`,
    },
  ];
}

function persistFor(snapshot: Snapshot, { kind }: Cause): string {
  if (kind === 'conntrack')
    return 'kube-proxy in IPVS mode sets it when it starts: find what resets it (a file in /etc/sysctl.d, a tuning daemon), and write net.ipv4.vs.conntrack = 1 there.';
  if (kind === 'member')
    return 'kube-proxy keeps the set: restart it on the node, and read its log for why it lost the member.';
  const pods = podNetwork(snapshot);
  const network = pods === null ? "the pods' network" : pods;
  return `The rule is gone at the next boot. In the ConfigMap of kube-proxy set clusterCIDR to ${network}, and to no more than that, or iptables.masqueradeAll: true, and restart kube-proxy on every node.`;
}

function podNetwork(snapshot: Snapshot): string | null {
  const cidrs = snapshot.objects
    .filter((object): object is KubeNode => object.kind === 'Node')
    .flatMap(({ podCidrs }) => podCidrs.map(formatPrefix));
  return cidrs.length === 0 ? null : `the network that holds ${[...new Set(cidrs)].sort().slice(0, 3).join(', ')}`;
}

function notesFor({ ip }: AddressService): string {
  const route = `ip ${ip.family === 6 ? '-6 ' : ''}route del table local local …`;
  return `Do not delete the local route of the address (\`${route}\`): that mends calls of the node itself, and takes the Service from everybody behind it, since IPVS serves packets that come in only when their destination is local.`;
}
