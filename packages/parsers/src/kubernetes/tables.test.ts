import { formatIp, type KubeObject } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ledgerIsComplete, sectionOf } from '../testing.js';
import { kubernetesFormats } from './index.js';

function read(id: string, text: string, given: Parameters<typeof sectionOf>[1] = {}) {
  const format = kubernetesFormats.find((one) => one.id === id);
  if (format === undefined) throw new Error(id);
  const section = sectionOf(text, given);
  const parsed = format.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  expect(format.line(text.split('\n')[0] ?? '')).toBe('opens');
  return { parsed, rows: parsed.value.flatMap((facts) => (facts.kind === 'kube-objects' ? facts.rows : [])) };
}

const show = (one: KubeObject): string => {
  const name = `${one.meta.namespace ?? '-'}/${one.meta.name}`;
  if (one.kind === 'Node')
    return `${name} ${one.ready} ${one.kubeletVersion} ${one.addresses.map((each) => each.address).join(',')}`;
  if (one.kind === 'Pod') return `${name} ${one.ready} ${one.phase} ${one.ips.map(formatIp).join(',')} ${one.nodeName}`;
  if (one.kind === 'Service') {
    const ports = one.ports.map((port) => `${port.port}:${port.nodePort ?? '-'}/${port.protocol}`).join(',');
    return `${name} ${one.type} ${one.clusterIps.map(formatIp).join(',')} ${one.externalIps.map(formatIp).join(',') || '-'} ${ports} ${one.selector === null ? 'none' : JSON.stringify(one.selector)}`;
  }
  if (one.kind === 'Endpoints') {
    const subsets = one.subsets.map(
      (subset) =>
        `${subset.endpoints.map((each) => `${formatIp(each.ip)}${each.ready ? '' : '!'}`).join(',')}:${subset.ports.map((port) => port.port).join(',')}`,
    );
    return `${one.service} ${subsets.join(' ')}${one.truncated ? ' …' : ''}`;
  }
  return `${name} ${one.kind === 'IPPool' ? `${one.cidr === null ? '-' : formatIp(one.cidr.ip)} ${one.natOutgoing} ${one.ipipMode} ${one.disabled}` : ''}`;
};

describe('kubectl get', () => {
  it('several kinds at once puts the kind before each name', () => {
    const text = 'NAME                   ENDPOINTS       AGE\nendpoints/kubernetes   10.0.0.1:6443   5d\n';
    expect(read('kube-table', text).rows.map(show)).toEqual(['kubernetes 10.0.0.1:6443']);
  });
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'nodes -o wide',
      `NAME       STATUS                     ROLES                  AGE    VERSION        INTERNAL-IP     EXTERNAL-IP   OS-IMAGE             KERNEL-VERSION      CONTAINER-RUNTIME
edge-gw    Ready                      control-plane,master   123d   v1.27.4+k3s1   192.168.3.123   <none>        Ubuntu 20.04.6 LTS   5.4.0-150-generic   containerd://1.7.1-k3s1
edge-n1    NotReady                   <none>                 12h    v1.27.4+k3s1   192.168.3.124   203.0.113.4   Ubuntu 20.04.6 LTS   5.4.0-150-generic   containerd://1.7.1-k3s1
edge-n2    Ready,SchedulingDisabled   <none>                 5m3s   v1.27.4+k3s1   192.168.3.125   <none>        Ubuntu 20.04.6 LTS   5.4.0-150-generic   containerd://1.7.1-k3s1
`,
      [
        '-/edge-gw true v1.27.4+k3s1 192.168.3.123',
        '-/edge-n1 false v1.27.4+k3s1 192.168.3.124,203.0.113.4',
        '-/edge-n2 true v1.27.4+k3s1 192.168.3.125',
      ],
    ],
    [
      'pods -A -o wide',
      `NAMESPACE     NAME                       READY   STATUS             RESTARTS        AGE     IP              NODE     NOMINATED NODE   READINESS GATES
default       busybox                    1/1     Running            3 (4m12s ago)   4d22h   192.168.236.10  node-1   <none>           <none>
kube-system   coredns-5d78c9869d-abcde   0/1     CrashLoopBackOff   12              4d22h   <none>          <none>   <none>           <none>
`,
      [
        'default/busybox true Running 192.168.236.10 node-1',
        'kube-system/coredns-5d78c9869d-abcde false CrashLoopBackOff  null',
      ],
    ],
    [
      'services',
      `NAME         TYPE           CLUSTER-IP     EXTERNAL-IP   PORT(S)                      AGE
kubernetes   ClusterIP      10.96.0.1      <none>        443/TCP                      30d
web          LoadBalancer   10.96.44.7     192.0.2.10    80:30080/TCP,443:30443/TCP   3h
db           ClusterIP      None           <none>        3306/TCP                     3h
`,
      [
        '-/kubernetes ClusterIP 10.96.0.1 - 443:-/TCP {}',
        '-/web LoadBalancer 10.96.44.7 192.0.2.10 80:30080/TCP,443:30443/TCP {}',
        '-/db ClusterIP  - 3306:-/TCP {}',
      ],
    ],
    [
      'services -o wide',
      `NAME         TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE   SELECTOR
kubernetes   ClusterIP   10.96.0.1    <none>        443/TCP   30d   <none>
kube-dns     ClusterIP   10.96.0.10   <none>        53/UDP    30d   k8s-app=kube-dns
`,
      [
        '-/kubernetes ClusterIP 10.96.0.1 - 443:-/TCP none',
        '-/kube-dns ClusterIP 10.96.0.10 - 53:-/UDP {"k8s-app":"kube-dns"}',
      ],
    ],
    [
      'endpoints',
      `NAME         ENDPOINTS                                                     AGE
kubernetes   10.0.0.8:6443,10.0.0.9:6443                                   30d
kube-dns     10.244.0.2:53,10.244.0.3:53,10.244.0.2:9153 + 2 more...       30d
empty        <none>                                                        1d
`,
      ['kubernetes 10.0.0.8,10.0.0.9:6443', 'kube-dns 10.244.0.2,10.244.0.3:53 10.244.0.2:9153 …', 'empty '],
    ],
    [
      'endpointslices',
      `NAME             ADDRESSTYPE   PORTS        ENDPOINTS                              AGE
kubernetes       IPv4          6443         10.0.0.8,10.0.0.9                      30d
kube-dns-x7k2p   IPv4          9153,53,53   10.244.0.2,10.244.0.3,10.244.0.4 + 1 more...   30d
`,
      ['kubernetes 10.0.0.8,10.0.0.9:6443', 'kube-dns 10.244.0.2,10.244.0.3,10.244.0.4:9153,53,53 …'],
    ],
    [
      'ippool of calicoctl',
      `NAME                  CIDR             NAT    IPIPMODE   VXLANMODE   DISABLED   DISABLEBGPEXPORT   SELECTOR
default-ipv4-ippool   192.168.0.0/16   true   Always     Never       false      false              all()
`,
      ['-/default-ipv4-ippool 192.168.0.0 true Always false'],
    ],
    [
      'nodes with columns collapsed by a paste',
      'NAME STATUS ROLES AGE VERSION\nnode-1 Ready master 4d v1.18.2\nnode-22 NotReady <none> 4d v1.18.2\n',
      ['-/node-1 true v1.18.2 ', '-/node-22 false v1.18.2 '],
    ],
  ];
  it.each(table)('%s', (_name, text, expected) => {
    const { rows, parsed } = read('kube-table', text);
    expect(rows.map(show)).toEqual(expected);
    expect([...parsed.ledger].every((state) => state !== 0)).toBe(true);
  });
  it('trusts collapsed rows less', () => {
    const { rows } = read('kube-table', table.at(-1)?.[1] ?? '');
    expect(rows.map((one) => one.trust)).toEqual(['repaired', 'repaired']);
  });
  it('keeps a row that does not fit unread, and says so', () => {
    const { rows, parsed } = read(
      'kube-table',
      'NAME   STATUS   ROLES   AGE   VERSION\nerror: something went wrong here again today\n',
    );
    expect(rows).toEqual([]);
    expect(parsed.diagnostics.map((one) => one.code)).toEqual(['kubernetes/unreadable-row']);
  });
  it('leaves other tables to others', () => {
    const format = kubernetesFormats.find((one) => one.id === 'kube-table');
    for (const line of [
      'NAME   FSTYPE   LABEL   UUID   MOUNTPOINT',
      'NAME      NAMESPACE   REVISION   UPDATED   STATUS   CHART   APP VERSION',
      'NAME=node-1',
      'NAMES',
      'Name   Status',
      'default via 10.0.0.1 dev eth0',
      'node-1 was up 3d ago, I think',
    ]) {
      expect(format?.line(line), line).not.toBe('opens');
    }
  });
});

describe('kubectl describe', () => {
  it('reads a node', () => {
    const text = `Name:               node-2
Roles:              <none>
Labels:             beta.kubernetes.io/arch=amd64
                    kubernetes.io/hostname=node-2
Annotations:        flannel.alpha.coreos.com/backend-data: {"VtepMAC":"e6:ca:d7:0c:0f:3b"}
                    flannel.alpha.coreos.com/public-ip: 192.168.3.119
Conditions:
  Type             Status  LastHeartbeatTime                 Reason
  ----             ------  -----------------                 ------
  MemoryPressure   False   Mon, 06 Jul 2020 10:00:00 +0000   KubeletHasSufficientMemory
  Ready            False   Mon, 06 Jul 2020 10:00:00 +0000   KubeletNotReady
Addresses:
  InternalIP:  192.168.3.119
  Hostname:    node-2
System Info:
  Kernel Version:             5.4.0
  Kubelet Version:            v1.18.2
PodCIDR:                      10.244.1.0/24
PodCIDRs:                     10.244.1.0/24
Events:                       <none>
`;
    const { rows, parsed } = read('kube-describe', text);
    expect(rows.map(show)).toEqual(['-/node-2 false v1.18.2 192.168.3.119,node-2']);
    expect(rows[0]?.meta.annotations['flannel.alpha.coreos.com/public-ip']).toBe('192.168.3.119');
    expect(rows[0]?.meta.labels['kubernetes.io/hostname']).toBe('node-2');
    expect([...parsed.ledger].every((state) => state === 1)).toBe(true);
  });
  it('reads a Service and its endpoints', () => {
    const text = `Name:              kubernetes
Namespace:         default
Labels:            component=apiserver
Annotations:       <none>
Selector:          <none>
Type:              NodePort
IP:                10.96.0.1
Port:              https  443/TCP
TargetPort:        6443/TCP
NodePort:          https  30443/TCP
Endpoints:         10.0.0.8:6443,10.0.0.9:6443 + 1 more...
Session Affinity:  None
Events:            <none>
`;
    expect(read('kube-describe', text).rows.map(show)).toEqual([
      'default/kubernetes NodePort 10.96.0.1 - 443:30443/TCP none',
      'kubernetes 10.0.0.8,10.0.0.9:6443 …',
    ]);
  });
  it('reads Endpoints', () => {
    const text = `Name:         kubernetes
Namespace:    default
Subsets:
  Addresses:          10.0.0.8
  NotReadyAddresses:  10.0.0.9
  Ports:
    Name   Port  Protocol
    ----   ----  --------
    https  6443  TCP
`;
    expect(read('kube-describe', text).rows.map(show)).toEqual(['kubernetes 10.0.0.8,10.0.0.9!:6443']);
  });
});
