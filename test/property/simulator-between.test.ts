/** From namespace to namespace: two nodes there and back, a gateway outside, a pod behind a veth pair or on a bridge. */
import { describe, expect, it } from 'vitest';
import { ask, askOne, type Dumps, router, rules, snapshotOf, sysctls } from './node-text.js';

const loopback = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
`;

/** A host with one address behind the router's eth0, which is its gateway. */
function host(address: string, mac: string, more: Dumps = {}): Dumps {
  return {
    ...router,
    'ip-addr.txt': `${loopback}2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether ${mac} brd ff:ff:ff:ff:ff:ff promiscuity 0
    inet ${address}/24 scope global eth0
       valid_lft forever preferred_lft forever
`,
    'ip-route.txt': `default via ${address.replace(/\d+$/, '1')} dev eth0
${address.replace(/\d+$/, '0')}/24 dev eth0 proto kernel scope link src ${address}
local ${address} dev eth0 table local proto kernel scope host src ${address}
local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1
`,
    'ip-neigh.txt': `${address.replace(/\d+$/, '1')} dev eth0 lladdr 02:00:00:00:00:0${address.startsWith('10.1.') ? 1 : 2} REACHABLE\n`,
    'ss.txt':
      'Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\ntcp   LISTEN 0      128          0.0.0.0:80        0.0.0.0:*\n',
    ...more,
  };
}

const left = host('10.1.0.9', '02:00:00:00:00:09');
const right = host('10.2.0.9', '02:00:00:00:00:19');

describe('two hosts and the router between them', () => {
  const three = snapshotOf({ left, router, right });

  it('there and back through every captured node', () => {
    const { verdict, outcomes } = ask(three, { node: 'left', to: '10.2.0.9' });
    expect(verdict).toBe('works');
    expect(outcomes[0]?.final).toMatchObject({ node: 'right', iface: 'eth0', dport: 80 });
    const nodes = (steps: readonly { node: string }[]) => [...new Set(steps.map(({ node }) => node))];
    expect(nodes(outcomes[0]?.steps ?? [])).toEqual(['left', 'router', 'right']);
    expect(nodes(outcomes[0]?.reply?.steps ?? [])).toEqual(['right', 'router', 'left']);
  });

  it('two that send it to each other: one lap is told, and the routes that lead round', () => {
    const back = {
      ...router,
      'ip-route.txt': `default via 10.1.0.9 dev eth0\n${router['ip-route.txt']}`,
      'sysctl.txt': `${router['sysctl.txt']}${sysctls({ 'net.ipv4.conf.all.rp_filter': 0, 'net.ipv4.conf.eth0.rp_filter': 0, 'net.ipv4.conf.eth1.rp_filter': 0 })}`,
    };
    const forwards = { ...left, 'sysctl.txt': back['sysctl.txt'] };
    const snapshot = snapshotOf({ left: forwards, router: back, right });
    const { outcomes } = ask(snapshot, { node: 'right', to: '10.77.0.1' });
    const [outcome] = outcomes;
    const last = outcome?.steps.at(-1);
    expect(outcome?.disposition).toBe('looped');
    expect(last?.what).toBe('the packet goes in a circle until its TTL is used up: left → router → left');
    expect(last?.evidence.map(({ span }) => snapshot.files[span.file]?.name)).toEqual([
      'left/ip-route.txt',
      'router/ip-route.txt',
    ]);
    const entered = outcome?.steps.filter(({ stage }) => stage === 'ingress').map(({ node }) => node);
    expect(entered).toEqual(['router', 'left']);
  });

  it('translated on the way, the answer finds back', () => {
    const nat = {
      ...router,
      'iptables-save.txt': rules({
        nat: [
          '-A PREROUTING -d 10.96.0.1/32 -j DNAT --to-destination 10.2.0.9',
          '-A POSTROUTING -j MASQUERADE --random-fully',
        ],
      }),
    };
    const { verdict, outcomes } = ask(snapshotOf({ left, router: nat, right }), { node: 'left', to: '10.96.0.1' });
    expect(verdict).toBe('works');
    expect(outcomes[0]?.final).toMatchObject({ node: 'right', sport: null });
  });

  it('a filter for the answer fails it', () => {
    const strict = { ...router, 'iptables-save.txt': rules({ filter: ['-A FORWARD -i eth1 -j DROP'] }) };
    expect(ask(snapshotOf({ left, router: strict, right }), { node: 'left', to: '10.2.0.9' })).toMatchObject({
      verdict: 'fails',
      outcomes: [{ disposition: 'delivered', reply: { disposition: 'dropped' } }],
    });
  });

  it('an answer without a way back fails it', () => {
    const lost = { ...right, 'ip-route.txt': (right['ip-route.txt'] ?? '').replace(/^default.*\n/, '') };
    expect(ask(snapshotOf({ left, router, right: lost }), { node: 'left', to: '10.2.0.9' }).verdict).toBe('fails');
  });

  const withNeighbour = (mac: string) => ({
    ...router,
    'ip-neigh.txt': (router['ip-neigh.txt'] ?? '').replace('02:00:00:00:00:19', mac),
  });

  it('a neighbour entry with the hardware address of another device brings the frame there', () => {
    const two = `${right['ip-addr.txt']}3: eth9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:29 brd ff:ff:ff:ff:ff:ff promiscuity 0
`;
    const snapshot = snapshotOf({
      left,
      router: withNeighbour('02:00:00:00:00:29'),
      right: { ...right, 'ip-addr.txt': two },
    });
    const outcome = askOne(snapshot, { node: 'left', to: '10.2.0.9', assume: 'defaults' });
    expect(outcome.steps.map(({ what }) => what)).toContain('the packet comes in at eth9');
  });

  it('a neighbour entry with a hardware address that nobody has loses the frame, unless somebody else is there', () => {
    const snapshot = snapshotOf({ left, router: withNeighbour('02:00:00:00:00:77'), right });
    expect(askOne(snapshot, { node: 'left', to: '10.2.0.9' }).disposition).toBe('undetermined');
    const outcome = askOne(snapshot, { node: 'left', to: '10.2.0.9', assume: 'defaults' });
    expect(outcome.disposition).toBe('dropped');
    expect(outcome.assumptions.map(({ text }) => text).join()).toContain('02:00:00:00:00:77');
  });

  it('a gateway that was not captured is assumed to pass on, by name, or the way is open', () => {
    const pair = snapshotOf({ left, right });
    expect(askOne(pair, { node: 'left', to: '10.2.0.9' }).disposition).toBe('undetermined');
    const outcome = askOne(pair, { node: 'left', to: '10.2.0.9', assume: 'defaults' });
    expect(outcome.final.node).toBe('right');
    expect(outcome.assumptions.map(({ text }) => text).join()).toContain('the gateway 10.1.0.1 was not captured');
  });

  it('a gateway that was not captured leads back to a client that came in by its device, by name, or the way is open', () => {
    const called = { in: 'eth0', src: '198.51.100.20', to: '10.2.0.9' };
    const alone = snapshotOf({ right });
    expect(ask(alone, called)).toMatchObject({
      verdict: 'unknown',
      outcomes: [{ disposition: 'delivered', reply: { disposition: 'undetermined' } }],
    });
    const { verdict, outcomes } = ask(alone, { ...called, assume: 'defaults' });
    expect(verdict).toBe('works');
    expect(outcomes[0]?.assumptions.map(({ text }) => text)).toContain(
      '10.2.0.1, a gateway that was not captured, is taken to lead to 198.51.100.20',
    );
  });

  it('whether a gateway that was not captured leads to a client of a network that a captured node has is open', () => {
    const called = { node: 'right', in: 'eth0', src: '10.1.0.33', to: '10.2.0.9', assume: 'defaults' } as const;
    expect(ask(snapshotOf({ left, right }), called)).toMatchObject({
      verdict: 'unknown',
      outcomes: [{ disposition: 'delivered', reply: { disposition: 'undetermined' } }],
    });
  });

  it('which way it goes is open, and each of them works or each fails: the verdict is not open', () => {
    const lately = (target: string) => `-m recent --rcheck --name LATELY --rsource -j ${target}`;
    const verdictOf = (tables: Parameters<typeof rules>[0]) => {
      const between = { ...router, 'iptables-save.txt': rules(tables) };
      const { verdict, outcomes } = ask(snapshotOf({ left, router: between, right }), { node: 'left', to: '10.2.0.9' });
      return `${verdict}, ${outcomes[0]?.disposition}`;
    };
    expect(verdictOf({ nat: [`-A POSTROUTING ${lately('MASQUERADE')}`] })).toBe('works, undetermined');
    expect(verdictOf({ filter: [`-A FORWARD ${lately('DROP')}`, '-A FORWARD -j REJECT'] })).toBe('fails, undetermined');
    expect(verdictOf({ filter: [`-A FORWARD ${lately('DROP')}`] })).toBe('unknown, undetermined');
  });

  it('two that hold the destination: who is meant is open', () => {
    const twins = snapshotOf({ left, router, right, twin: right });
    expect(askOne(twins, { node: 'left', to: '10.2.0.9' }).because[0]?.text).toContain(
      'several captured namespaces hold 10.2.0.9',
    );
  });
});

describe('a pod behind a veth pair', () => {
  const pod: Dumps = {
    'ip-addr.txt': `${loopback}3: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:01:03 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.244.0.3/32 scope global eth0
       valid_lft forever preferred_lft forever
`,
    'ip-route.txt': `default via 169.254.1.1 dev eth0
169.254.1.1 dev eth0 scope link
local 10.244.0.3 dev eth0 table local proto kernel scope host src 10.244.0.3
local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1
`,
    'ip-rule.txt': router['ip-rule.txt'] ?? '',
    'ip-neigh.txt': '169.254.1.1 dev eth0 lladdr ee:ee:ee:ee:ee:ee REACHABLE\n',
    'sysctl.txt': router['sysctl.txt'] ?? '',
    'iptables-save.txt': rules({}),
    'ss.txt': router['ss.txt'] ?? '',
  };
  const cali = `7: cali1@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether ee:ee:ee:ee:ee:ee brd ff:ff:ff:ff:ff:ff link-netns pod1
`;
  const node = (filter: readonly string[] = []): Dumps => ({
    ...router,
    'ip-addr.txt': `${router['ip-addr.txt']}${cali}`,
    'ip-route.txt': `10.244.0.3 dev cali1 scope link\n${router['ip-route.txt']}`,
    'ip-neigh.txt': `${router['ip-neigh.txt']}10.244.0.3 dev cali1 lladdr 02:00:00:00:01:03 REACHABLE\n`,
    'sysctl.txt': `${router['sysctl.txt']}${sysctls({ 'net.ipv4.conf.cali1.forwarding': 1, 'net.ipv4.conf.cali1.rp_filter': 1 })}`,
    'iptables-save.txt': rules({ filter, nat: ['-A POSTROUTING -s 10.244.0.0/16 -j MASQUERADE'] }),
  });
  const both = (filter: readonly string[] = []) =>
    snapshotOf({
      router: {
        ...node(filter),
        ...Object.fromEntries(Object.entries(pod).map(([file, text]) => [`netns/pod1/${file}`, text])),
      },
    });

  it('its packets pass the rules of its node, and the answers come back', () => {
    const snapshot = both();
    expect(snapshot.nodes[0]?.namespaces.map(({ name }) => name)).toEqual(['pod1']);
    const { verdict, outcomes } = ask(snapshot, { netns: 'pod1', to: '10.2.0.9', assume: 'defaults' });
    expect(outcomes[0]?.steps.map(({ what }) => what).join('\n')).toContain('the packet comes in at cali1');
    expect(outcomes[0]?.final).toMatchObject({ node: 'router', iface: 'eth1', src: { a: 0x0a020001 } });
    expect(verdict).toBe('works');
  });

  it('a rule of the node for its device stops them', () => {
    expect(askOne(both(['-A FORWARD -i cali1 -j DROP']), { netns: 'pod1', to: '10.2.0.9' }).disposition).toBe(
      'dropped',
    );
  });

  it('an address that it does not have is nobody’s there, as both ends of the pair and the address behind it show', () => {
    const dumps = node();
    const snapshot = snapshotOf({
      router: {
        ...dumps,
        'ip-route.txt': `10.244.0.4 dev cali1 scope link\n${dumps['ip-route.txt']}`,
        ...Object.fromEntries(Object.entries(pod).map(([file, text]) => [`netns/pod1/${file}`, text])),
        'netns/pod1/sysctl.txt': `${pod['sysctl.txt']}${sysctls({ 'net.ipv4.conf.all.proxy_arp': 0, 'net.ipv4.conf.eth0.proxy_arp': 0 })}`,
      },
    });
    const { disposition, steps } = askOne(snapshot, { to: '10.244.0.4' });
    const last = steps.at(-1);
    expect([disposition, last?.what]).toEqual(['neighbour-unresolved', 'nobody behind cali1 answers for 10.244.0.4']);
    expect(last?.evidence.map(({ why }) => why)).toEqual([
      'cali1 of router',
      'its other end, eth0 of router/pod1',
      'router/pod1 has 10.244.0.3 there',
    ]);
  });
});

describe('a port of a bridge', () => {
  const bridged = (more: Readonly<Record<string, number>>, nat: readonly string[] = []): Dumps => ({
    ...router,
    'ip-addr.txt': (router['ip-addr.txt'] ?? '')
      .replace('3: eth1', '3: eth1')
      .concat(`8: port1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master eth0 state UP group default qlen 1000
    link/ether 02:00:00:00:00:08 brd ff:ff:ff:ff:ff:ff promiscuity 0
`),
    'ip-link.txt': `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time 30000 stp_state 0 priority 32768 vlan_filtering 0 addrgenmode eui64
`,
    'sysctl.txt': `${router['sysctl.txt']}${sysctls(more)}`,
    'iptables-save.txt': rules({ nat }),
  });
  const entering = { in: 'port1', src: '10.1.0.9', to: '10.2.0.9' } as const;

  it('what a port receives comes in by the bridge', () => {
    const outcome = askOne(snapshotOf({ router: bridged({ 'net.bridge.bridge-nf-call-iptables': 0 }) }), entering);
    expect(outcome).toMatchObject({ disposition: 'delivered' });
    expect(outcome.steps[0]?.what).toContain('port1, a port of eth0');
  });

  it.each<[string, string, string]>([
    ['matters to a rule that asks for ports', '-A FORWARD -m physdev --physdev-in port1 -j DROP', 'undetermined'],
    ['matters to no other', '-A FORWARD -s 10.9.9.9/32 -j DROP', 'delivered'],
  ])('whether br_netfilter is at work %s', (_sentence, rule, disposition) => {
    const node = { ...bridged({}), 'iptables-save.txt': rules({ filter: [rule] }) };
    expect(askOne(snapshotOf({ router: node }), entering).disposition).toBe(disposition);
  });

  const toBridge = (neighbour: string, more: Dumps = {}, assume: 'none' | 'defaults' = 'none') =>
    askOne(
      snapshotOf({
        router: {
          ...bridged({ 'net.bridge.bridge-nf-call-iptables': 1 }, [
            '-A PREROUTING -d 10.96.0.1/32 -j DNAT --to-destination 10.1.0.7',
          ]),
          'ip-neigh.txt': neighbour,
          'bridge-fdb.txt': '02:00:00:00:00:77 dev port2 master eth0\n',
          ...more,
        },
      }),
      { ...entering, to: '10.96.0.1', assume },
    );

  it('NAT back onto the bridge under br_netfilter goes to the port of the new neighbour, with the TTL as it was', () => {
    const outcome = toBridge('10.1.0.7 dev eth0 lladdr 02:00:00:00:00:77 REACHABLE\n');
    expect(outcome.steps.map(({ what }) => what)).toContain('the packet stays on eth0');
    expect(outcome.because.map(({ text }) => text)).toEqual(['port port2 of eth0 was not captured']);
  });

  it('a captured namespace that has the address is assumed to answer, by name', () => {
    const inside = {
      'netns/pod7/ip-addr.txt': `${loopback}3: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:77 brd ff:ff:ff:ff:ff:ff
    inet 10.1.0.7/24 scope global eth0
       valid_lft forever preferred_lft forever
`,
    };
    const { steps, assumptions } = toBridge('', inside, 'defaults');
    expect(steps.map(({ what }) => what)).toContain('the packet stays on eth0');
    expect(assumptions.map(({ text }) => text).join()).toContain(
      '10.1.0.7 is taken to answer with its hardware address 02:00:00:00:00:77',
    );
    const text = toBridge('', inside).because.map((reason) => reason.text);
    expect(text.join()).toContain('not resolved yet');
  });

  it('NAT back onto the bridge to a neighbour that is not resolved is open', () => {
    expect(
      toBridge('')
        .because.map(({ text }) => text)
        .join(),
    ).toContain('not resolved yet');
  });
});
