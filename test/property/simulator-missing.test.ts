/** Take any one dump away from a whole node: no answer may turn into another definite one. It may only become open. */
import { formatFraction, formatIp, type Outcome } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ask, ask, type Dumps, nodeOf, router, rules, sysctls } from './node-text.js';

const some = <T>(of: readonly T[], most = 3) =>
  fc.subarray([...of], { minLength: 0, maxLength: Math.min(most, of.length) });

const tables = fc.record({
  raw: some(['-A PREROUTING -p udp -j CT --notrack', '-A OUTPUT -j MARK --set-xmark 0x1/0x1']),
  mangle: some([
    '-A PREROUTING -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x1/0xffffffff',
    '-A OUTPUT -p tcp -j MARK --set-xmark 0x1/0xffffffff',
    '-A PREROUTING -m set --match-set pods src -j MARK --set-xmark 0x2/0x2',
    '-A FORWARD -m ttl --ttl-eq 63 -j ACCEPT',
  ]),
  nat: some(
    [
      '-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.1.0.9:8080',
      '-A OUTPUT -d 10.96.0.1/32 -p tcp -j DNAT --to-destination 10.1.0.9:8080',
      '-A POSTROUTING -m set ! --match-set pods dst -j MASQUERADE',
      '-A POSTROUTING -o eth0 -j MASQUERADE --random-fully',
      '-A POSTROUTING -m addrtype ! --src-type LOCAL -j MASQUERADE',
      '-A PREROUTING -p tcp -m tcp --dport 81 -j REDIRECT --to-ports 22',
    ],
    4,
  ),
  filter: some([
    '-A FORWARD -m conntrack --ctstate INVALID -j DROP',
    '-A FORWARD -m mark --mark 0x1/0x1 -j DROP',
    '-A INPUT -m addrtype --dst-type LOCAL -p udp -j REJECT',
    '-A FORWARD -m set --match-set pods src,dst -j ACCEPT',
    '-A OUTPUT -o eth1 -m statistic --mode random --probability 0.5 -j DROP',
  ]),
});

const routes = some([
  'unreachable 10.3.0.0/24',
  'blackhole 10.4.0.0/24',
  '10.96.0.0/16 via 10.2.0.254 dev eth1',
  'default via 10.1.0.9 dev eth0 table 100',
  '10.5.0.0/24 via 10.1.0.9 dev eth0 src 10.2.0.1',
  'throw 10.1.0.0/24 table 100',
]);
const policies = some([
  '100:\tfrom all fwmark 0x1/0x1 lookup 100',
  '101:\tfrom 10.1.0.0/24 lookup 100',
  '102:\tfrom all ipproto udp lookup 100',
  '200:\tfrom all lookup main suppress_prefixlength 0',
]);
const parameters = fc.record({
  'net.ipv4.conf.eth0.forwarding': fc.constantFrom(0, 1, 1),
  'net.ipv4.conf.eth0.rp_filter': fc.constantFrom(0, 1, 2),
  'net.ipv4.conf.eth1.rp_filter': fc.constantFrom(0, 1, 2),
  'net.ipv4.conf.eth0.accept_local': fc.constantFrom(0, 1),
  'net.ipv4.conf.all.src_valid_mark': fc.constantFrom(0, 1),
});

const node = fc.record({ tables, routes, policies, parameters, failed: fc.boolean() }).map(
  (made): Dumps => ({
    ...router,
    'iptables-save.txt': rules(made.tables),
    'ip-route.txt': [...made.routes, router['ip-route.txt']].join('\n'),
    'ip-rule.txt': `0:\tfrom all lookup local\n${made.policies.map((line) => `${line}\n`).join('')}32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n`,
    'sysctl.txt': `${router['sysctl.txt']}${sysctls(made.parameters)}`,
    'ip-neigh.txt': `${router['ip-neigh.txt']}${made.failed ? '10.1.0.77 dev eth0 FAILED\n' : ''}`,
    'ipset-list.txt':
      'Name: pods\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024 maxelem 65536\nSize in memory: 504\nReferences: 3\nNumber of entries: 1\nMembers:\n10.1.0.0/24\n',
  }),
);

const question: fc.Arbitrary<Ask> = fc
  .record(
    {
      to: fc.constantFrom(
        '10.2.0.9',
        '10.1.0.9',
        '10.1.0.77',
        '10.96.0.1',
        '9.9.9.9',
        '10.1.0.1',
        '10.2.0.1',
        '10.3.0.1',
        '10.4.0.1',
        '10.5.0.1',
      ),
      proto: fc.constantFrom(6, 17),
      port: fc.constantFrom(80, 81, 22, 53),
      in: fc.constantFrom('eth0', 'eth1'),
      src: fc.constantFrom('10.1.0.9', '10.2.0.9', '8.8.8.8', '10.2.0.1', '127.0.0.1'),
    },
    { requiredKeys: ['to', 'proto', 'port'] },
  )
  .map(({ in: dev, src, ...rest }) => (dev === undefined || src === undefined ? rest : { ...rest, in: dev, src }));

const removable = [
  'ip-addr.txt',
  'ip-route.txt',
  'ip-rule.txt',
  'ip-neigh.txt',
  'sysctl.txt',
  'iptables-save.txt',
  'ipset-list.txt',
  'ss.txt',
];

/** What is said for sure: of the way there, and of the way back. */
function definite(outcomes: readonly Outcome[]): string | null {
  if (outcomes.some(({ disposition }) => disposition === 'undetermined')) return null;
  return outcomes
    .map(({ disposition, final, probability, rejectWith }) =>
      [
        disposition,
        rejectWith,
        final.iface,
        formatIp(final.src),
        formatIp(final.dst),
        final.sport,
        final.dport,
        final.mark,
        formatFraction(probability),
      ].join(' '),
    )
    .sort()
    .join('; ');
}

const numRuns = Number(process.env['COLDTRACE_CASES'] ?? 60);

describe('a dump less', () => {
  it.each(removable)('without %s, nothing is said that the whole node denies', (file) => {
    fc.assert(
      fc.property(node, question, (dumps, asked) => {
        const whole = definite(ask({ nodes: [nodeOf(dumps)] }, asked).outcomes);
        const { [file]: _removed, ...rest } = dumps;
        const without = definite(ask({ nodes: [nodeOf(rest)] }, asked).outcomes);
        if (whole === null || without === null) return;
        expect(without).toBe(whole);
      }),
      { numRuns },
    );
  });

  it.each(['none', 'defaults'] as const)('shares of all outcomes sum to 1 (%s)', (assume) => {
    fc.assert(
      fc.property(node, question, (dumps, asked) => {
        const { outcomes } = ask({ nodes: [nodeOf(dumps)] }, { ...asked, assume });
        const sum = outcomes.reduce(
          (total, { probability: p }) => ({
            n: total.n * p.denominator + p.numerator * total.d,
            d: total.d * p.denominator,
          }),
          { n: 0n, d: 1n },
        );
        expect(sum.n === sum.d).toBe(true);
      }),
      { numRuns },
    );
  });

  it('most questions about whole nodes have an answer', () => {
    const samples = fc.sample(fc.tuple(node, question), { numRuns: 150, seed: 1 });
    const open = samples
      .map(([dumps, asked]) => ask({ nodes: [nodeOf(dumps)] }, asked).outcomes)
      .filter((outcomes) => definite(outcomes) === null);
    const reasons = open.flatMap((outcomes) => outcomes.flatMap(({ because }) => because.map(({ text }) => text)));
    expect(open.length, reasons.join('\n')).toBeLessThan(15);
  });
});
