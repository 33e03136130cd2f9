/** Which route and which source: one table, one rule, one address at a time; the kernel referee does the rest. */
import {
  type AssumeMode,
  formatIp,
  lookupRoute,
  placeOf,
  type RouteAnswer,
  type RouteQuestion,
  selectSource,
} from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { type Dumps, ip, nodeOf } from './node-text.js';

const rule4 = '32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';
const rule6 = '32766:\tfrom all lookup main\n';
const addresses = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    inet 10.0.0.1/24 scope global eth0
       valid_lft forever preferred_lft forever
    inet 10.0.0.2/24 scope global secondary eth0
       valid_lft forever preferred_lft forever
    inet 10.7.0.1/24 scope link eth0
       valid_lft forever preferred_lft forever
    inet6 fd00::2/64 scope global
       valid_lft forever preferred_lft forever
    inet6 fd00::1/64 scope global deprecated
       valid_lft forever preferred_lft 0sec
    inet6 fe80::1/64 scope link
       valid_lft forever preferred_lft forever
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff promiscuity 0
`;

interface Given {
  readonly routes: readonly string[];
  readonly rules?: readonly string[];
  readonly more?: Dumps;
  readonly assume?: AssumeMode;
  readonly question?: Partial<RouteQuestion>;
  /** Of several ways that by this gateway. */
  readonly via?: string;
}

function looked(
  dst: string,
  { routes, rules, more, assume, question, via }: Given,
): { readonly answer: RouteAnswer; readonly source: string | null } {
  const to = ip(dst);
  const v6 = to.family === 6;
  // A row of table local, so that the dump is seen to be of all tables.
  const local = v6
    ? 'local fd00::2 dev eth0 table local proto kernel metric 0 pref medium'
    : 'local 10.0.0.1 dev eth0 table local proto kernel scope host src 10.0.0.1';
  const node = nodeOf({
    hostname: 'n\n',
    'ip-addr.txt': addresses,
    [v6 ? 'ip-6-route.txt' : 'ip-route.txt']: [...routes, local, ''].join('\n'),
    [v6 ? 'ip-6-rule.txt' : 'ip-rule.txt']: ['0:\tfrom all lookup local', ...(rules ?? []), v6 ? rule6 : rule4].join(
      '\n',
    ),
    'ip-neigh.txt': '9.9.9.9 dev eth1 lladdr 02:00:00:00:00:09 STALE\n',
    ...more,
  });
  const place = placeOf(node, node.host, assume ?? 'none');
  const plain = {
    src: null,
    iif: null,
    oif: null,
    mark: 0,
    tos: 0,
    proto: 6,
    sport: null,
    dport: null,
    uid: 0,
  };
  const answer = lookupRoute(place, { family: to.family, dst: to, ...plain, ...question });
  if (answer.kind !== 'route') return { answer, source: null };
  const hop = answer.hops.find(({ via: one }) => via === undefined || (one !== null && formatIp(one) === via));
  const source = selectSource(place, answer.route, hop, to);
  return { answer, source: source.kind === 'source' ? formatIp(source.ip) : source.kind };
}

/** `via 10.0.0.9 dev eth0`, an errno, or `open`. */
function said({ answer }: ReturnType<typeof looked>): string {
  if (answer.kind === 'open') return 'open';
  if (answer.kind === 'error') return answer.errno;
  return answer.hops
    .map(
      ({ via, dev, weight }) =>
        `${via === null ? '' : `via ${formatIp(via)} `}dev ${dev}${answer.hops.length > 1 ? ` weight ${weight}` : ''}`,
    )
    .join(', ');
}

describe('one table', () => {
  it.each<[string, string, readonly string[], string]>([
    [
      'the longest prefix wins',
      '10.5.5.5',
      ['default dev eth0', '10.5.0.0/16 dev eth1', '10.5.5.5 dev eth0'],
      'dev eth0',
    ],
    [
      'the lower metric wins',
      '10.5.5.5',
      ['10.5.0.0/16 dev eth1 metric 20', '10.5.0.0/16 dev eth0 metric 10'],
      'dev eth0',
    ],
    [
      'a route for another TOS is passed over',
      '10.5.5.5',
      ['10.5.5.0/24 tos 0x10 dev eth1', '10.5.0.0/16 dev eth0'],
      'dev eth0',
    ],
    ['nothing covers it', '10.5.5.5', ['10.6.0.0/16 dev eth0'], 'ENETUNREACH'],
    ['blackhole', '10.5.5.5', ['blackhole 10.5.0.0/16'], 'EINVAL'],
    ['unreachable', '10.5.5.5', ['unreachable 10.5.0.0/16'], 'EHOSTUNREACH'],
    ['prohibit', '10.5.5.5', ['prohibit 10.5.0.0/16'], 'EACCES'],
    [
      'throw leaves the table, also past its default route',
      '10.5.5.5',
      ['throw 10.5.0.0/16', 'default dev eth0'],
      'ENETUNREACH',
    ],
    [
      'a dead nexthop is passed over',
      '10.5.5.5',
      ['10.5.0.0/16 dev eth1 dead linkdown', 'default dev eth0'],
      'dev eth0',
    ],
    [
      'a link that is down still has its routes',
      '10.5.5.5',
      ['10.5.0.0/16 dev eth1 linkdown', 'default dev eth0'],
      'dev eth1',
    ],
    [
      'several ways keep their weights',
      '10.5.5.5',
      ['10.5.0.0/16 \n\tnexthop via 10.0.0.8 dev eth0 weight 1 \n\tnexthop via 10.0.0.9 dev eth0 weight 3 '],
      'via 10.0.0.8 dev eth0 weight 1, via 10.0.0.9 dev eth0 weight 3',
    ],
    [
      'what a route says for a tunnel is nothing to an ordinary device',
      '10.5.5.5',
      ['10.5.0.0/16  encap ip id 5 src 1.1.1.1 dst 2.2.2.2 ttl 0 tos 0 dev eth0'],
      'dev eth0',
    ],
    [
      'an encapsulation that the route carries out is open',
      'fd05::5',
      ['fd05::/64  encap seg6 mode encap segs 1 [ fd00::9 ] dev eth0 metric 1024 pref medium'],
      'open',
    ],
    ['words that nobody knows are open', '10.5.5.5', ['10.5.0.0/16 dev eth0 frobnicate'], 'open'],
    [
      'words that nobody knows on another route do not matter',
      '10.5.5.5',
      ['10.6.0.0/16 dev eth0 frobnicate', '10.5.0.0/16 dev eth1'],
      'dev eth1',
    ],
    [
      'IPv6: the metric decides',
      'fd05::5',
      ['fd05::/64 dev eth1 metric 256 pref medium', 'fd05::/64 dev eth0 metric 1 pref medium'],
      'dev eth0',
    ],
    [
      'IPv6: the preference decides among routers',
      'fd05::5',
      [
        'default via fe80::8 dev eth0 proto ra metric 1024 pref medium',
        'default via fe80::9 dev eth0 proto ra metric 1024 pref high',
      ],
      'via fe80::9 dev eth0',
    ],
    [
      'IPv6: a source-specific route is for its sources',
      'fd05::5',
      ['fd05::/64 from fd99::/64 dev eth1 metric 1024 pref medium', 'default dev eth0 metric 1024 pref medium'],
      'dev eth0',
    ],
    ['IPv6: unreachable', 'fd05::5', ['unreachable fd05::/64 dev lo metric 1024 pref medium'], 'EHOSTUNREACH'],
  ])('%s', (_sentence, dst, routes, expected) => {
    expect(said(looked(dst, { routes }))).toBe(expected);
  });

  it('a device that the whole list of devices lacks leaves its routes open, and no others', () => {
    const routes = ['10.5.0.0/16 dev eth7', '10.5.5.0/24 via 10.0.0.9 dev eth0'];
    const [gone, there] = ['10.5.0.1', '10.5.5.5'].map((dst) => looked(dst, { routes }).answer);
    expect(gone).toMatchObject({ kind: 'open', because: [{ text: expect.stringContaining('eth7') }] });
    expect(there?.kind).toBe('route');
  });

  it('nexthop objects are followed, and open where they were not captured', () => {
    const routes = ['10.5.0.0/16 nhid 10 proto static'];
    const objects = {
      'ip-nexthop.txt':
        'id 1 via 10.0.0.8 dev eth0 scope link \nid 2 via 10.0.0.9 dev eth0 scope link \nid 10 group 1/2,3 \n',
    };
    expect(said(looked('10.5.5.5', { routes, more: objects }))).toMatch(/^via 10.0.0.8 dev eth0|open/);
    expect(said(looked('10.5.5.5', { routes }))).toBe('open');
  });
});

describe('policy rules', () => {
  const routes = ['default dev eth0', 'default via 10.0.0.9 dev eth0 table 100', '10.5.0.0/16 dev eth1'];
  it.each<[string, readonly string[], Partial<RouteQuestion>, string]>([
    ['a mark selects a table', ['100:\tfrom all fwmark 0x1 lookup 100'], { mark: 1 }, 'via 10.0.0.9 dev eth0'],
    ['another mark does not', ['100:\tfrom all fwmark 0x1 lookup 100'], { mark: 2 }, 'dev eth1'],
    ['not: everything else', ['100:\tnot from all fwmark 0x1 lookup 100'], { mark: 2 }, 'via 10.0.0.9 dev eth0'],
    ['a source that is not chosen yet counts as 0.0.0.0', ['100:\tfrom 10.0.0.0/24 lookup 100'], {}, 'dev eth1'],
    ['a port', ['100:\tfrom all ipproto tcp dport 80 lookup 100'], { dport: 80 }, 'via 10.0.0.9 dev eth0'],
    [
      'a port of a packet, which a rule for lo does not have the kernel read',
      ['100:\tfrom all iif lo ipproto tcp lookup 100'],
      { ofPacket: true, iif: 'lo' },
      'dev eth1',
    ],
    [
      'and any other rule for ports does',
      ['100:\tfrom all iif lo ipproto tcp lookup 100', '101:\tfrom all sport 9 nop'],
      { ofPacket: true, iif: 'lo' },
      'via 10.0.0.9 dev eth0',
    ],
    ['a port that NAT chose is open', ['100:\tfrom all sport 80 lookup 100'], { openPort: 'sport' }, 'open'],
    ['a rule of type unreachable', ['100:\tfrom all unreachable'], {}, 'ENETUNREACH'],
    ['goto skips the rules between', ['100:\tfrom all goto 32766', '200:\tfrom all blackhole'], {}, 'dev eth1'],
    ['goto nowhere does nothing', ['100:\tfrom all goto 999 [unresolved]', '200:\tfrom all blackhole'], {}, 'EINVAL'],
    [
      'suppress_prefixlength hides the default route only',
      ['100:\tfrom all lookup 100 suppress_prefixlength 0'],
      {},
      'dev eth1',
    ],
    ['a word that nobody knows is open where it matters', ['100:\tfrom all frobnicate 1 lookup 100'], {}, 'open'],
    ['and is not where it does not', ['100:\tfrom all frobnicate 1 lookup main'], {}, 'dev eth1'],
    ['nor where the rule is for others', ['100:\tfrom all fwmark 0x1 frobnicate 1 lookup 100'], {}, 'dev eth1'],
  ])('%s', (_sentence, rules, question, expected) => {
    expect(said(looked('10.5.5.5', { routes, rules, question }))).toBe(expected);
  });

  it('a gateway that a local route takes in may be passed over, one that is onlink may not', () => {
    const local = 'local 10.7.0.0/16 dev eth0 scope host';
    expect(said(looked('10.5.5.5', { routes: [local, '10.5.0.0/16 via 10.7.0.9 dev eth0'] }))).toBe('open');
    expect(said(looked('10.5.5.5', { routes: [local, '10.5.0.0/16 via 10.7.0.9 dev eth0 onlink'] }))).toBe(
      'via 10.7.0.9 dev eth0',
    );
  });

  it('until a rule was ever changed, a longer prefix of main may beat table local', () => {
    const mixed = ['local 10.5.0.0/16 dev lo table local', '10.5.5.0/24 dev eth1'];
    expect(said(looked('10.5.5.5', { routes: mixed }))).toBe('open');
    expect(said(looked('10.5.5.5', { routes: mixed, rules: ['100:\tfrom all nop'] }))).toBe('dev lo');
    const body = '  |-- 10.0.0.1\n     /32 host LOCAL\n';
    const shown = (main: string) => ({ 'fib-trie.txt': `Main:\n${main}Local:\n${body}` });
    expect(said(looked('10.5.5.5', { routes: mixed, more: shown(body) }))).toBe('dev eth1');
    expect(said(looked('10.5.5.5', { routes: mixed, more: shown('') }))).toBe('dev lo');
  });
});

describe('sources', () => {
  it.each<[string, string, readonly string[], string]>([
    ['src of the route', '10.5.5.5', ['10.5.0.0/16 dev eth0 src 10.0.0.2'], '10.0.0.2'],
    ['the first primary address of the device', '10.5.5.5', ['10.5.0.0/16 dev eth0 scope link'], '10.0.0.1'],
    ['the primary address that covers the gateway', '10.5.5.5', ['10.5.0.0/16 via 10.0.0.9 dev eth0'], '10.0.0.1'],
    [
      'an address of scope link does not serve a gateway',
      '10.5.5.5',
      ['10.5.0.0/16 via 10.7.0.9 dev eth0'],
      '10.0.0.1',
    ],
    ['a device without addresses borrows one', '10.5.5.5', ['10.5.0.0/16 dev eth1 scope link'], '10.0.0.1'],
    [
      'a local route without src answers from the address itself',
      '10.5.5.5',
      ['local 10.5.0.0/16 dev lo table local'],
      '10.5.5.5',
    ],
    ['IPv6: a deprecated address is avoided', 'fd00::9', ['fd00::/64 dev eth0 metric 256 pref medium'], 'fd00::2'],
    ['IPv6: link-local for link-local', 'fe80::9', ['fe80::/64 dev eth0 metric 256 pref medium'], 'fe80::1'],
  ])('%s', (_sentence, dst, routes, expected) => {
    const more = { 'ip-addrlabel.txt': 'prefix ::1/128 label 0 \nprefix fc00::/7 label 5 \nprefix ::/0 label 1 \n' };
    expect(looked(dst, { routes, more }).source).toBe(expected);
  });

  const ways = (src: string) => `2001:db8::/32 ${src}metric 1024 pref medium
\tnexthop via fd00::8 dev eth0 weight 1
\tnexthop via fd00::9 dev eth0 weight 1`;
  it.each([
    ['its first way', ways('src fd00::1 '), 'fd00::8', 'none', 'fd00::1'],
    ['a way that may have been appended to it', ways('src fd00::1 '), 'fd00::9', 'none', 'open'],
    ['it is taken to have it', ways('src fd00::1 '), 'fd00::9', 'defaults', 'fd00::1'],
    ['a way that may have one where the first has none', ways(''), 'fd00::9', 'none', 'open'],
    ['no way is taken to have one where the first has none', ways(''), 'fd00::9', 'defaults', 'fd00::2'],
    ['the first way, which has none', ways(''), 'fd00::8', 'none', 'fd00::2'],
  ] as const)('src of a multipath route of IPv6: %s', (_sentence, route, via, assume, expected) => {
    const more = { 'ip-addrlabel.txt': 'prefix ::1/128 label 0 \nprefix fc00::/7 label 5 \nprefix ::/0 label 1 \n' };
    expect(looked('2001:db8::5', { routes: [route], more, assume, via }).source).toBe(expected);
  });

  it.each([
    ['an object keeps the source that it found when it was made, perhaps', '10.5.0.0/16 nhid 3 dev eth1', 'open'],
    ['a route of its own does not', '10.5.0.0/16 dev eth1', '10.0.0.1'],
    ['nor does an object with a gateway', '10.5.0.0/16 nhid 4 via 10.8.0.9 dev eth1', '10.0.0.1'],
  ])('%s', (_sentence, route, expected) => {
    const narrow = '    inet 10.8.0.1/32 scope link eth1\n       valid_lft forever preferred_lft forever\n';
    const more = {
      'ip-addr.txt': `${addresses}${narrow}`,
      'ip-nexthop.txt': 'id 3 dev eth1 scope host \nid 4 via 10.8.0.9 dev eth1 scope link \n',
    };
    expect(looked('10.5.5.5', { routes: [route], more }).source).toBe(expected);
  });
});

describe('a rule for VRFs', () => {
  const link = (more: string) =>
    `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue ${more}state UP mode DEFAULT group default qlen 1000\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0\n    veth addrgenmode eui64\n`;
  const vrf =
    '5: blue: <NOARP,MASTER,UP,LOWER_UP> mtu 65575 qdisc noqueue state UP mode DEFAULT group default qlen 1000\n    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff promiscuity 0\n    vrf table 10 addrgenmode eui64\n';
  const asked = (links: string) =>
    looked('10.9.0.1', {
      routes: ['default via 10.0.0.254 dev eth0'],
      rules: ['1000:\tfrom all lookup [l3mdev-table]'],
      more: { 'ip-link.txt': links },
      question: { iif: 'eth0', src: ip('10.5.0.9') },
    }).answer.kind;

  it('is passed over where the device belongs to none', () => {
    expect(asked(`${link('')}${vrf}`)).toBe('route');
  });

  it('leaves the route open where the device belongs to one', () => {
    expect(asked(`${link('master blue ')}${vrf}`)).toBe('open');
  });
});
