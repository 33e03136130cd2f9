/** Ends of connections as people type them. */
import { parseIp, trace } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { files } from '../connection-fails/cases.world.js';
import { resolveConnection } from './connection.js';
import { resolveDestination } from './destination.js';
import type { WhoAnswer } from './end.js';
import { portHint } from './meant.js';
import { resolveOrigin } from './origin.js';

const objects = `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: NodePort, clusterIP: 10.99.7.7, ports: [{name: http, port: 80, nodePort: 31080, protocol: TCP}, {name: quic, port: 443, nodePort: 31443, protocol: UDP}]}}
- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: blog}, spec: {type: LoadBalancer, clusterIP: 10.99.7.8, ports: [{port: 80, nodePort: 31081, protocol: TCP}]}, status: {loadBalancer: {ingress: [{ip: 198.51.100.9}]}}}
- {apiVersion: v1, kind: Service, metadata: {name: inner, namespace: shop}, spec: {type: ClusterIP, clusterIP: 10.99.7.9, ports: [{port: 9000, protocol: TCP}]}}
- {apiVersion: v1, kind: Service, metadata: {name: headless, namespace: shop}, spec: {type: ClusterIP, clusterIP: None, ports: [{port: 9000, protocol: TCP}]}}
- {apiVersion: v1, kind: Service, metadata: {name: dual, namespace: shop}, spec: {type: NodePort, externalTrafficPolicy: Local, clusterIP: 10.99.7.10, clusterIPs: [10.99.7.10, 'fd99::10'], externalIPs: [198.51.100.10], ports: [{name: pg, port: 5432, nodePort: 31432, protocol: TCP}, {name: metrics, port: 9187, protocol: TCP}]}}
- {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: dual-1, namespace: shop, labels: {kubernetes.io/service-name: dual}}, addressType: IPv4, endpoints: [{addresses: [10.61.2.7], nodeName: west, conditions: {ready: true}}], ports: [{name: pg, port: 5432, protocol: TCP}]}
- {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: headless-1, namespace: shop, labels: {kubernetes.io/service-name: headless}}, addressType: IPv4, endpoints: [{addresses: [10.61.2.8], nodeName: west, conditions: {ready: true}}], ports: [{port: 9001, protocol: TCP}]}
- {apiVersion: v1, kind: Pod, metadata: {name: six, namespace: shop}, spec: {nodeName: east}, status: {phase: Running, podIP: 'fd61::6', podIPs: [{ip: 'fd61::6'}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: cart, namespace: shop}, spec: {nodeName: east}, status: {phase: Running, podIP: 10.61.1.7, podIPs: [{ip: 10.61.1.7}]}}
`;
const snapshot = parseSnapshot({ ...files(), 'kubernetes/objects.yaml': objects });

const told = <T>(answer: WhoAnswer<T>) => {
  if (!answer.ok) return answer.problem;
  const { node, iface, address, port } = answer.who;
  return [node, iface, address, port].map((one) => one ?? '-').join(' ');
};

describe('a destination', () => {
  it.each([
    ['10.9.9.9:80', '- - 10.9.9.9 80'],
    ['[fd00::1]:443', '- - fd00::1 443'],
    ['fd00::1', '- - fd00::1 -'],
    ['[::ffff:10.9.9.9]:80', '- - 10.9.9.9 80'],
    ['::ffff:a09:909', '- - 10.9.9.9 -'],
    ['node:west:22', 'west - 172.22.5.12 22'],
    ['pod:cart:8080', 'east - 10.61.1.7 8080'],
    ['pod:shop/cart:8080', 'east - 10.61.1.7 8080'],
    ['service:shop/web', '- - 10.99.7.7 80'],
    ['service:shop/web:quic', '- - 10.99.7.7 443'],
    ['service:shop/web:31080', 'east - 172.22.5.11 31080'],
    ['service:kubernetes', '- - 10.99.0.1 443'],
    ['service:default/kubernetes:https', '- - 10.99.0.1 443'],
    ['service:web', 'Service web is ambiguous: blog/web, shop/web'],
    [
      'service:shop/nothing',
      'Service shop/nothing is not in the snapshot; known: blog/web, default/kubernetes, shop/dual, shop/headless, shop/inner, shop/web',
    ],
    [
      'service:shop/web:90',
      'Service shop/web has no port 90; it has http (31080), http (80), quic (31443), quic (443)',
    ],
    ['pod:shop/none:1', 'pod shop/none is not in the snapshot; known: shop/cart, shop/six'],
    ['node:north:1', 'node north is not in the snapshot; known: east, west'],
    ['10.9.9.9:99999', '"99999" is not a port: give a number from 1 to 65535'],
    ['service:headless', 'Service shop/headless has no cluster address: call one of its pods: 10.61.2.8:9001'],
  ])('%s: %s', (text, want) => expect(told(resolveDestination(snapshot, text))).toBe(want));
});

describe('what is no destination gets a hint', () => {
  const refused = (text: string) => told(resolveDestination(snapshot, text)).split('; ')[1] ?? '';
  it.each([
    ['web', 'did you mean service:blog/web, service:shop/web?'],
    ['cart:8080', 'did you mean pod:shop/cart:8080?'],
    ['shop/cart', 'did you mean pod:shop/cart?'],
    ['west', 'did you mean node:west?'],
    ['svc:kubernetes', 'did you mean service:kubernetes?'],
    ['svc/kubernetes:https', 'did you mean service:kubernetes:https?'],
    ['pod/cart', 'did you mean pod:cart?'],
    ['https://10.99.0.1:443/livez', 'did you mean 10.99.0.1:443?'],
    ['https://10.99.0.1', 'did you mean 10.99.0.1:PORT?'],
    ['https://[fd00::1]', 'did you mean [fd00::1]:PORT?'],
    ['10.99.0.1/443', 'did you mean 10.99.0.1:443?'],
    ['10.99.0.1.443', 'did you mean 10.99.0.1:443?'],
    ['10.0.0.300', ''],
    ['nobody', ''],
    ['constructor:80', ''],
    ['', ''],
  ])('%s: %s', (text, want) => expect(refused(text)).toBe(want));

  it.each([
    ['fd00::1', '[fd00::1]:PORT'],
    ['[fd00::1]', '[fd00::1]:PORT'],
    ['fd00::1:443', '[fd00::1:443]:PORT, or [fd00::1]:443 if 443 is the port'],
    ['10.99.0.1', '10.99.0.1:PORT'],
    ['pod:cart', 'pod:cart:PORT'],
  ])('%s without a port: %s', (text, want) => expect(portHint(text)).toBe(want));
});

describe('a destination of a client from outside', () => {
  it.each([
    ['service:shop/web', 'east - 172.22.5.11 31080'],
    ['service:shop/web:http', 'east - 172.22.5.11 31080'],
    ['service:blog/web', '- - 198.51.100.9 80'],
    ['service:blog/web:31081', 'east - 172.22.5.11 31081'],
    [
      'service:shop/inner',
      'Service shop/inner has neither a node port nor an external address: nobody reaches it from outside',
    ],
    ['10.99.7.7:80', '- - 10.99.7.7 80'],
  ])('%s: %s', (text, want) => expect(told(resolveDestination(snapshot, text, { outside: true }))).toBe(want));

  it('is of the protocol that was asked for', () =>
    expect(told(resolveDestination(snapshot, 'service:shop/web', { outside: true, proto: 17 }))).toBe(
      'east - 172.22.5.11 31443',
    ));
});

describe('an origin', () => {
  const towards = parseIp('172.22.5.12');
  const from = (text: string, src: string | null = null) =>
    told(resolveOrigin(snapshot, text, src === null ? null : parseIp(src), towards === null ? {} : { towards }));
  it.each([
    ['node:east', null, 'east - - -'],
    ['node:east', '10.61.1.1', 'east - 10.61.1.1 -'],
    ['pod:cart', null, 'east cni0 10.61.1.7 -'],
    ['172.22.5.12', null, 'west - 172.22.5.12 -'],
    ['10.61.2.40', null, 'west cni0 10.61.2.40 -'],
    ['iface:west/eth0', '192.0.2.1', 'west eth0 192.0.2.1 -'],
    ['iface:eth0', '192.0.2.1', 'interface eth0 is on several nodes: iface:east/eth0, iface:west/eth0'],
    ['iface:west/eth9', '192.0.2.1', 'node west has no interface eth9; known: cni0, eth0, lo'],
    ['iface:west/eth0', null, 'traffic that enters at eth0 needs --src ADDRESS'],
    ['outside', null, 'west eth0 203.0.113.7 -'],
    ['outside', '198.51.100.20', 'west eth0 198.51.100.20 -'],
    ['outside', '2001:db8::9', '2001:db8::9 is of another family than 172.22.5.12'],
    ['fd00::9', null, 'fd00::9 is of another family than 172.22.5.12'],
    ['node:east', 'fd00::9', 'fd00::9 is of another family than 172.22.5.12'],
    [
      'east',
      null,
      '"east" is no origin: give an address, node:, pod:, outside, or iface:NODE/DEV with --src; did you mean node:east?',
    ],
    [
      '10.61.2.40:4711',
      null,
      '"10.61.2.40:4711" has a port, and an origin has none: give 10.61.2.40, and the source port as --sport 4711',
    ],
    ['pod:nobody', null, 'pod nobody is not in the snapshot; known: shop/cart, shop/six'],
    ['192.0.2.99', null, 'no captured node holds 192.0.2.99 or has an interface that leads straight to it'],
  ])('%s (%s): %s', (text, src, want) => expect(from(text, src)).toBe(want));
});

describe('a pod whose packets a data path of its own carries', () => {
  const one = 'group default qlen 1000\n    link/ether 0a:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet';
  const cilium = parseSnapshot({
    'c1/ip-addr.txt': `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP ${one} 192.168.50.10/24 scope global eth0\n       valid_lft forever preferred_lft forever\n4: cilium_host@cilium_net: <BROADCAST,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP ${one} 10.0.1.5/32 scope global cilium_host\n       valid_lft forever preferred_lft forever\n`,
    'c1/ip-route.txt':
      'default via 192.168.50.1 dev eth0\n10.0.1.0/24 via 10.0.1.5 dev cilium_host proto kernel src 10.0.1.5\n10.0.1.5 dev cilium_host proto kernel scope link\n192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.10\n',
    'kubernetes/pods.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {nodeName: c1}\nstatus: {phase: Running, podIP: 10.0.1.12}\n',
  });

  it('sends by the device of the route that leads through the node itself, and what becomes of that is open', () => {
    const ends = resolveConnection(cilium, { from: 'pod:shop/web', to: '192.168.50.1:443', proto: 6, src: null });
    if (!ends.ok) throw new Error(ends.problem);
    const { verdict, outcomes } = trace(cilium, {
      from: ends.origin,
      to: ends.target,
      proto: 6,
      sport: null,
      assume: 'defaults',
    });
    expect(verdict).toBe('unknown');
    expect(outcomes.flatMap(({ because }) => because.map(({ text }) => text))).toContain(
      'bpf data path of cilium_host on c1 is not modelled',
    );
  });

  it('of which nobody says where it runs is not looked for there: other nodes have such routes to it, too', () =>
    expect(told(resolveOrigin(cilium, '10.0.1.12', null))).toMatch(/^no captured node holds 10\.0\.1\.12/));
});

describe('a connection', () => {
  const ends = (from: string, to: string, src: string | null = null) => {
    const answer = resolveConnection(snapshot, { from, to, proto: 6, src: src === null ? null : parseIp(src) });
    if (!answer.ok) return `${answer.end}: ${answer.problem}`;
    return [answer.from.node, answer.to.address, answer.to.port].join(' ');
  };
  it.each([
    ['node:east', 'service:dual:pg', null, 'east 10.99.7.10 5432'],
    ['node:east', 'service:dual:pg', 'fd00::1', 'east fd99::10 5432'],
    ['node:east', 'service:dual', null, 'to: Service shop/dual has several ports, name one: metrics (9187), pg (5432)'],
    ['node:east', 'service:inner', 'fd00::1', 'to: Service shop/inner has no IPv6 address'],
    ['node:east', 'pod:cart:80', 'fd00::1', 'to: pod shop/cart has no IPv6 address'],
    ['node:east', 'node:west:80', 'fd00::1', 'to: no IPv6 address of node west was captured'],
    ['pod:six', 'service:inner', null, 'to: Service shop/inner has no IPv6 address'],
    ['pod:six', '10.99.7.9:9000', null, 'from: pod shop/six has no IPv4 address'],
    ['outside', 'service:dual:31432', null, 'west 172.22.5.12 31432'],
    ['outside', '198.51.100.10:5432', null, 'west 198.51.100.10 5432'],
    ['outside', 'service:web', null, 'to: Service web is ambiguous: blog/web, shop/web'],
  ])('%s → %s (%s): %s', (from, to, src, want) => expect(ends(from, to, src)).toBe(want));
});

describe('a client from outside', () => {
  const asked = (
    to: string,
    { assume = 'defaults', given = {} }: { assume?: 'none' | 'defaults'; given?: Texts } = {},
  ) => {
    const world = parseSnapshot({ ...files({ given }), 'kubernetes/objects.yaml': objects });
    const ends = resolveConnection(world, { from: 'outside', to, proto: 6 });
    if (!ends.ok) return ends.problem;
    const { verdict, outcomes } = trace(world, { from: ends.origin, to: ends.target, proto: 6, sport: null, assume });
    const told = outcomes.flatMap(({ assumptions, because }) => [...assumptions, ...because].map(({ text }) => text));
    return {
      at: `${ends.from.node}/${ends.from.iface}`,
      verdict,
      led: told.filter((text) => /anybody outside/.test(text)),
    };
  };
  type Texts = Readonly<Record<string, string | null>>;
  const led = (ip: string, at: string) =>
    `nothing shows that anybody outside has a route to ${ip}; it is taken to lead to ${at}`;
  const closed = {
    'east/iptables-save.txt': '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n',
  };

  it('is routed to the network that the node stands in', () =>
    expect(asked('node:east:10250')).toEqual({ at: 'east/eth0', verdict: 'works', led: [] }));
  it('is taken to be routed to pods, by name', () =>
    expect(asked('pod:cart:8080')).toEqual({
      at: 'east/eth0',
      verdict: 'works',
      led: [led('10.61.1.7', 'eth0 of east')],
    }));
  it('comes by the node that has the pods, which were not captured themselves', () =>
    expect(asked('10.61.2.77:8080')).toMatchObject({ at: 'west/eth0', led: [led('10.61.2.77', 'eth0 of west')] }));
  it('may not be routed to pods, where nothing is assumed', () =>
    expect(asked('pod:cart:8080', { assume: 'none' })).toEqual({
      at: 'east/eth0',
      verdict: 'unknown',
      led: [led('10.61.1.7', 'eth0 of east')],
    }));
  it.each(['defaults', 'none'] as const)('fails in either case where the node lets nothing through (%s)', (assume) =>
    expect(asked('pod:cart:8080', { assume, given: closed })).toMatchObject({ verdict: 'fails' }),
  );
  it('comes by the router that was captured, which says itself where it sends what is for pods', () => {
    const router = {
      'edge/hostname': 'edge\n',
      'edge/ip-addr.txt': `2: lan: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 52:54:00:22:05:01 brd ff:ff:ff:ff:ff:ff\n    inet 172.22.5.1/24 brd 172.22.5.255 scope global lan\n3: wan: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    link/ether 52:54:00:22:06:01 brd ff:ff:ff:ff:ff:ff\n    inet 192.0.2.2/24 brd 192.0.2.255 scope global wan\n`,
      'edge/ip-route.txt':
        'default via 192.0.2.1 dev wan\n172.22.5.0/24 dev lan proto kernel scope link src 172.22.5.1\n192.0.2.0/24 dev wan proto kernel scope link src 192.0.2.2\n',
    };
    const sent = 'edge/ip-route.txt';
    const routed = { ...router, [sent]: `${router[sent]}10.61.1.0/24 via 172.22.5.11 dev lan\n` };
    expect(asked('pod:cart:8080', { given: router })).not.toMatchObject({ verdict: 'works' });
    expect(asked('pod:cart:8080', { given: routed })).toMatchObject({
      at: 'edge/wan',
      led: [led('10.61.1.7', 'wan of edge')],
    });
  });
});

describe('a client that was not captured', () => {
  const asked = (from: string, to: string) => {
    const world = parseSnapshot({ ...files(), 'kubernetes/objects.yaml': objects });
    const ends = resolveConnection(world, { from, to, proto: 6 });
    if (!ends.ok) throw new Error(ends.problem);
    const question = { from: ends.origin, to: ends.target, proto: 6, sport: null, assume: 'none' } as const;
    const { verdict, outcomes } = trace(world, question);
    return [verdict, ...outcomes.flatMap(({ assumptions }) => assumptions.map(({ text }) => text))];
  };

  it('is taken to send to the node, where what works rests on it', () => {
    const taken = '10.61.1.7 was not captured; what it sends is taken to come in at cni0 of east';
    expect(asked('10.61.1.7', 'node:east:10250')).toEqual(['works', taken]);
    expect(asked('pod:shop/cart', 'node:east:10250')).toEqual(['works', taken]);
  });

  it('fails whether it sends there or not', () => {
    expect(asked('10.61.1.7', 'node:east:4')).toEqual(['fails']);
  });

  it('reaches itself without its node', () => {
    const taken = '10.61.1.7 was not captured; it is taken to answer itself';
    expect(asked('10.61.1.7', '10.61.1.7:8080')).toEqual(['works', taken]);
  });
});
