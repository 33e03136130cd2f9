/** What the simulator answers about one router, asked in sentences; each row rests on the kernel's behaviour as observed (docs of the hooks' order). */
import { approximate, formatFraction, formatIp, type Outcome } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { type Ask, ask, askOne, type Dumps, nodeOf, router, rules, sysctls } from './node-text.js';

const entering = { in: 'eth0', src: '10.1.0.9', to: '10.2.0.9' } as const;
/** The other way: hosts behind eth0 have this router for their gateway, so their answers come back. */
const inward = { in: 'eth1', src: '10.2.0.9', to: '10.1.0.9' } as const;

function routerWith(changes: Readonly<Record<string, string | null>>): {
  readonly nodes: readonly ReturnType<typeof nodeOf>[];
} {
  const dumps: Dumps = Object.fromEntries(
    Object.entries({ ...router, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  return { nodes: [nodeOf(dumps)] };
}

const withRules = (tables: Parameters<typeof rules>[0], more: Readonly<Record<string, string | null>> = {}) =>
  routerWith({ 'iptables-save.txt': rules(tables), ...more });

/** `delivered 10.1.0.9 > 10.2.0.9:80 by eth1`. */
function sentence(outcome: Outcome): string {
  const { final, disposition, rejectWith } = outcome;
  const end = rejectWith === null ? disposition : `${disposition} ${rejectWith}`;
  return `${end}: ${formatIp(final.src)} > ${formatIp(final.dst)}:${final.dport} by ${final.iface}`;
}

const saying = (snapshot: Parameters<typeof ask>[0], question: Ask) => sentence(askOne(snapshot, question));
const way = (question: Ask, snapshot = routerWith({})) => saying(snapshot, question);
type Tables = Parameters<typeof rules>[0];

describe('forwarding', () => {
  it('passes a packet on, and its answer back', () => {
    const outcome = askOne(routerWith({}), inward);
    expect(sentence(outcome)).toBe('delivered: 10.2.0.9 > 10.1.0.9:80 by eth0');
    expect(outcome.reply?.disposition).toBe('delivered');
  });

  it('never works for a source that the far host has no way back to', () => {
    const { verdict, outcomes } = ask(routerWith({}), entering);
    expect(outcomes[0]).toMatchObject({ disposition: 'delivered', reply: { disposition: 'no-route' } });
    expect(verdict).toBe('fails');
  });

  it.each<[string, Readonly<Record<string, number>>, string]>([
    ['off on the device that it came in by: dropped', { 'net.ipv4.conf.eth0.forwarding': 0 }, 'dropped'],
    [
      'off on the device that it leaves by: forwarded all the same',
      { 'net.ipv4.conf.eth1.forwarding': 0 },
      'delivered',
    ],
  ])('forwarding %s', (_sentence, values, disposition) => {
    const changed = routerWith({ 'sysctl.txt': `${router['sysctl.txt']}${sysctls(values)}` });
    expect(askOne(changed, entering).disposition).toBe(disposition);
  });

  it.each<[string, string, string]>([
    ['a blackhole route swallows it', 'blackhole 10.9.0.0/24', 'dropped: 10.1.0.9 > 10.9.0.1:80 by eth0'],
    ['an unreachable route says so', 'unreachable 10.9.0.0/24', 'unreachable icmp 3/1: 10.1.0.9 > 10.9.0.1:80 by eth0'],
    ['a prohibit route says so', 'prohibit 10.9.0.0/24', 'unreachable icmp 3/13: 10.1.0.9 > 10.9.0.1:80 by eth0'],
  ])('%s', (_sentence, route, expected) => {
    const snapshot = routerWith({ 'ip-route.txt': `${route}\n${router['ip-route.txt']}` });
    expect(saying(snapshot, { ...entering, to: '10.9.0.1' })).toBe(expected);
  });

  it('has no route: the sender is told that the network is unreachable', () => {
    const routes = (router['ip-route.txt'] ?? '').replace(/^default.*\n/, '');
    expect(saying(routerWith({ 'ip-route.txt': routes }), { ...entering, to: '9.9.9.9' })).toContain(
      'no-route icmp 3/0',
    );
  });

  it('spreads over several ways by weight, where the neighbours have no say', () => {
    const routes = `10.9.0.0/24 \n\tnexthop via 10.2.0.9 dev eth1 weight 1 \n\tnexthop via 10.2.0.254 dev eth1 weight 3 \n${router['ip-route.txt']}`;
    const shares = (value: number) =>
      ask(
        routerWith({
          'ip-route.txt': routes,
          'sysctl.txt': `${router['sysctl.txt']}net.ipv4.fib_multipath_use_neigh = ${value}\n`,
        }),
        { ...entering, to: '10.9.0.1' },
      ).outcomes.map(({ probability, disposition }) => `${formatFraction(probability)} ${disposition}`);
    expect(shares(0)).toEqual(['1/4 forwarded', '3/4 forwarded']);
    expect(shares(1)).toEqual(['1 undetermined']);
  });

  it('a failed neighbour ends the way', () => {
    const neighbours = (router['ip-neigh.txt'] ?? '').replace(
      '10.2.0.9 dev eth1 lladdr 02:00:00:00:00:19 REACHABLE',
      '10.2.0.9 dev eth1 FAILED',
    );
    expect(askOne(routerWith({ 'ip-neigh.txt': neighbours }), entering).disposition).toBe('neighbour-unresolved');
  });
});

describe('sources that cannot be', () => {
  it.each<[string, Ask, string]>([
    ['127.0.0.1 from the wire is martian', { ...entering, src: '127.0.0.1' }, 'martian'],
    ['a multicast source is martian', { ...entering, src: '224.0.0.1' }, 'martian'],
    ['0.1.2.3 is martian', { ...entering, src: '0.1.2.3' }, 'martian'],
    ['an own address from the wire is martian', { ...entering, src: '10.2.0.1' }, 'martian'],
    ['127.0.0.1 as destination is martian', { ...entering, to: '127.0.0.1' }, 'martian'],
    ['a source behind the other device is filtered', { ...entering, src: '10.2.0.77' }, 'rp-filtered'],
    ['a source by the default route of the other device is filtered', { ...entering, src: '8.8.8.8' }, 'rp-filtered'],
  ])('%s', (_sentence, question, disposition) => {
    expect(askOne(routerWith({}), question).disposition).toBe(disposition);
  });

  it.each<[string, Readonly<Record<string, number>>, Ask, string]>([
    [
      'accept_local lets an own address in',
      { 'net.ipv4.conf.eth0.accept_local': 1, 'net.ipv4.conf.eth0.rp_filter': 0 },
      { ...entering, src: '10.2.0.1' },
      'delivered',
    ],
    [
      'loose mode asks for any route',
      { 'net.ipv4.conf.eth0.rp_filter': 2 },
      { ...entering, src: '8.8.8.8' },
      'delivered',
    ],
    [
      'all=2 beats eth0=1: the greater counts',
      { 'net.ipv4.conf.all.rp_filter': 2 },
      { ...entering, src: '8.8.8.8' },
      'delivered',
    ],
    [
      'without rp_filter any source passes',
      { 'net.ipv4.conf.eth0.rp_filter': 0 },
      { ...entering, src: '8.8.8.8' },
      'delivered',
    ],
  ])('%s', (_sentence, values, question, disposition) => {
    const changed = routerWith({ 'sysctl.txt': `${router['sysctl.txt']}${sysctls(values)}` });
    expect(askOne(changed, question).disposition).toBe(disposition);
  });
});

describe('filters and NAT on the way through', () => {
  it.each<[string, Tables, string]>([
    ['a FORWARD policy of DROP', { filter: [':FORWARD DROP [0:0]'] }, 'dropped: 10.1.0.9 > 10.2.0.9:80 by eth1'],
    [
      'INPUT and OUTPUT rules are not asked',
      { filter: ['-A INPUT -j DROP', '-A OUTPUT -j DROP'] },
      'delivered: 10.1.0.9 > 10.2.0.9:80 by eth1',
    ],
    [
      'REJECT names its answer',
      { filter: ['-A FORWARD -j REJECT --reject-with icmp-admin-prohibited'] },
      'rejected icmp 3/13: 10.1.0.9 > 10.2.0.9:80 by eth1',
    ],
    [
      'DNAT comes before routing',
      { nat: ['-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.1.0.7:8080'] },
      'delivered: 10.1.0.9 > 10.1.0.7:8080 by eth0',
    ],
    [
      'mangle FORWARD sees the lower TTL',
      { mangle: ['-A FORWARD -m ttl --ttl-eq 63 -j DROP'] },
      'dropped: 10.1.0.9 > 10.2.0.9:80 by eth1',
    ],
    [
      'filter FORWARD sees the translated destination',
      { nat: ['-A PREROUTING -j DNAT --to-destination 10.2.0.7'], filter: ['-A FORWARD -d 10.2.0.7/32 -j DROP'] },
      'dropped: 10.1.0.9 > 10.2.0.7:80 by eth1',
    ],
    [
      'SNAT with a port',
      { nat: ['-A POSTROUTING -p tcp -j SNAT --to-source 10.2.0.1:7000'] },
      'delivered: 10.2.0.1 > 10.2.0.9:80 by eth1',
    ],
    [
      'MASQUERADE takes the address of the device',
      { nat: ['-A POSTROUTING -j MASQUERADE'] },
      'delivered: 10.2.0.1 > 10.2.0.9:80 by eth1',
    ],
    [
      'NETMAP keeps the host bits',
      { nat: ['-A PREROUTING -d 10.2.0.0/24 -j NETMAP --to 10.1.0.0/24'] },
      'delivered: 10.1.0.9 > 10.1.0.9:80 by eth0',
    ],
    [
      'only the first DNAT of a hook counts',
      { nat: ['-A PREROUTING -j DNAT --to-destination 10.2.0.7', '-A PREROUTING -j DNAT --to-destination 10.2.0.8'] },
      'delivered: 10.1.0.9 > 10.2.0.7:80 by eth1',
    ],
    [
      'a port range keeps a port within',
      { nat: ['-A PREROUTING -p tcp -j DNAT --to-destination 10.2.0.7:70-90'] },
      'delivered: 10.1.0.9 > 10.2.0.7:80 by eth1',
    ],
    [
      'a port range begins at its first port',
      { nat: ['-A PREROUTING -p tcp -j DNAT --to-destination 10.2.0.7:1000-1010'] },
      'delivered: 10.1.0.9 > 10.2.0.7:1000 by eth1',
    ],
    [
      'NOTRACK skips nat',
      { raw: ['-A PREROUTING -j CT --notrack'], nat: ['-A PREROUTING -j DNAT --to-destination 10.2.0.7'] },
      'delivered: 10.1.0.9 > 10.2.0.9:80 by eth1',
    ],
    [
      'without NAT or state rules nat is never asked',
      { nat: ['-A PREROUTING -j DROP'] },
      'delivered: 10.1.0.9 > 10.2.0.9:80 by eth1',
    ],
    [
      'one NAT rule anywhere, and nat is asked',
      {
        nat: [
          '-A PREROUTING -j MARK --set-xmark 1/1',
          '-A PREROUTING -m mark --mark 1 -j ACCEPT',
          '-A POSTROUTING -s 9.9.9.9/32 -j MASQUERADE',
        ],
        filter: ['-A FORWARD -m mark --mark 1 -j DROP'],
      },
      'dropped: 10.1.0.9 > 10.2.0.9:80 by eth1',
    ],
    [
      'REDIRECT takes it in',
      { nat: ['-A PREROUTING -p tcp -j REDIRECT --to-ports 22'] },
      'delivered: 10.1.0.9 > 10.1.0.1:22 by eth0',
    ],
  ])('%s', (_sentence, tables, expected) => {
    expect(saying(withRules(tables), entering)).toBe(expected);
  });

  it('gives a random source port away to nobody, and still knows the answer', () => {
    const outcome = askOne(withRules({ nat: ['-A POSTROUTING -j MASQUERADE --random-fully'] }), entering);
    expect(outcome.final.sport).toBeNull();
    expect(outcome).toMatchObject({ disposition: 'delivered', reply: { disposition: 'delivered' } });
  });

  it('keeps the source port otherwise', () => {
    const snapshot = withRules({ nat: ['-A POSTROUTING -j MASQUERADE'] });
    expect(askOne(snapshot, { ...entering, sport: 4711 }).final.sport).toBe(4711);
  });

  it('brings the answer of a translated connection back under the name that was called', () => {
    const snapshot = withRules({
      nat: ['-A PREROUTING -d 10.96.0.1/32 -p tcp -j DNAT --to-destination 10.1.0.9:8080'],
    });
    const outcome = askOne(snapshot, { ...inward, to: '10.96.0.1' });
    expect(outcome.reply?.disposition).toBe('delivered');
    expect(outcome.reply?.steps.some(({ what }) => what.includes('source becomes 10.96.0.1:80 again'))).toBe(true);
  });

  it('keeps exact shares of chance', () => {
    const snapshot = withRules({
      nat: [
        '-A PREROUTING -m statistic --mode random --probability 0.33333333349 -j DNAT --to-destination 10.2.0.7',
        '-A PREROUTING -j DNAT --to-destination 10.2.0.8',
      ],
    });
    const { outcomes } = ask(snapshot, entering);
    const shares = outcomes.map(
      ({ final, probability }) => `${formatIp(final.dst)} ${probability.numerator}/${probability.denominator}`,
    );
    expect(shares.sort()).toEqual(['10.2.0.7 715827883/2147483648', '10.2.0.8 1431655765/2147483648']);
  });

  it('counts chance on the way back too', () => {
    const snapshot = withRules({ filter: ['-A FORWARD -i eth0 -m statistic --mode random --probability 0.5 -j DROP'] });
    const { verdict, outcomes } = ask(snapshot, inward);
    const shares = outcomes.map(({ reply, probability }) => [reply?.disposition, approximate(probability)]);
    expect(shares.sort()).toEqual([
      ['delivered', 0.5],
      ['dropped', 0.5],
    ]);
    expect(verdict).toBe('depends');
  });

  it('leaves a flow open that the dump tracks already', () => {
    const entry =
      'tcp 6 431999 ESTABLISHED src=10.1.0.9 dst=10.2.0.9 sport=4711 dport=80 src=10.2.0.9 dst=10.1.0.9 sport=80 dport=4711 [ASSURED] mark=0 use=1\n';
    const snapshot = withRules({ nat: ['-A POSTROUTING -j MASQUERADE'] }, { 'conntrack.txt': entry });
    expect(askOne(snapshot, { ...entering, sport: 4711 }).disposition).toBe('undetermined');
    expect(askOne(snapshot, { ...entering, sport: 4712 }).disposition).toBe('delivered');
  });

  it('an IPVS service takes the packet over: open', () => {
    const snapshot = routerWith({
      'ipvsadm.txt': '-A -t 10.2.0.1:80 -s rr\n-a -t 10.2.0.1:80 -r 10.2.0.9:80 -m -w 1\n',
    });
    expect(askOne(snapshot, { ...entering, to: '10.2.0.1' }).because[0]?.text).toContain('IPVS');
    expect(askOne(snapshot, { ...entering, to: '10.2.0.1', port: 22 }).disposition).toBe('delivered');
  });
});

describe('what processes of the node send', () => {
  it.each<[string, Tables, Ask, string]>([
    [
      'a neighbour gets it from the address of its network',
      {},
      { to: '10.2.0.9' },
      'delivered: 10.2.0.1 > 10.2.0.9:80 by eth1',
    ],
    [
      'an own address is reached over lo from itself',
      {},
      { to: '10.2.0.1', port: 22 },
      'delivered: 10.2.0.1 > 10.2.0.1:22 by lo',
    ],
    [
      'DNAT in OUTPUT routes anew and keeps the source',
      { nat: ['-A OUTPUT -d 10.2.0.9/32 -j DNAT --to-destination 10.1.0.9'] },
      { to: '10.2.0.9' },
      'delivered: 10.2.0.1 > 10.1.0.9:80 by eth0',
    ],
    [
      'filter OUTPUT sees the device of the new route',
      { nat: ['-A OUTPUT -d 10.2.0.9/32 -j DNAT --to-destination 10.1.0.9'], filter: ['-A OUTPUT -o eth0 -j DROP'] },
      { to: '10.2.0.9' },
      'dropped: 10.2.0.1 > 10.1.0.9:80 by eth0',
    ],
    [
      'DNAT to 127.0.0.1 in OUTPUT needs no route_localnet',
      { nat: ['-A OUTPUT -d 10.2.0.9/32 -p tcp -j DNAT --to-destination 127.0.0.1:22'] },
      { to: '10.2.0.9' },
      'delivered: 10.2.0.1 > 127.0.0.1:22 by lo',
    ],
    [
      'nat PREROUTING is not asked on lo',
      { nat: ['-A PREROUTING -j DNAT --to-destination 10.1.0.9'] },
      { to: '10.2.0.1', port: 22 },
      'delivered: 10.2.0.1 > 10.2.0.1:22 by lo',
    ],
    [
      'raw PREROUTING is',
      { raw: ['-A PREROUTING -i lo -j DROP'] },
      { to: '10.2.0.1', port: 22 },
      'dropped: 10.2.0.1 > 10.2.0.1:22 by lo',
    ],
  ])('%s', (_sentence, tables, question, expected) => {
    expect(saying(withRules(tables), question)).toBe(expected);
  });

  const marked = {
    'ip-rule.txt': `0:\tfrom all lookup local\n100:\tfrom all fwmark 0x1 lookup 100\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n`,
    'ip-route.txt': `default via 10.1.0.9 dev eth0 table 100\n${router['ip-route.txt']}`,
  };
  it.each([
    ['a mark of mangle OUTPUT routes anew', 'mangle', 'eth0'],
    ['a mark of raw OUTPUT does not', 'raw', 'eth1'],
    ['a mark of filter OUTPUT does not', 'filter', 'eth1'],
    ['a mark of nat OUTPUT does not', 'nat', 'eth1'],
  ] as const)('%s', (_sentence, table, dev) => {
    const tables = {
      [table]: ['-A OUTPUT -j MARK --set-xmark 0x1/0xffffffff'],
      filter:
        table === 'filter'
          ? ['-A OUTPUT -j MARK --set-xmark 0x1/0xffffffff']
          : ['-A OUTPUT -m conntrack --ctstate INVALID -j DROP'],
    };
    expect(askOne(withRules(tables, marked), { to: '9.9.9.9' }).final).toMatchObject({
      iface: dev,
      src: { a: 0x0a020001 },
    });
  });

  it('no route: the socket is told, and nat OUTPUT is never asked', () => {
    const routes = (router['ip-route.txt'] ?? '').replace(/^default.*\n/, '');
    const snapshot = withRules({ nat: ['-A OUTPUT -j DNAT --to-destination 10.1.0.9'] }, { 'ip-route.txt': routes });
    expect(saying(snapshot, { to: '9.9.9.9' })).toBe('no-route ENETUNREACH: 0.0.0.0 > 9.9.9.9:80 by null');
  });

  it('a closed port answers with a reset, or an ICMP error', () => {
    expect(way({ to: '10.2.0.1', port: 81 })).toContain('rejected tcp-reset');
    expect(way({ to: '10.2.0.1', port: 81, proto: 17 })).toContain('rejected icmp 3/3');
  });
});

describe('what was not captured', () => {
  const needed = ['ip-addr.txt', 'ip-route.txt', 'ip-rule.txt', 'ip-neigh.txt', 'sysctl.txt', 'iptables-save.txt'];
  const masked = { 'iptables-save.txt': rules({ nat: ['-A POSTROUTING -j MASQUERADE'] }) };

  it.each(needed)('without %s nothing is said for sure', (file) => {
    expect(askOne(routerWith({ ...masked, [file]: null }), entering)).toMatchObject({ disposition: 'undetermined' });
  });

  it.each(needed.filter((file) => file !== 'ip-route.txt' && file !== 'ip-addr.txt'))(
    'without %s, with defaults, the assumption is named',
    (file) => {
      const outcome = askOne(routerWith({ ...masked, [file]: null }), { ...entering, assume: 'defaults' });
      expect(outcome.disposition).toBe('delivered');
      expect(outcome.assumptions.map(({ dump }) => `${dump}.txt`)).toContain(file);
    },
  );

  it('without ss nobody knows whether a process listens', () => {
    expect(askOne(routerWith({ 'ss.txt': null }), { ...entering, to: '10.1.0.1', port: 22 }).disposition).toBe(
      'undetermined',
    );
  });
});

describe('two variants of iptables on one node', () => {
  const both = (legacy: Tables, nft: Tables) =>
    routerWith({
      'iptables-legacy-save.txt': rules(legacy),
      'iptables-save.txt': rules(nft).replaceAll('iptables-save v1.8.9', 'iptables-save v1.8.9 (nf_tables)'),
    });

  it('a DROP of either stops the packet', () => {
    expect(
      askOne(both({ filter: ['-A FORWARD -j DROP'] }, { filter: ['-A FORWARD -j ACCEPT'] }), entering).disposition,
    ).toBe('dropped');
  });

  it('who of two DNATs comes first is not known', () => {
    const snapshot = both(
      { nat: ['-A PREROUTING -j DNAT --to-destination 10.2.0.7'] },
      { nat: ['-A PREROUTING -j DNAT --to-destination 10.2.0.8'] },
    );
    expect(askOne(snapshot, entering).because[0]?.text).toContain('come first');
  });
});
