/** Small flannel clusters, on other networks and names than the samples'; for tests only. */
import { loAddress, loLink } from '../testing/loopback.js';

export interface WorldNode {
  readonly name: string;
  /** Address and length on `nic`. */
  readonly address: string;
  /** First three parts of its pods' network: `172.29.7`. */
  readonly subnet: string;
  /** Hardware address of flannel.1. */
  readonly mac?: string;
  readonly nic?: string;
  readonly mtu?: number;
}

export interface World {
  readonly nodes: readonly WorldNode[];
  readonly backend: 'vxlan' | 'host-gw' | 'udp';
  readonly network?: string;
  /** Texts that stand in for generated files, or null for files that were not captured. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** Replaces text in a generated file; the text has to be there. */
  readonly edits?: readonly (readonly [file: string, from: string | RegExp, to: string])[];
  readonly objects?: boolean;
}

const overhead = { vxlan: 50, 'host-gw': 0, udp: 28 } as const;
const rules = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
const ether = (n: number) => `00:16:3e:5a:00:${n.toString(16).padStart(2, '0')}`;

interface Device {
  readonly name: string;
  readonly flags: string;
  readonly mtu: number;
  readonly master?: string;
  readonly link: string;
  readonly details: string;
  readonly addresses: readonly string[];
}

function devicesOf(world: World, node: WorldNode, index: number): readonly Device[] {
  const { backend } = world;
  const { nic = 'ens18', mtu = 1500 - overhead[backend], subnet, address } = node;
  const up = 'BROADCAST,MULTICAST,UP,LOWER_UP';
  const link = (mac: string) => `link/ether ${mac} brd ff:ff:ff:ff:ff:ff`;
  const host = { name: nic, flags: up, mtu: 1500, link: link(ether(index)), details: '', addresses: [address] };
  const cni0 = {
    name: 'cni0',
    flags: up,
    mtu,
    link: link(ether(index + 32)),
    details: '    bridge forward_delay 1500 vlan_filtering 0 \n',
    addresses: [`${subnet}.1/24`],
  };
  const pod = {
    name: `veth${index}a`,
    flags: up,
    mtu,
    master: 'cni0',
    link: link(ether(index + 64)),
    details: '    veth \n    bridge_slave state forwarding \n',
    addresses: [],
  };
  const [own = ''] = address.split('/');
  const vxlan = {
    name: 'flannel.1',
    flags: up,
    mtu: 1450,
    link: link(node.mac ?? ''),
    details: `    vxlan id 1 local ${own} dev ${nic} srcport 0 0 dstport 8472 nolearning ttl auto ageing 300 \n`,
    addresses: [`${subnet}.0/32`],
  };
  const tun = {
    name: 'flannel0',
    flags: 'POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP',
    mtu: 1472,
    link: 'link/none',
    details: '    tun type tun pi off vnet_hdr off persist off \n',
    addresses: [`${subnet}.0/16`],
  };
  const tunnel = backend === 'vxlan' ? [vxlan] : backend === 'udp' ? [tun] : [];
  return [host, ...tunnel, cni0, pod];
}

const printedLink = (d: Device, at: number) =>
  `${at + 2}: ${d.name}: <${d.flags}> mtu ${d.mtu} qdisc noqueue ${d.master === undefined ? '' : `master ${d.master} `}state UP mode DEFAULT group default qlen 1000\n    ${d.link} promiscuity 0 \n${d.details}`;
const printedAddress = (d: Device, at: number) =>
  `${at + 2}: ${d.name}: <${d.flags}> mtu ${d.mtu} qdisc noqueue ${d.master === undefined ? '' : `master ${d.master} `}state UP group default qlen 1000\n    ${d.link}\n${d.addresses.map((ip) => `    inet ${ip} scope global ${d.name}\n       valid_lft forever preferred_lft forever\n`).join('')}`;

function routesOf(world: World, node: WorldNode, devices: readonly Device[]): string {
  const { backend, nodes } = world;
  const { nic = 'ens18', subnet } = node;
  const [own = '', length = ''] = node.address.split('/');
  const base = own.split('.').slice(0, 3).join('.');
  const peers = nodes
    .filter((peer) => peer !== node)
    .map((peer) => {
      const [public_ = ''] = peer.address.split('/');
      if (backend === 'vxlan') return `${peer.subnet}.0/24 via ${peer.subnet}.0 dev flannel.1 onlink \n`;
      return backend === 'host-gw' ? `${peer.subnet}.0/24 via ${public_} dev ${nic} \n` : '';
    });
  const net = world.network ?? '172.29.0.0/16';
  const tun = backend === 'udp' ? `${net} dev flannel0 proto kernel scope link src ${subnet}.0 \n` : '';
  const local = devices.flatMap((d) =>
    d.addresses.map((ip) => {
      const [bare = ''] = ip.split('/');
      return `local ${bare} dev ${d.name} table local proto kernel scope host src ${bare} \n`;
    }),
  );
  return `default via ${base}.254 dev ${nic} proto static \n${tun}${subnet}.0/24 dev cni0 proto kernel scope link src ${subnet}.1 \n${peers.join('')}${base}.0/${length} dev ${nic} proto kernel scope link src ${own} \n${local.join('')}`;
}

function rulesets(world: World, { subnet }: WorldNode): string {
  const net = world.network ?? '172.29.0.0/16';
  const masq = (rule: string) =>
    `-A FLANNEL-POSTRTG ${rule.replace(' -j', ' -m comment --comment "flanneld masq" -j')}\n`;
  const nat = `*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:FLANNEL-POSTRTG - [0:0]\n-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG\n${masq(`-s ${subnet}.0/24 -d ${net} -j RETURN`)}${masq(`-s ${net} -d ${subnet}.0/24 -j RETURN`)}${masq(`! -s ${net} -d ${subnet}.0/24 -j RETURN`)}${masq(`-s ${net} ! -d 224.0.0.0/4 -j MASQUERADE`)}${masq(`! -s ${net} -d ${net} -j MASQUERADE`)}COMMIT\n`;
  return `# Generated by iptables-save v1.8.9 (nf_tables) on Fri Nov 20 23:00:00 2026\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:FLANNEL-FWD - [0:0]\n-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD\n-A FLANNEL-FWD -s ${net} -m comment --comment "flanneld forward" -j ACCEPT\n-A FLANNEL-FWD -d ${net} -m comment --comment "flanneld forward" -j ACCEPT\nCOMMIT\n${nat}`;
}

function kernel(devices: readonly Device[]): string {
  const of = (dev: string) => `net.ipv4.conf.${dev}.forwarding = 1\nnet.ipv4.conf.${dev}.rp_filter = 0\n`;
  return `net.ipv4.ip_forward = 1\n${['all', ...devices.map(({ name }) => name.replace('.', '/'))].map(of).join('')}`;
}

function nodeFiles(world: World, node: WorldNode, index: number): Record<string, string> {
  const { backend, nodes } = world;
  const { nic = 'ens18', subnet, name, mtu = 1500 - overhead[backend] } = node;
  const devices = devicesOf(world, node, index);
  const peers = nodes.map((peer, at) => ({ peer, at })).filter(({ peer }) => peer !== node);
  const bare = (text: string) => text.split('/')[0] ?? '';
  const neighbours = peers.map(
    ({ peer, at }) =>
      `${backend === 'vxlan' ? `${peer.subnet}.0 dev flannel.1 lladdr ${peer.mac} PERMANENT \n` : ''}${bare(peer.address)} dev ${nic} lladdr ${ether(at + 1)} REACHABLE \n`,
  );
  return {
    [`${name}/ip-addr.txt`]: loAddress + devices.map(printedAddress).join(''),
    [`${name}/ip-link.txt`]: loLink + devices.map(printedLink).join(''),
    [`${name}/ip-route.txt`]: routesOf(world, node, devices),
    [`${name}/ip-rule.txt`]: rules,
    [`${name}/ip-neigh.txt`]: `${neighbours.join('')}${subnet}.9 dev cni0 lladdr 0a:58:ac:1d:07:09 REACHABLE \n`,
    [`${name}/bridge-fdb.txt`]:
      backend === 'vxlan'
        ? peers.map(({ peer }) => `${peer.mac} dev flannel.1 dst ${bare(peer.address)} self permanent\n`).join('')
        : '01:00:5e:00:00:01 dev cni0 self permanent\n',
    [`${name}/iptables-save.txt`]: rulesets(world, node),
    [`${name}/sysctl.txt`]: kernel(devices),
    [`${name}/subnet.env`]: `FLANNEL_NETWORK=${world.network ?? '172.29.0.0/16'}\nFLANNEL_SUBNET=${subnet}.1/24\nFLANNEL_MTU=${mtu}\nFLANNEL_IPMASQ=true\n`,
  };
}

function objects(world: World): Record<string, string> {
  if (world.objects === false) return {};
  const items = world.nodes.map(({ name, address, subnet, mac }) => {
    const [ip = ''] = address.split('/');
    const data = world.backend === 'vxlan' ? `'{"VNI":1,"VtepMAC":"${mac}"}'` : '"null"';
    return `- apiVersion: v1\n  kind: Node\n  metadata:\n    name: ${name}\n    annotations:\n      flannel.alpha.coreos.com/backend-data: ${data}\n      flannel.alpha.coreos.com/backend-type: ${world.backend}\n      flannel.alpha.coreos.com/public-ip: ${ip}\n  spec:\n    podCIDR: ${subnet}.0/24\n    podCIDRs:\n    - ${subnet}.0/24\n  status:\n    addresses:\n    - address: ${ip}\n      type: InternalIP\n`;
  });
  return { 'kubernetes/nodes.yaml': `apiVersion: v1\nkind: List\nitems:\n${items.join('')}` };
}

export function files(world: World): Record<string, string> {
  const made: Record<string, string> = { ...objects(world) };
  for (const [index, node] of world.nodes.entries()) Object.assign(made, nodeFiles(world, node, index + 1));
  for (const [name, text] of Object.entries(world.files ?? {})) {
    if (text === null) delete made[name];
    else made[name] = text;
  }
  for (const [name, from, to] of world.edits ?? []) {
    const before = made[name] ?? '';
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${name} has nothing like ${from}`);
    made[name] = after;
  }
  return made;
}

export const alpha: WorldNode = {
  name: 'alpha',
  address: '10.66.0.11/24',
  subnet: '172.29.7',
  mac: '5a:11:00:00:0a:01',
};
export const beta: WorldNode = { name: 'beta', address: '10.66.0.12/24', subnet: '172.29.8', mac: '5a:11:00:00:0b:02' };
export const gamma: WorldNode = {
  name: 'gamma',
  address: '10.66.0.13/24',
  subnet: '172.29.9',
  mac: '5a:11:00:00:0c:03',
};
