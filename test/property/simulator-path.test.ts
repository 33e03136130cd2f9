/** What the simulator answers about one router, asked in sentences; each row rests on the kernel's behaviour as observed (docs of the hooks' order). */
import { approximate, formatFraction, formatIp } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { type Ask, ask, askOne, router, type rules, sysctls } from './node-text.js';
import { routerWith, saying, sentence, withRules } from './router.js';

const entering = { in: 'eth0', src: '10.1.0.9', to: '10.2.0.9' } as const;
/** The other way: hosts behind eth0 have this router for their gateway, so their answers come back. */
const inward = { in: 'eth1', src: '10.2.0.9', to: '10.1.0.9' } as const;

type Tables = Parameters<typeof rules>[0];

describe('forwarding', () => {
  it('passes a packet on, and its answer back', () => {
    const outcome = askOne(routerWith({}), inward);
    expect(sentence(outcome)).toBe('delivered: 10.2.0.9 > 10.1.0.9:80 by eth0');
    expect(outcome.reply?.disposition).toBe('delivered');
  });

  it.each([
    ['answers', 0, 1, 'delivered'],
    ['is silent', 1, 1, 'dropped'],
    ['answers other packets all the same', 1, 47, 'delivered'],
  ])('a router that is asked for an echo %s', (_, ignore, proto, disposition) => {
    const settings = sysctls({ 'net.ipv4.icmp_echo_ignore_all': ignore });
    const changed = routerWith({ 'sysctl.txt': `${router['sysctl.txt']}${settings}` });
    const outcome = askOne(changed, { in: 'eth0', src: '10.1.0.9', to: '10.2.0.1', proto, port: null });
    expect(outcome).toMatchObject({ disposition: 'delivered', reply: { disposition } });
  });

  it('never works for a source that the far host has no way back to', () => {
    const { verdict, outcomes } = ask(routerWith({}), { ...entering, assume: 'defaults' });
    expect(outcomes[0]).toMatchObject({ disposition: 'delivered', reply: { disposition: 'no-route' } });
    expect(verdict).toBe('fails');
  });

  it('leaves open what routes of a host that was not captured decide, where nothing is to be assumed', () => {
    const { verdict, outcomes } = ask(routerWith({}), entering);
    expect(verdict).toBe('unknown');
    expect(outcomes[0]?.because.map(({ text }) => text)).toContainEqual(expect.stringContaining('`ip route` of'));
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

  it('spreads over several ways by weight; where neighbours have a say, one that failed is passed by', () => {
    const routes = `10.9.0.0/24 \n\tnexthop via 10.2.0.9 dev eth1 weight 1 \n\tnexthop via 10.2.0.254 dev eth1 weight 3 \n${router['ip-route.txt']}`;
    const shares = (asks: number, nud: string) =>
      ask(
        routerWith({
          'ip-route.txt': routes,
          'ip-neigh.txt': `10.2.0.9 dev eth1 lladdr 02:00:00:00:00:19 REACHABLE\n10.2.0.254 dev eth1 ${nud}\n`,
          'sysctl.txt': `${router['sysctl.txt']}net.ipv4.fib_multipath_use_neigh = ${asks}\n`,
        }),
        { ...entering, to: '10.9.0.1' },
      ).outcomes.map(({ probability, disposition }) => `${formatFraction(probability)} ${disposition}`);
    const usable = 'lladdr 02:00:00:00:00:fe STALE';
    expect(shares(0, usable)).toEqual(['1/4 forwarded', '3/4 forwarded']);
    expect(shares(1, usable)).toEqual(['1/4 forwarded', '3/4 forwarded']);
    expect(shares(0, 'FAILED')).toEqual(['1/4 forwarded', '3/4 neighbour-unresolved']);
    expect(shares(1, 'FAILED')).toEqual(['1 forwarded']);
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
    ['0.0.0.0 is martian', { ...entering, src: '0.0.0.0' }, 'martian'],
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

describe('a source of a local network, without rp_filter', () => {
  const own = 'local 10.9.0.0/16 dev lo table local scope host\n';
  const routes = router['ip-route.txt'] ?? '';
  const sysctl = `${router['sysctl.txt']}${sysctls({ 'net.ipv4.conf.eth0.rp_filter': 0 })}`;
  const ends = (text: string) =>
    askOne(routerWith({ 'sysctl.txt': sysctl, 'ip-route.txt': text }), { ...entering, src: '10.9.0.5' }).disposition;

  it('is martian where somebody added the route, since the kernel looks closely from then on', () => {
    expect(ends(routes + own)).toBe('martian');
  });

  it('is open where nothing shows who added it', () => {
    expect(ends(routes + own.replace('table local', 'table local proto kernel'))).toBe('undetermined');
    expect(ends(routes.replaceAll(' proto kernel', '') + own)).toBe('undetermined');
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

  it('a flow that the dump tracks already keeps its addresses, whatever the nat rules say', () => {
    const entry =
      'tcp 6 431999 ESTABLISHED src=10.1.0.9 dst=10.2.0.9 sport=4711 dport=80 src=10.2.0.9 dst=10.1.0.9 sport=80 dport=4711 [ASSURED] mark=0 use=1\n';
    const snapshot = withRules({ nat: ['-A POSTROUTING -j MASQUERADE'] }, { 'conntrack.txt': entry });
    const sourceOf = (sport: number) => {
      const { disposition, final } = askOne(snapshot, { ...entering, sport });
      return [disposition, formatIp(final.src)];
    };
    expect(sourceOf(4711)).toEqual(['delivered', '10.1.0.9']);
    expect(sourceOf(4712)).toEqual(['delivered', '10.2.0.1']);
  });

  it("an IPVS service gives the packet to its server, and the answer is the service's", () => {
    const snapshot = routerWith({
      'ipvsadm.txt': '-A -t 10.2.0.1:80 -s rr\n-a -t 10.2.0.1:80 -r 10.2.0.9:8080 -m -w 1\n',
    });
    const outcome = askOne(snapshot, { ...inward, to: '10.2.0.1' });
    expect([outcome.disposition, formatIp(outcome.final.dst), outcome.final.dport]).toEqual([
      'delivered',
      '10.2.0.9',
      8080,
    ]);
    expect(outcome.reply?.steps.some(({ what }) => what.includes('source becomes 10.2.0.1:80'))).toBe(true);
    expect(outcome.reply?.disposition).toBe('delivered');
    expect(askOne(snapshot, { ...entering, to: '10.2.0.1', port: 22 }).disposition).toBe('delivered');
  });

  it('an IPVS service shares clients out by weight, and refuses them without a server', () => {
    const service = (...servers: readonly string[]) =>
      routerWith({ 'ipvsadm.txt': ['-A -t 10.2.0.1:80 -s wrr', ...servers, ''].join('\n') });
    const weighed = service('-a -t 10.2.0.1:80 -r 10.2.0.8:80 -m -w 1', '-a -t 10.2.0.1:80 -r 10.2.0.9:80 -m -w 3');
    const shares = ask(weighed, { ...entering, to: '10.2.0.1' }).outcomes.map(
      ({ final, probability }) => `${formatIp(final.dst)} ${probability.numerator}/${probability.denominator}`,
    );
    expect(shares.sort()).toEqual(['10.2.0.8 1/4', '10.2.0.9 3/4']);
    const quiet = service('-a -t 10.2.0.1:80 -r 10.2.0.9:80 -m -w 0');
    expect(askOne(quiet, { ...entering, to: '10.2.0.1' })).toMatchObject({
      disposition: 'rejected',
      rejectWith: 'icmp 3/3',
    });
  });
});
