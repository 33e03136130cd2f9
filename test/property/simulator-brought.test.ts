/** Pods whose packets the network between the nodes carries, as in clusters of cloud providers: no node has a way of its own to pods of another. */
import { describe, expect, it } from 'vitest';
import { ask, type Dumps, router, rules, snapshotOf, sysctls } from './node-text.js';

interface Worker {
  readonly at: number;
  /** Of the node's card; 32: it has the gateway alone for a neighbour. */
  readonly length?: 24 | 32;
  /** Pods' addresses, each on a veth pair of its own; else they stand on a bridge with this network. */
  readonly pods?: readonly string[];
  readonly bridge?: string;
  readonly links?: string;
  readonly routes?: string;
  readonly forward?: readonly string[];
}

function worker({ at, length = 24, pods = [], bridge, links = '', routes = '', forward = [] }: Worker): Dumps {
  const own = `10.128.0.${at}`;
  const veth = (k: number) =>
    `${k + 3}: vethc0ffee${k}@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:0${k}:${at} brd ff:ff:ff:ff:ff:ff link-netnsid ${k} promiscuity 0
    veth addrgenmode eui64
`;
  const pair =
    bridge === undefined ? pods.map((_, k) => veth(k)).join('') : veth(0).replace('1500', '1500 master cbr0');
  const lo = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
`;
  const eth0 = `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:${at} brd ff:ff:ff:ff:ff:ff promiscuity 0 addrgenmode eui64
`;
  const cbr0 = `9: cbr0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:0c:${at} brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500 stp_state 0 vlan_filtering 0 nf_call_iptables 0 nf_call_ip6tables 0 ageing_time 30000 addrgenmode eui64
`;
  const devices = ['all', 'default', 'lo', 'eth0', 'cbr0', ...pods.map((_, k) => `vethc0ffee${k}`)];
  const inet = (text: string, dev: string) =>
    `    inet ${text} scope global ${dev}\n       valid_lft forever preferred_lft forever\n`;
  const net = bridge?.replace(/\.1\/24$/, '.0/24');
  return {
    ...router,
    hostname: `worker-${at}\n`,
    'ip-link.txt': `${lo}${eth0}${pair}${bridge === undefined ? '' : cbr0}${links}`,
    'ip-addr.txt': `${lo}    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
${eth0}${inet(`${own}/${length}`, 'eth0')}${bridge === undefined ? '' : `${cbr0}${inet(bridge, 'cbr0')}`}`,
    'ip-route.txt': `default via 10.128.0.1 dev eth0
${length === 32 ? '10.128.0.1 dev eth0 scope link' : `10.128.0.0/24 dev eth0 proto kernel scope link src ${own}`}
${pods.map((pod, k) => (bridge === undefined ? `${pod} dev vethc0ffee${k} scope link\n` : '')).join('')}${
  bridge === undefined ? '' : `${net} dev cbr0 proto kernel scope link src ${bridge.replace('/24', '')}\n`
}${routes}local ${own} dev eth0 table local proto kernel scope host src ${own}
local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1
`,
    'ip-neigh.txt': '10.128.0.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE\n',
    'sysctl.txt': sysctls({
      'net.ipv4.ip_forward': 1,
      ...Object.fromEntries(devices.map((dev) => [`net.ipv4.conf.${dev}.forwarding`, 1])),
      ...Object.fromEntries(devices.map((dev) => [`net.ipv4.conf.${dev}.rp_filter`, 0])),
    }),
    'iptables-save.txt': rules({ filter: forward }),
  };
}

const from = (dev: string, src: string) => ({ node: 'one', in: dev, src });
const alone = (more: Partial<Worker> = {}) => worker({ at: 10, pods: ['10.244.1.2', '10.244.1.3'], ...more });
const other = (more: Partial<Worker> = {}) => worker({ at: 20, pods: ['10.244.2.2', '10.244.2.3'], ...more });
const called = { ...from('vethc0ffee0', '10.244.1.2'), to: '10.244.2.3', port: 8080 } as const;

const verdictOf = (one: Dumps, two: Dumps, question: Parameters<typeof ask>[1] = called) => {
  const { verdict, outcomes } = ask(snapshotOf({ one, two }), { assume: 'defaults', ...question });
  return { verdict, nodes: [...new Set(outcomes.flatMap(({ steps }) => steps.map(({ node }) => node)))] };
};

describe('pods that the network brings their packets to', () => {
  it.each([
    ['cards of one network', alone(), other()],
    ['cards that have the gateway alone', alone({ length: 32 }), other({ length: 32 })],
  ])('%s: the other node is looked at, there and back', (_, one, two) => {
    expect(verdictOf(one, two)).toEqual({ verdict: 'works', nodes: ['one', 'two'] });
  });

  it('is assumed: without assumptions it is open', () => {
    expect(verdictOf(alone(), other(), { ...called, assume: 'none' })).toEqual({ verdict: 'unknown', nodes: ['one'] });
  });

  it('a rule of the other node drops them', () => {
    expect(verdictOf(alone(), other({ forward: ['-A FORWARD -d 10.244.2.0/24 -j DROP'] })).verdict).toBe('fails');
  });

  it('a process of a node calls one', () => {
    const question = { node: 'one', to: '10.244.2.3', port: 8080 };
    expect(verdictOf(alone(), other(), question)).toEqual({ verdict: 'works', nodes: ['one', 'two'] });
  });

  it('a host outside with a private address answers them, a public one does not', () => {
    const towards = (to: string) => verdictOf(alone(), other(), { ...called, to, port: 443 }).verdict;
    expect(towards('10.128.9.9')).toBe('works');
    expect(towards('192.0.2.9')).toBe('fails');
  });

  it('addresses of the nodes’ own network are told whose they are, without a gateway', () => {
    const one = alone({ pods: ['10.128.0.101', '10.128.0.102'] });
    const two = other({ pods: ['10.128.0.201', '10.128.0.202'], forward: ['-A FORWARD -d 10.128.0.202/32 -j DROP'] });
    const at = (to: string) => verdictOf(one, two, { ...from('vethc0ffee0', '10.128.0.101'), to, port: 8080 });
    expect(at('10.128.0.201')).toEqual({ verdict: 'works', nodes: ['one', 'two'] });
    expect(at('10.128.0.202').verdict).toBe('fails');
  });
});

describe('nothing shows that the network does', () => {
  const flannel = `8: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default
    link/ether 02:00:00:00:0f:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    vxlan id 1 local 10.128.0.20 dev eth0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300 addrgenmode eui64
`;
  it.each([
    ['a node has a tunnel', alone(), other({ links: flannel })],
    ['the other node has a route of its own', alone(), other({ routes: '10.244.1.0/24 via 10.128.0.10 dev eth0\n' })],
  ])('%s, and this one has lost its way', (_, one, two) => {
    expect(verdictOf(one, two).nodes).toEqual(['one']);
  });

  it('pods stand on bridges, as those of flannel do, whose routes may all be lost', () => {
    const [one, two] = [alone({ bridge: '10.244.1.1/24' }), other({ bridge: '10.244.2.1/24' })];
    expect(verdictOf(one, two, { ...called, in: 'cbr0' }).nodes).toEqual(['one']);
  });

  it('only one node was captured: pods may be of any kind', () => {
    const { in: dev, src } = called;
    const { verdict } = ask(snapshotOf({ one: alone() }), {
      in: dev,
      src,
      to: '10.128.9.9',
      port: 443,
      assume: 'defaults',
    });
    expect(verdict).toBe('fails');
  });
});
