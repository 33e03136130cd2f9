/** The accepting rules that it proposes, carried out: connections work again, in either family, whatever ended them. */
import { applyText, parseSnapshot } from '@coldtrace/parsers';
import { describe, expect, it } from 'vitest';
import { analyze } from '../analyze.js';
import { alpha, beta, files as flannelFiles } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import { files, type World } from './cases.world.js';
import { connectionFails } from './rule.js';

const found = (texts: Readonly<Record<string, string>>) =>
  analyze(parseSnapshot(texts), { rules: [connectionFails], apply: applyText }).findings.map(
    ({ node, fix }) => fix && { node, commands: fix.steps.map(({ command }) => command), verified: fix.verified },
  );
const pair = (tool: string, add: string, net: string) => [
  `${tool} ${add} FORWARD -s ${net} -j ACCEPT`,
  `${tool} ${add} FORWARD -d ${net} -j ACCEPT`,
];
const west = (add: string) => ({ node: 'west', commands: pair('iptables', add, '10.61.2.0/24'), verified: true });

it('a neighbour that nobody answers for is told with the route that asks for it', () => {
  const texts = files();
  const failed = '172.22.5.12 dev eth0 FAILED\n';
  const snapshot = parseSnapshot({ ...texts, 'east/ip-neigh.txt': failed });
  const told = analyze(snapshot, { rules: [connectionFails] }).findings.filter(({ node }) => node === 'east');
  expect(told.length).toBeGreaterThan(0);
  for (const { evidence, certainty, assumptions } of told) {
    expect([certainty, assumptions.length]).toEqual(['likely', 1]);
    const names = evidence.map(({ span }) => snapshot.files[span.file]?.name);
    expect(names).toEqual(['east/ip-route.txt', 'east/ip-neigh.txt']);
  }
});

describe('what a node refuses to forward', () => {
  it.each<[string, World, string]>([
    ['by its policy', { forward: { west: 'DROP' } }, '-A'],
    ['by its policy, after RETURN', { forward: { west: 'DROP' }, filter: { west: '-A FORWARD -j RETURN\n' } }, '-I'],
    ['by a last rule for all', { filter: { west: '-A FORWARD -i eth7 -j ACCEPT\n-A FORWARD -j DROP\n' } }, '-I'],
  ])('%s is accepted by rules at the right place', (_, world, add) => expect(found(files(world))).toEqual([west(add)]));

  it('is accepted in the mangle table where that is the one that refuses', () => {
    const texts = files();
    const mangle = '*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD DROP [0:0]\nCOMMIT\n';
    const all = { ...texts, 'west/iptables-save.txt': `${texts['west/iptables-save.txt']}${mangle}` };
    const { findings } = analyze(parseSnapshot(all), { rules: [connectionFails] });
    expect(findings.map(({ message }) => message.includes('policy of FORWARD is DROP (table mangle)'))).toEqual([true]);
    expect(found(all)).toEqual([
      { node: 'west', commands: pair('iptables -t mangle', '-A', '10.61.2.0/24'), verified: true },
    ]);
  });

  it('is accepted for each block of addresses where every pod has a route of its own', () => {
    const texts = files({ forward: { west: 'DROP' } });
    const routes = texts['west/ip-route.txt'] ?? '';
    const perPod =
      '10.61.2.7 dev cali0a1b2c3d4e5 scope link \nblackhole 10.61.2.0/26 proto bird \nblackhole 10.61.2.192/26 proto bird ';
    const device =
      '8: cali0a1b2c3d4e5@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default \n    link/ether ee:ee:ee:ee:ee:ee brd ff:ff:ff:ff:ff:ff link-netnsid 0\n';
    const all = {
      ...texts,
      'west/ip-route.txt': routes.replace(/10\.61\.2\.0\/24 dev cni0 .*/, perPod).replace(/.* dev cni0 .*\n/g, ''),
      'west/ip-addr.txt': (texts['west/ip-addr.txt'] ?? '').replace(/3: cni0[\s\S]*/, device),
      'west/ip-link.txt': (texts['west/ip-link.txt'] ?? '').replace(/3: cni0[\s\S]*/, device),
      'west/ip-neigh.txt':
        '172.22.5.11 dev eth0 lladdr 52:54:00:22:05:0b REACHABLE\n10.61.2.7 dev cali0a1b2c3d4e5 lladdr 02:11:22:33:44:55 REACHABLE\n',
    };
    expect(found(all)).toEqual([
      {
        node: 'west',
        commands: ['10.61.2.0/26', '10.61.2.192/26'].flatMap((net) => pair('iptables', '-A', net)),
        verified: true,
      },
    ]);
  });

  it('is accepted for both families, each by its own tool', () => {
    const closed = (tool: string) => new RegExp(`(${tool}-save[\\s\\S]*?:FORWARD) ACCEPT`);
    const texts = flannelFiles({
      nodes: [alpha, beta],
      backend: 'host-gw',
      edits: [
        ...dualStack([alpha, beta], 'host-gw'),
        ['beta/iptables-save.txt', /-A FLANNEL-FWD.*\n/g, ''],
        ['beta/iptables-save.txt', closed('ip6tables'), '$1 DROP'],
      ],
    });
    expect(found(texts)).toEqual([
      { node: 'beta', commands: pair('iptables', '-A', '172.29.0.0/16'), verified: true },
      { node: 'beta', commands: pair('ip6tables', '-A', 'fd29::/48'), verified: true },
    ]);
  });

  it.each([
    ['a rule that names what it refuses', { filter: { west: '-A FORWARD -s 10.61.1.0/24 -j DROP\n' } }],
    ['a rule for one port of the node itself', { filter: { east: '-A INPUT -p tcp -m tcp --dport 10250 -j DROP\n' } }],
  ])('is left to whoever wrote %s', (_, world) => expect([...new Set(found(files(world)))]).toEqual([null]));
});

describe('what a node refuses to take in', () => {
  const accepts = (tool: string, ...texts: readonly string[]) =>
    texts.map((text) => `${tool} -I INPUT ${text} -j ACCEPT`);
  const kubelet = '-p tcp -m tcp --dport 10250';
  const api = '-p tcp -m tcp --dport 6443';
  const others = '-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n';

  it.each([
    [
      'by a last rule for all',
      { filter: { west: `${others}-A INPUT -j REJECT --reject-with icmp-host-prohibited\n` } },
    ],
    ['by a last DROP', { filter: { west: `${others}-A INPUT -j DROP\n` } }],
  ])('%s is accepted before it', (_, world) =>
    expect(found(files(world))).toEqual([{ node: 'west', commands: accepts('iptables', kubelet), verified: true }]),
  );

  it('is accepted port by port where several connections end there', () => {
    const [one] = found(files({ filter: { east: `${others}-A INPUT -j DROP\n` } }));
    expect(one).toEqual({ node: 'east', commands: accepts('iptables', api, kubelet), verified: true });
  });

  it('is accepted where the policy refuses it', () => {
    const texts = files({ filter: { west: others } });
    const closed = (texts['west/iptables-save.txt'] ?? '').replace(/(\*filter\n:INPUT) ACCEPT/, '$1 DROP');
    expect(found({ ...texts, 'west/iptables-save.txt': closed })).toEqual([
      { node: 'west', commands: accepts('iptables', kubelet), verified: true },
    ]);
  });

  it('is accepted as answers where those are what it refuses', () => {
    const [one] = found(
      files({ filter: { west: '-A INPUT -p tcp -m tcp --dport 10250 -j ACCEPT\n-A INPUT -j DROP\n' } }),
    );
    expect(one).toEqual({
      node: 'west',
      commands: accepts('iptables', '-m conntrack --ctstate RELATED,ESTABLISHED'),
      verified: true,
    });
  });
});

describe('pairs of nodes', () => {
  const told = (nodes: number) => {
    const routes = Array.from({ length: nodes }, (_, at) => [
      `node-${at}/ip-route.txt`,
      `default via 10.9.0.1 dev eth0\n10.9.0.0/16 dev eth0 proto kernel scope link src 10.9.1.${at + 1}\n`,
    ]);
    const { notEvaluated, evaluated } = analyze(parseSnapshot(Object.fromEntries(routes)), {
      rules: [connectionFails],
    });
    return { partly: notEvaluated.flatMap(({ partial, because }) => (partial ? [because] : [])), evaluated };
  };
  it('are all traced where they are few', () => expect(told(12).partly).toEqual([]));
  it('are counted where they are many, and the rule is evaluated all the same', () =>
    expect(told(20)).toEqual({
      partly: ['140 of 380 pairs of nodes were traced; coldtrace trace asks for any other'],
      evaluated: ['connection-fails'],
    }));
});
