/** Owners of what stands in dumps of nodes where many components write beside each other. */
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { rulesOf } from '../facts/table-rules.js';
import { ownerOfChain, ownerOfLink } from './owner.js';
import { ownerOfRoute } from './route-owner.js';
import { ownerOfPolicy, ownerOfRule } from './rule-owner.js';

describe('a chain belongs to', () => {
  it.each([
    ['KUBE-SVC-NPX46M4PTMTKRN6Y', 'kube-proxy'],
    ['KUBE-KUBELET-CANARY', 'kubelet'],
    ['KUBE-POD-FW-2ZKO3TW5EHEZUYMT', 'kube-router'],
    ['cali-nat-outgoing', 'Calico'],
    ['CILIUM_POST_nat', 'Cilium'],
    ['FLANNEL-POSTRTG', 'flannel'],
    ['DOCKER-USER', 'docker'],
    ['DOCKER', 'docker'],
    ['CNI-HOSTPORT-DNAT', 'CNI portmap'],
    ['CNI-DN-3b2e4f0c1a9d8e7f6a5b4', 'CNI portmap'],
    ['CNI-5d1f0e6c9f4f6a2b8c7d9e0f', 'CNI bridge'],
    ['CNI-FORWARD', 'CNI firewall'],
    ['ufw-before-forward', 'ufw'],
    ['ufw6-user-input', 'ufw'],
    ['FWDI_public', 'firewalld'],
    ['IN_public_allow', 'firewalld'],
    ['INPUT_ZONES', 'firewalld'],
    ['FORWARD_direct', 'firewalld'],
    ['LIBVIRT_FWI', 'libvirt'],
    ['ISTIO_OUTPUT', 'Istio'],
    ['AWS-SNAT-CHAIN-0', 'AWS VPC CNI'],
    ['IP-MASQ-AGENT', 'ip-masq-agent'],
    ['IP-MASQ', 'ip-masq-agent'],
    ['KIND-MASQ-AGENT', 'kindnet'],
    ['OVN-KUBE-NODEPORT', 'OVN-Kubernetes'],
    ['ANTREA-POSTROUTING', 'Antrea'],
    ['ts-forward', 'Tailscale'],
    ['f2b-sshd', 'fail2ban'],
    ['DOCKERISH', null],
    ['FORWARD', null],
    ['my-rules', null],
  ])('%s: %s', (chain, owner) => expect(ownerOfChain(chain)).toBe(owner));
});

describe('a device belongs to', () => {
  it.each([
    ['cali12d4a061371', 'Calico'],
    ['flannel.1', 'flannel'],
    ['flannel-v6.1', 'flannel'],
    ['docker0', 'docker'],
    ['br-1f2e3d4c5b6a', 'docker'],
    ['cni0', 'CNI bridge'],
    ['kube-ipvs0', 'kube-proxy'],
    ['eni8b4d3f1c2a0', 'AWS VPC CNI'],
    ['eni0', null],
    ['azv3f1c2a0b4d', 'Azure CNI'],
    ['ovn-k8s-mp0', 'OVN-Kubernetes'],
    ['antrea-gw0', 'Antrea'],
    ['tailscale0', 'Tailscale'],
    ['br-lan', null],
    ['eth0', null],
  ])('%s: %s', (device, owner) => expect(ownerOfLink(device)).toBe(owner));
});

const rules = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-SERVICES - [0:0]
:DOCKER - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE
-A POSTROUTING -s 10.1.0.0/24 -j MASQUERADE
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
COMMIT
`;
const node = (text: string, name: string) => {
  const [only] = parseSnapshot({ [`a/${name}`]: text }).nodes;
  if (only === undefined) throw new Error('no node');
  return only;
};
const table = (name: string, text = rules) => {
  const found = node(text, 'iptables-save.txt').host.rulesets[0]?.tables.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
};

it('rules of built-in chains belong to whom their comment, target or device names, else to nobody', () => {
  const owners = [...rulesOf(table('nat'))].map(({ chain, rule }) => ownerOfRule(chain, rule));
  expect(owners).toEqual(['kube-proxy', 'docker', 'docker', 'flannel', null, 'kube-proxy']);
});

it('docker sets the policy of FORWARD and no other; ufw sets all of them', () => {
  const policies = (text?: string) =>
    ['INPUT', 'FORWARD', 'OUTPUT'].map((name) => ownerOfPolicy(table('filter', text), { name }));
  expect(policies()).toEqual([null, 'docker', null]);
  expect(policies('*filter\n:FORWARD DROP [0:0]\n:ufw-before-input - [0:0]\nCOMMIT\n')).toEqual(['ufw', 'ufw', 'ufw']);
  expect(policies('*filter\n:FORWARD DROP [0:0]\n-A FORWARD -i eth0 -j ACCEPT\nCOMMIT\n')).toEqual([null, null, null]);
});

it('routes belong to the protocol that set them, or to the owner of their device', () => {
  const text = `default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.7 metric 100
10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.7
10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink
192.168.77.64/26 via 10.0.0.9 dev tunl0 proto bird onlink
192.168.88.64/26 via 10.0.0.9 dev eth0 proto bird
192.168.50.0/24 via 10.0.0.3 dev eth0
`;
  expect(node(text, 'ip-route.txt').host.routes.rows.map(ownerOfRoute)).toEqual([
    'the network configuration',
    'the kernel',
    'flannel',
    'Calico',
    'Calico',
    null,
  ]);
});
