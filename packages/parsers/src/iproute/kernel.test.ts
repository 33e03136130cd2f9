/** The kernel as referee: random routes and rules of every kind, printed by the real tool as text and as JSON, read and printed back. */
import type { Facts, PolicyRule, Route } from '@coldtrace/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeKernel } from '../../../../test/kernel/gate.js';
import { inNetns } from '../../../../test/kernel/netns.js';
import { sectionOf } from '../testing.js';
import { printRoutes, printRules } from './index.js';
import { iprouteJson } from './json/format.js';
import { parseRoutes } from './route/parse.js';
import { parseRules } from './rule/parse.js';

const pick = fc.constantFrom;
const octet = fc.integer({ min: 0, max: 255 });
const maybe = (words: fc.Arbitrary<string>) => fc.oneof({ weight: 3, arbitrary: fc.constant('') }, words);
const join = (...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((words) => words.filter((word) => word !== '').join(' '));

const prefix4 = fc.tuple(octet, octet, octet, pick(8, 12, 16, 24, 30, 32)).map(([b, c, d, length]) => {
  const value = ((11 << 24) | (b << 16) | (c << 8) | d) & (-1 << (32 - length));
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}/${length}`;
});
const prefix6 = fc
  .tuple(fc.integer({ min: 1, max: 0xffff }), pick('::/48', ':0:1::/64', '::7/128'))
  .map(([group, tail]) => `fd10:${group.toString(16)}${tail}`);

const table = pick('main', 'main', 'local', 'default', '100', '4097', '4294967295');
const protocol = pick('static', 'bird', 'boot', 'dhcp', 'ra', '77', '250');
const gateway4 = fc.integer({ min: 1, max: 4 }).map((host) => `10.0.0.${host}`);
const way4 = fc.oneof(
  gateway4.map((via) => `via ${via}`),
  fc.constant('dev eth0'),
  gateway4.map((via) => `via ${via} dev eth0 onlink`),
  fc.constant('via 172.31.9.9 dev eth0 onlink'),
  fc.constant('via inet6 fe80::9 dev eth0'),
  fc.constant('encap ip id 7 dst 10.0.0.9 dev eth0'),
  fc.constant('encap seg6 mode encap segs fd00::7 via 10.0.0.3'),
);
const hops4 = fc
  .array(fc.tuple(gateway4, fc.integer({ min: 1, max: 256 }), pick('', ' onlink')), { minLength: 2, maxLength: 4 })
  .map((hops) =>
    hops.map(([via, weight, onlink]) => `nexthop via ${via} dev eth0 weight ${weight}${onlink}`).join(' '),
  );
const metrics = join(
  maybe(pick('mtu 1400', 'mtu lock 1300')),
  maybe(pick('advmss 1200', 'advmss lock 900')),
  maybe(
    pick(
      'window 900',
      'rtt 30ms',
      'rttvar 15ms',
      'initcwnd 12',
      'initrwnd 9',
      'hoplimit 33',
      'quickack 1',
      'rto_min 20ms',
      'congctl reno',
      'features ecn',
      'reordering 4',
      'ssthresh 8',
    ),
  ),
);
const route4 = fc.oneof(
  join(
    fc.constant('route append'),
    maybe(pick('local', 'broadcast', 'multicast', 'unicast', 'anycast')),
    prefix4,
    maybe(pick('tos 0x10', 'tos 0x08', 'tos 0x04')),
    table.map((name) => `table ${name}`),
    protocol.map((name) => `proto ${name}`),
    maybe(pick('scope link', 'scope host', 'scope global', 'scope site', 'scope 77')),
    maybe(pick('src 10.0.0.5', 'src 10.0.0.6')),
    maybe(fc.integer({ min: 1, max: 0x7fffffff }).map((metric) => `metric ${metric}`)),
    maybe(pick('realm 5/7', 'realm 9')),
    metrics,
    fc.oneof(way4, hops4),
  ),
  join(
    fc.constant('route append'),
    pick('blackhole', 'unreachable', 'prohibit', 'throw'),
    fc.oneof(prefix4, fc.constant('default')),
    table.map((name) => `table ${name}`),
    maybe(protocol.map((name) => `proto ${name}`)),
    maybe(fc.integer({ min: 1, max: 999 }).map((metric) => `metric ${metric}`)),
  ),
);
const way6 = fc.oneof(
  pick('via fd00::1', 'dev eth0', 'via fe80::2 dev eth0', 'via fd77::1 dev eth0 onlink'),
  pick('nexthop via fd00::1 weight 3 nexthop via fd00::2', 'encap seg6 mode inline segs fd00::7,fd00::8 dev eth0'),
);
const route6 = join(
  fc.constant('-6 route append'),
  fc.oneof(
    join(prefix6, maybe(pick('from fd00::/64', 'from fd00::5')), maybe(metrics), maybe(pick('src fd00::5')), way6),
    join(pick('blackhole', 'unreachable', 'prohibit', 'throw'), fc.oneof(prefix6, fc.constant('default'))),
  ),
  table.map((name) => `table ${name}`),
  maybe(protocol.map((name) => `proto ${name}`)),
  maybe(fc.integer({ min: 1, max: 9999 }).map((metric) => `metric ${metric}`)),
  maybe(pick('pref high', 'pref low', 'pref medium')),
);

const port = fc.oneof(pick('80', '1-5', '30000-32767'));
const rule = (prefix: fc.Arbitrary<string>) =>
  join(
    maybe(pick('not')),
    fc.oneof(
      fc.constant('from all'),
      prefix.map((one) => `from ${one}`),
    ),
    maybe(prefix.map((one) => `to ${one}`)),
    maybe(pick('tos 0x10', 'tos 0x08')),
    maybe(pick('fwmark 1', 'fwmark 0x10/0xff', 'fwmark 0/0x4000', 'fwmark 0xdeadbeef')),
    maybe(pick('iif lo', 'iif eth0', 'iif gone0')),
    maybe(pick('oif eth0', 'oif gone1')),
    maybe(pick('uidrange 0-10', 'uidrange 1000-1000')),
    maybe(fc.integer({ min: 1, max: 255 }).map((number) => `ipproto ${number}`)),
    maybe(port.map((one) => `sport ${one}`)),
    maybe(port.map((one) => `dport ${one}`)),
    maybe(fc.integer({ min: 1, max: 9999 }).map((id) => `tun_id ${id}`)),
    fc.oneof(
      join(
        table.map((name) => `lookup ${name}`),
        maybe(fc.integer({ min: 0, max: 32 }).map((length) => `suppress_prefixlength ${length}`)),
        maybe(pick('suppress_ifgroup default', 'suppress_ifgroup 7')),
        maybe(pick('realms 3/4', 'realms 9')),
      ),
      pick('goto 32766', 'goto 31999', 'goto 4000000000', 'nop', 'blackhole', 'unreachable', 'prohibit', 'l3mdev'),
    ),
    maybe(protocol.map((name) => `protocol ${name}`)),
    fc.integer({ min: 1, max: 32000 }).map((priority) => `priority ${priority}`),
  );

/** Without the wait for duplicates, behind which an address would bring routes between the two prints. */
const SETUP = `sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
ip link set lo up
ip link add eth0 type veth peer name eth1
ip link set eth0 up; ip link set eth1 up
ip addr add 10.0.0.5/24 dev eth0; ip addr add 10.0.0.6/24 dev eth0; ip addr add fd00::5/64 dev eth0 nodad`;

/** The tools and the kernel refuse some combinations; the rest is what the kernel holds. */
function ask(commands: readonly string[], command: string): [text: string, json: string] {
  const adds = commands.map((words) => `ip ${words} 2>/dev/null || :`);
  const output = inNetns([SETUP, ...adds, command, 'echo =====', command.replace('ip ', 'ip -j ')].join('\n'));
  const [text = '', json = ''] = output.split('=====\n');
  return [text, json];
}

const rowsOf = (facts: readonly Facts[]) =>
  facts.flatMap((one): (Route | PolicyRule)[] =>
    one.kind === 'routes' || one.kind === 'policy-rules' ? [...one.rows] : [],
  );

/** JSON of 6.1 does not say which metrics are locked. */
const comparable = (facts: readonly Facts[]) =>
  rowsOf(facts).map((row) => {
    const rest = row.rest.filter((phrase) => !phrase.endsWith(' lock')).map((phrase) => phrase.replace(' lock ', ' '));
    return { ...row, rest, span: null };
  });

describeKernel('routes and rules that the kernel prints', () => {
  test('routes of every kind survive reading and printing, as text and as JSON', () => {
    let seen = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(route4, route6), { minLength: 100, maxLength: 150 }), (batch) => {
        const [text, json] = ask(batch, 'ip route show table all');
        const read = parseRoutes(sectionOf(text, { command: 'ip route show table all' }));
        expect(read.diagnostics).toEqual([]);
        expect(printRoutes(read.value.flatMap((facts) => (facts.kind === 'routes' ? facts.rows : [])))).toBe(text);
        const fromJson = iprouteJson.parse(sectionOf(json, { command: 'ip -j route show table all' }));
        expect(fromJson.diagnostics).toEqual([]);
        expect(comparable(fromJson.value)).toEqual(comparable(read.value));
        seen += rowsOf(read.value).length;
      }),
      { numRuns: 6, endOnFailure: true },
    );
    expect(seen).toBeGreaterThan(300);
  });

  test.each([
    [4, prefix4],
    [6, prefix6],
  ])('rules of IPv%i survive reading and printing, as text and as JSON', (family, prefix) => {
    let seen = 0;
    fc.assert(
      fc.property(fc.array(rule(prefix), { minLength: 60, maxLength: 80 }), (batch) => {
        const command = `ip -${family} rule`;
        const [text, json] = ask(
          batch.map((words) => `-${family} rule add ${words}`),
          command,
        );
        const read = parseRules(sectionOf(text, { command }));
        expect(read.diagnostics).toEqual([]);
        expect(printRules(read.value.flatMap((facts) => (facts.kind === 'policy-rules' ? facts.rows : [])))).toBe(text);
        const fromJson = iprouteJson.parse(sectionOf(json, { command: `ip -j -${family} rule` }));
        expect(fromJson.diagnostics).toEqual([]);
        expect(comparable(fromJson.value)).toEqual(comparable(read.value));
        seen += rowsOf(read.value).length;
      }),
      { numRuns: 6, endOnFailure: true },
    );
    expect(seen).toBeGreaterThan(100);
  });
});
