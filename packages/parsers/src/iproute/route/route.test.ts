/** Routes line by line, what a dump speaks for, lookups, and what damage does. */
import { countLines, type FactsOf, formatIp, formatPrefix, type Route, type SeenRoute } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { sectionOf, textAt } from '../../testing.js';
import { parseRoutes } from './parse.js';

type Given = Parameters<typeof sectionOf>[1];

function facts(text: string, given: Given = {}): FactsOf<'routes'> {
  const found = parseRoutes(sectionOf(text, given)).value.find((one) => one.kind === 'routes');
  if (found?.kind !== 'routes') throw new Error('no routes');
  return found;
}

function one(text: string, given: Given = {}): Route {
  const [row] = facts(text, given).rows;
  if (row === undefined) throw new Error('no row');
  return row;
}

function answers(text: string, command: string | null = null): readonly SeenRoute[] {
  return parseRoutes(sectionOf(text, { command })).value.flatMap((found) =>
    found.kind === 'observations' ? found.rows.filter((row) => row.kind === 'route') : [],
  );
}

const codes = (text: string, given: Given = {}) =>
  parseRoutes(sectionOf(text, given)).diagnostics.map((each) => each.code);

describe('a route', () => {
  test.each([
    ['default via 10.0.0.1 dev eth0', { type: 'unicast', family: 4, table: 'main', metric: 0 }],
    [
      'default via fe80::1 dev eth0 proto ra metric 100 pref medium',
      { family: 6, protocol: 'ra', metric: 100, pref: 'medium' },
    ],
    ['default dev tun0 scope link', { family: 4, scope: 'link' }],
    [
      'unreachable default dev lo proto kernel metric 4294967295 error -101 pref medium',
      { family: 6, metric: 4294967295 },
    ],
    ['blackhole 10.244.1.0/26 proto bird', { type: 'blackhole', nexthops: [], protocol: 'bird' }],
    [
      'local 10.0.0.5 dev eth0 table local proto kernel scope host src 10.0.0.5',
      { type: 'local', table: 'local', scope: 'host' },
    ],
    [
      '2 10.0.0.5 dev eth0 table 255 proto 2 scope 254 src 10.0.0.5',
      { type: 'local', table: 'local', scope: 'host', protocol: 'kernel' },
    ],
    ['10.1.0.0/16 dev eth0 tos 0x10 metric 7', { tos: 16, metric: 7 }],
    ['10.1.0.0/16 dev eth0 dsfield CS6', { tos: 0xc0 }],
    ['10.1/16 via 10.0.0.1 dev eth0', { family: 4 }],
    [
      '10.1.0.0/16 nhid 13 via 10.0.0.1 dev eth0 mtu lock 1400 advmss 1200 rto_min lock 10ms',
      { nhid: 13, mtu: 1400, advmss: 1200, rest: ['mtu lock', 'rto_min lock 10ms'] },
    ],
    ['10.1.0.0/16 dev eth0 table constructor', { table: 'constructor' }],
  ])('%s', (line, expected) => {
    expect(one(`${line} \n`)).toMatchObject(expected);
    expect(codes(line).filter((code) => code !== 'iproute/coverage-inferred')).toEqual([]);
  });

  test('has its nexthops with gateway, device, weight and flags', () => {
    const route = one(
      '10.5.0.0/16 proto static \n\tnexthop via 10.0.0.1 dev eth0 weight 2 dead linkdown \n\tnexthop via inet6 fe80::2 dev eth1 weight 1 onlink \n',
    );
    expect(route.nexthops.map(({ via, ...hop }) => ({ ...hop, via: via && formatIp(via) }))).toEqual([
      { via: '10.0.0.1', dev: 'eth0', weight: 2, onlink: false, dead: true, linkdown: true, encap: null },
      { via: 'fe80::2', dev: 'eth1', weight: 1, onlink: true, dead: false, linkdown: false, encap: null },
    ]);
  });

  test('via an address of the other family stays in its own', () => {
    expect(one('default via inet6 fe80::1 dev eth0')).toMatchObject({ family: 4 });
    expect(
      formatPrefix(
        one('fd05::/64 from fd00::/64 dev eth0 metric 1024 pref medium').src ?? {
          ip: { family: 4, a: 0, b: 0, c: 0, d: 0 },
          length: 0,
        },
      ),
    ).toBe('fd00::/64');
  });

  test('keeps an encapsulation as printed', () => {
    expect(one('10.6.0.0/16  encap mpls  100/200 via 10.0.0.9 dev eth0').nexthops[0]?.encap).toBe('mpls 100/200');
    expect(
      one('fd09::/64  encap seg6 mode encap segs 2 [ fd00::7 fd00::8 ] dev eth0 metric 1024 pref medium').nexthops[0],
    ).toMatchObject({
      encap: 'seg6 mode encap segs 2 [ fd00::7 fd00::8 ]',
      dev: 'eth0',
    });
  });

  test('spans its lines, without the blank that ends them', () => {
    const section = sectionOf('default dev a \n10.0.0.0/8 \n\tnexthop via 10.0.0.1 dev b weight 1 \n');
    const [, second] = parseRoutes(section).value.flatMap((found) => (found.kind === 'routes' ? found.rows : []));
    expect(second && textAt(section, second.span)).toBe('10.0.0.0/8 \n\tnexthop via 10.0.0.1 dev b weight 1');
  });

  test('with a word that is not known stays, its line is opaque, and the word is named', () => {
    const { ledger, diagnostics } = parseRoutes(
      sectionOf('10.0.0.0/8 via 10.0.0.1 dev eth0 warp 9 \n', { command: 'ip route' }),
    );
    expect(countLines(ledger)).toMatchObject({ opaque: 1, modelled: 0 });
    expect(diagnostics.map((each) => each.data['word'])).toEqual(['warp', '9']);
    expect(one('10.0.0.0/8 via 10.0.0.1 dev eth0 warp 9').unknown).toEqual(['warp', '9']);
  });

  test('whose address was redacted costs only its own row', () => {
    const text = '10.blackly.3.0/24 via 10.0.0.4 dev eth0 \ndefault via 10.0.0.1 dev eth0 \n';
    const { ledger, diagnostics } = parseRoutes(sectionOf(text, { command: 'ip route' }));
    expect(facts(text, { command: 'ip route' })).toMatchObject({ complete: false, rows: [{ type: 'unicast' }] });
    expect(countLines(ledger)).toMatchObject({ opaque: 1, modelled: 1 });
    expect(diagnostics).toMatchObject([{ code: 'iproute/bad-value', data: { text: '10.blackly.3.0/24' } }]);
  });

  test.each([
    ['of BusyBox, which leaves the lines of several next hops out', '10.0.0.0/8 \ndefault via 10.0.0.1 dev eth0 \n'],
    ['behind grep, which left them out', '10.0.0.0/8 proto static metric 5 \ndefault via 10.0.0.1 dev eth0 \n'],
  ])('without any way out is left open: %s', (_, text) => {
    const found = facts(text, { command: 'ip route' });
    expect(found.rows.map(({ unknown }) => unknown)).toEqual([['next hops that are not shown'], undefined]);
    expect(codes(text, { command: 'ip route' })).toContain('iproute/way-hidden');
    expect(facts(text, { command: 'ip route show dev eth0' }).rows[0]?.unknown).toBeUndefined();
  });

  test('of BusyBox, which shows the routes of all tables as if they were of one, is repaired, and speaks for no table', () => {
    const text =
      '2001:db8::/64 dev eth0  metric 256 \ndefault via 2001:db8::2 dev eth0  metric 1024 \nfe80::/64 dev eth0  metric 256 \nmulticast ff00::/8 dev eth0  metric 256 \n';
    const found = facts(text, { command: 'ip -6 route' });
    expect(found).toMatchObject({ complete: false, covers: [] });
    expect(found.rows.map(({ trust }) => trust)).toEqual(['repaired', 'repaired', 'repaired', 'repaired']);
    expect(codes(text, { command: 'ip -6 route' })).toEqual(['iproute/tables-hidden']);
    const both = facts(`default via 10.0.0.1 dev eth0 \n${text}`, { command: 'ip route' });
    expect(both).toMatchObject({ complete: true, covers: [{ family: 4, tables: ['main'] }] });
    const old = text.replaceAll('  metric', '  proto kernel  metric').replace(/multicast.*\n/, '');
    expect(facts(old, { command: 'ip -6 route' })).toMatchObject({ complete: true });
  });

  test('cut after a keyword says so', () => {
    expect(codes('10.0.0.0/8 via 10.0.0.1 dev', { command: 'ip route' })).toEqual([
      'iproute/cut-off',
      'iproute/cut-entry',
    ]);
  });

  test.each([
    ['10.0.0.0/24 dev eth0 p', false],
    ['10.0.0.0/24 dev eth0 proto', false],
    ['10.0.0.0/24 dev eth0 <-- this one', true],
    ['10.0.0.0/24 dev eth0 scope link src 10.0.', false],
    ['10.0.0.0/24 dev eth0 scope link src 10.0.\n', true],
    ['10.0.0.0/24 dev eth0 scope link src 10.0.0.5', true],
  ])('that ends a paste as "%s" may be the last: %s', (text, complete) => {
    expect(facts(text, { command: 'ip route', freeForm: true }).complete).toBe(complete);
  });
});

describe('what a dump speaks for', () => {
  const v4 = 'default via 10.0.0.1 dev eth0 \n';
  const local = 'local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 \n';
  const v6 = 'fd00::/64 dev eth0 proto kernel metric 256 pref medium\n';

  test.each([
    ['ip route', v4, [{ family: 4, tables: ['main'] }], true],
    ['ip route', '', [{ family: 4, tables: ['main'] }], true],
    ['ip -6 route', '', [{ family: 6, tables: ['main'] }], true],
    ['ip -6 r', v6, [{ family: 6, tables: ['main'] }], true],
    ['ip route show table all', v4 + local, [{ family: 4, tables: 'all' }], true],
    [
      'ip route show table all',
      v4 + local + v6,
      [
        { family: 4, tables: 'all' },
        { family: 6, tables: 'all' },
      ],
      true,
    ],
    ['ip route list table 0', v4 + local, [{ family: 4, tables: 'all' }], true],
    ['ip -4 route show table all', v4 + local, [{ family: 4, tables: 'all' }], true],
    ['ip route show table 100', v4, [{ family: 4, tables: ['100'] }], true],
    ['ip r ls t 254', v4, [{ family: 4, tables: ['main'] }], true],
    ['ip route show dev eth0', v4, [{ family: 4, tables: ['main'] }], false],
    ['ip route show 10.0.0.0/8', v4, [{ family: 4, tables: ['main'] }], false],
    ['ip route | grep default', v4, [{ family: 4, tables: ['main'] }], false],
    ['ip route | cat', v4, [{ family: 4, tables: ['main'] }], true],
    ['kubectl exec -it x -- ip route', v4, [{ family: 4, tables: ['main'] }], true],
    ['nsenter -t 4 -n ip -6 route show table all', v6, [{ family: 6, tables: 'all' }], true],
  ])('%s', (command, text, covers, complete) => {
    expect(facts(text, { command })).toMatchObject({ covers, complete });
  });

  test('the table of the command is that of the rows', () => {
    expect(one(v4, { command: 'ip route show table 100' }).table).toBe('100');
    expect(one('10.1.0.0/16 via 10.0.0.1', { command: 'ip route show dev eth7' }).nexthops[0]?.dev).toBe('eth7');
  });

  test.each([
    ['ip_route_show_table_all', v4 + local, [{ family: 4, tables: 'all' }]],
    ['ip_-6_route_show_table_all', v6, [{ family: 6, tables: 'all' }]],
    ['ip-route-table-100.txt', v4, [{ family: 4, tables: ['100'] }]],
    ['node1/ip-6-route.txt', '', [{ family: 6, tables: ['main'] }]],
    ['node1/route.txt', v4 + local, [{ family: 4, tables: 'all' }]],
    ['node1/route.txt', v4, [{ family: 4, tables: ['main'] }]],
    [
      'node1/routes.txt',
      v4 + v6,
      [
        { family: 4, tables: ['main'] },
        { family: 6, tables: ['main'] },
      ],
    ],
    ['node1/x.txt', local.replace('table local ', ''), [{ family: 4, tables: ['local'] }]],
  ])('without a command, the file %s', (path, text, covers) => {
    expect(facts(text, { path })).toMatchObject({ covers, complete: true });
  });

  test('pasted rows without their command are some rows, not all', () => {
    expect(facts(v4, { freeForm: true }).complete).toBe(false);
    expect(facts(v4, { freeForm: true, command: 'ip route' }).complete).toBe(true);
  });

  test.each([
    'Error: ipv4: FIB table does not exist.\nDump terminated\n',
    'bash: ip: command not found\n',
    'Cannot open network namespace "pod1": No such file or directory\n',
    'RTNETLINK answers: Operation not permitted\n',
  ])('%s is a failed command, not an empty table', (text) => {
    const { value } = parseRoutes(sectionOf(text, { command: 'ip route show table 9' }));
    expect(value.map((found) => found.kind)).toEqual(['failures']);
  });

  test('an error within rows leaves them partial', () => {
    const { value } = parseRoutes(sectionOf(`${v4}Dump terminated\n`, { command: 'ip route' }));
    expect(value).toMatchObject([
      { kind: 'routes', complete: false },
      { kind: 'failures', rows: [{ message: 'Dump terminated' }] },
    ]);
  });
});

describe('lookups', () => {
  test('an answer is a statement about one destination, also where the command is not known', () => {
    const text =
      '10.0.0.77 via 10.0.0.2 dev eth0 src 10.0.0.5 uid 0 \n    cache expires 5sec mtu 1400 \nfd04::1 from :: dev eth0 src fd00::5 metric 1024 pref medium\n';
    expect(
      answers(text).map(({ dst, via, dev, src }) => [formatIp(dst), via && formatIp(via), dev, src && formatIp(src)]),
    ).toEqual([
      ['10.0.0.77', '10.0.0.2', 'eth0', '10.0.0.5'],
      ['fd04::1', null, 'eth0', 'fd00::5'],
    ]);
    expect(parseRoutes(sectionOf(text)).value.map((found) => found.kind)).toEqual(['observations']);
  });

  test('what the kernel refused is an answer where the command says what was asked', () => {
    expect(
      answers('RTNETLINK answers: Network is unreachable\n', 'ip route get 8.8.8.8 from 10.0.0.5 iif eth0'),
    ).toMatchObject([{ error: 'Network is unreachable', iif: 'eth0', dev: null }]);
    expect(parseRoutes(sectionOf('RTNETLINK answers: Network is unreachable\n')).value).toMatchObject([
      { kind: 'failures' },
    ]);
  });

  test('a forwarded lookup knows source and interface', () => {
    expect(
      answers(
        '10.9.0.2 from 10.0.0.9 dev eth1 \n    cache iif eth0 \n',
        'ip route get 10.9.0.2 from 10.0.0.9 iif eth0',
      ),
    ).toMatchObject([{ iif: 'eth0', dev: 'eth1' }]);
  });

  test('fibmatch shows a row of a table, which is not an answer', () => {
    const { value } = parseRoutes(
      sectionOf('10.50.0.0/16 via 10.0.0.1 dev eth0 \n', { command: 'ip route get fibmatch 10.50.1.1' }),
    );
    expect(value).toMatchObject([{ kind: 'routes', complete: false, covers: [] }]);
  });
});

describe('pasted routes', () => {
  const command = 'ip route';

  test('nexthop lines that lost their indentation are read, and said', () => {
    const text =
      '10.5.0.0/16 proto static\nnexthop via 10.0.0.1 dev eth0 weight 1\nnexthop via 10.0.0.2 dev eth0 weight 1\n';
    expect(one(text, { freeForm: true, command })).toMatchObject({ trust: 'repaired', nexthops: [{}, {}] });
    expect(codes(text, { freeForm: true, command })).toEqual(['iproute/indentation-lost']);
    expect(codes(text, { command })).toEqual(['iproute/way-hidden', 'iproute/unread-line', 'iproute/unread-line']);
    expect(facts(text, { command }).complete).toBe(false);
  });

  test.each([
    ['between words', '10.0.0.0/24 dev eth0 proto kernel scope\nlink src 10.0.0.5\n'],
    ['within a word', '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0\n.0.5\n'],
  ])('a line wrapped %s is put together, and said', (_, text) => {
    const route = one(text, { freeForm: true, command });
    expect(route).toMatchObject({ scope: 'link', trust: 'repaired' });
    expect(route.prefsrc && formatIp(route.prefsrc)).toBe('10.0.0.5');
    expect(codes(text, { freeForm: true, command })).toEqual(['iproute/line-rejoined']);
  });

  test('a line that could be put together in two ways is left alone', () => {
    expect(codes('10.0.0.0/24 dev eth0 proto kernel metric 1\nlinkdown\n', { freeForm: true, command })).toEqual([
      'iproute/line-rejoined',
    ]);
    expect(codes('10.0.0.0/24 dev eth0 proto kernel\nthe gateway is wrong\n', { freeForm: true, command })).toEqual([
      'iproute/unread-line',
    ]);
  });
});

describe('a dump that ends within its last route', () => {
  const main = 'default via 10.0.0.1 dev eth0 \n';
  const routes = (text: string, given: Given = {}) => {
    const found = parseRoutes(sectionOf(text, given)).value.find((one) => one.kind === 'routes');
    return found?.kind === 'routes' ? found : null;
  };

  test.each([
    ['10.1.0.0/16 via 10.0.0.2 dev et', false],
    ['10.1.0.0/16 via 10.0.0.2', false],
    ['10.1.0.0/1', false],
    ['10.1.0.0/16 via 10.0.0.2 dev eth0', true],
    ['10.1.0.0/16 nhid 7 proto bgp', true],
    ['blackhole 10.1.0.0/16', true],
  ])('%s: complete is %s', (end, complete) => {
    const found = routes(main + end);
    expect(found?.complete).toBe(complete);
    expect(found?.rows.at(-1)?.unknown === undefined).toBe(complete);
    expect(routes(`${main}${end}\n`)?.complete).toBe(true);
  });

  test('metrics of before 2012 have a sign', () => {
    const old = 'unreachable default dev lo  proto kernel  metric -1  error -101 hoplimit 255\n';
    expect(routes(old)?.rows).toMatchObject([{ family: 6, metric: 4294967295 }]);
    expect(codes(old, { command: 'ip -6 route' })).toEqual([]);
  });

  test.each([
    ['sos/ip_netns_exec_q-1_ip_route_show_table_all', { tables: 'all' }, true],
    ['sos/ip_-d_route_show_cache', { tables: ['main'] }, false],
  ])('what %s speaks for', (path, covers, complete) => {
    expect(routes(main, { path })).toMatchObject({ complete, covers: [covers] });
  });
});
