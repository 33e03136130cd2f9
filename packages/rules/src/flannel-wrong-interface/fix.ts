/** The remedy: flanneld is told its interface, and makes its devices anew, which nothing here can simulate. flannel: Documentation/configuration.md. */
import { type Address, formatIp } from '@coldtrace/core';
import type { Fix, FixStep } from '../finding.js';
import { type CapturedNode, isIpv6Device } from '../flannel/common.js';
import { isFlannelDevice } from '../flannel/flannel-node.js';

export function interfaceFix({ name, node }: CapturedNode, { dev, ip }: Address): Fix {
  const device = node.host.links.rows.find(
    (link) =>
      isFlannelDevice(link.name) && link.details?.kind === 'vxlan' && isIpv6Device(link.name) === (ip.family === 6),
  )?.name;
  const patch = JSON.stringify([
    { op: 'add', path: '/spec/template/spec/containers/0/args/-', value: `--iface=${dev}` },
  ]);
  const steps: readonly FixStep[] = [
    {
      node: null,
      command: `kubectl -n kube-flannel patch daemonset kube-flannel-ds --type json -p '${patch}'`,
      disrupts: 'flanneld restarts on every node, one after the other; traffic between nodes pauses on each',
      undo: 'kubectl -n kube-flannel rollout undo daemonset kube-flannel-ds',
    },
    ...(device === undefined
      ? []
      : [
          {
            node: name,
            command: `ip link delete ${device}`,
            disrupts: `traffic between pods of ${name} and of other nodes, until flanneld makes the device again`,
            undo: 'restart flanneld, which makes it',
          },
        ]),
  ];
  return {
    steps,
    persist: `The option lasts in the DaemonSet. Where flanneld is a service, put --iface=${dev} into its options; with k3s, flannel-iface: ${dev} into config.yaml.`,
    notes: `Where interfaces are named differently on the nodes: --iface-regex, or --iface-can-reach=${formatIp(ip)}. flannel takes the interface of the default route when no option says otherwise.`,
    verified: null,
  };
}
