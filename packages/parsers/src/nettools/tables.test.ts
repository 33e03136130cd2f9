import { readFileSync } from 'node:fs';
import { formatAddressOrPrefix, formatIp, formatMac, type Route } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../format.js';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { arpFormat } from './arp.js';
import { brctlFormat } from './brctl.js';
import { ethtoolFormat } from './ethtool.js';
import { nettoolsFormats } from './index.js';
import { nettoolsRouteFormat } from './route.js';
import { read } from './testing.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

describe('route', () => {
  const routes = (text: string, given: Parameters<typeof sectionOf>[1] = {}) => {
    const { all, ...rest } = read(nettoolsRouteFormat, 'routes', text, given);
    return { ...rest, all, rows: all.flatMap((one) => one.rows) };
  };
  const show = (one: Route) => {
    const [hop] = one.nexthops;
    const via = hop?.via == null ? '' : ` via ${formatIp(hop.via)}`;
    return `${one.type} ${formatAddressOrPrefix(one.dst)}${via} dev ${hop?.dev ?? '-'} table ${one.table} metric ${one.metric}`;
  };
  const main = [
    'unicast 0.0.0.0/0 via 10.9.0.254 dev eth0 table main metric 0',
    'unicast 0.0.0.0/0 via 10.9.0.253 dev eth0 table main metric 100',
    'unicast 10.5.0.0/16 dev eth0 table main metric 0',
    'unicast 10.9.0.0/24 dev eth0 table main metric 0',
    'unicast 10.244.0.0/24 dev cni0 table main metric 0',
    'unicast 10.244.1.0/24 via 10.244.1.0 dev flannel.1 table main metric 0',
    'unicast 10.244.2.5 dev cni0 table main metric 0',
    'unreachable 10.250.0.0/16 dev - table main metric 0',
    'blackhole 10.251.0.0/16 dev - table main metric 0',
    'unreachable 10.252.0.0/16 dev - table main metric 0',
  ];

  it.each(['route-n.txt', 'route.txt', 'bb-route-n.txt'])('%s has the main table, with what it hides said', (name) => {
    const { rows, parsed, codes, all, section } = routes(fixture(name));
    expect(rows.map(show)).toEqual(main);
    expect([...parsed.ledger]).toEqual([2, 2, ...main.map(() => 4)]);
    expect(codes).toEqual([
      'nettools/reject-kind-hidden',
      'nettools/discard-kind-hidden',
      'nettools/reject-kind-hidden',
    ]);
    expect(all).toMatchObject([{ complete: true, covers: [{ family: 4, tables: ['main'] }] }]);
    expect(rows[0] && textAt(section, rows[0].span)).toMatch(/10\.9\.0\.254/);
  });

  const rows = '0.0.0.0  10.9.0.1  0.0.0.0  UG  100 0 0 eth0\nlink-local  0.0.0.0  255.255.0.0  U  1002 0 0 eth0\n';

  it.each([
    ['内核 IP 路由表\n目标            网关            子网掩码        标志  跃点   引用  使用 接口\n'],
    ['Kernel-IP-Routentabelle\nZiel            Router          Genmask         Flags Metric Ref    Use Iface\n'],
    ['Table de routage IP du noyau\nDestination     Passerelle      Genmask         Indic Metric Ref    Use Iface\n'],
  ])('reads %j', (head) => {
    const { rows: found, parsed, all } = routes(head + rows);
    expect(found.map(show)).toEqual([
      'unicast 0.0.0.0/0 via 10.9.0.1 dev eth0 table main metric 100',
      'unicast 169.254.0.0/16 dev eth0 table main metric 1002',
    ]);
    expect([...parsed.ledger]).toEqual([2, 2, 4, 4]);
    expect(all).toMatchObject([{ complete: true }]);
    expect(head.split('\n', 2).map((line) => nettoolsRouteFormat.line(line))).toEqual(['opens', 'opens']);
  });

  it('reads a metric past half of 32 bits, which the tool prints as a negative number', () => {
    const { rows, all } = routes('10.67.0.0       -               255.255.0.0     !     -16769024 -        0 -\n');
    expect(rows.map(show)).toEqual(['unreachable 10.67.0.0/16 dev - table main metric 4278198272']);
    expect(all).toMatchObject([{ complete: true }]);
  });

  it('keeps a route whose gateway is one of IPv6 out of the model: it would look like one without', () => {
    const { rows, codes, all, parsed } = routes(
      '10.1.0.0        10.9.0.1        255.255.0.0     UG    0      0        0 eth0\n10.72.0.0       0.0.0.0         255.255.0.0     UG    0      0        0 eth0\n',
    );
    expect(rows.map(show)).toEqual(['unicast 10.1.0.0/16 via 10.9.0.1 dev eth0 table main metric 0']);
    expect(codes).toEqual(['nettools/gateway-hidden']);
    expect([...parsed.ledger]).toEqual([4, 3]);
    expect(all).toMatchObject([{ complete: false }]);
  });

  it.each(['::/0  ::  !n  -1  2  0 lo', '[::]/0  [::]  !n  -1  2  0 lo'])('begins with %s too', (text) => {
    expect(nettoolsRouteFormat.line(text)).toBe('opens');
    expect(routes(`${text}\n`).rows.map(show)).toEqual(['unreachable ::/0 dev lo table main metric 4294967295']);
  });

  it('says that netstat hides metrics', () => {
    const { rows, codes } = routes(fixture('netstat-rn.txt'));
    expect(rows.map(show)).toEqual(main.map((one) => one.replace('metric 100', 'metric 0')));
    expect(codes).toContain('nettools/metric-hidden');
  });

  it('does not take a name cut to six characters for whole', () => {
    const { rows, codes, all } = routes(fixture('route-ee.txt'));
    expect(rows).toHaveLength(main.length - 1);
    expect(codes).toContain('nettools/name-cut');
    expect(all).toMatchObject([{ complete: false }]);
  });

  it('reads IPv6, all tables of which come without their names', () => {
    const { rows, parsed, all } = routes(fixture('route-6.txt'));
    expect(rows).toHaveLength(22);
    expect(rows.map(show)).toContain('unicast fd02::/64 via fd00::9 dev eth0 table main metric 77');
    expect(rows.map(show)).toContain('local fd00::1 dev eth0 table local metric 0');
    expect(rows.map(show)).toContain('multicast ff00::/8 dev cni0 table local metric 256');
    expect(rows.map(show)).toContain('unreachable ::/0 dev lo table main metric 4294967295');
    expect([...parsed.ledger]).not.toContain(0);
    expect(all).toMatchObject([{ complete: false, covers: [{ family: 6 }] }]);
  });

  it('reads rows that share a line, and says so', () => {
    const damaged = fixture('route-n.txt').replace(/\s+/g, ' ');
    const { rows, codes } = routes(damaged, { freeForm: true });
    expect(rows.map(show)).toEqual(main);
    expect(rows.every((row) => row.trust === 'repaired')).toBe(true);
    expect(codes).toContain('nettools/lost-line-breaks');
  });

  it('keeps a row of names as text', () => {
    const { codes, parsed, all } = routes(
      'Kernel IP routing table\nDestination Gateway Genmask Flags Metric Ref Use Iface\ndefault _gateway 0.0.0.0 UG 0 0 0 eth0\n',
    );
    expect(codes).toEqual(['nettools/name-not-number']);
    expect([...parsed.ledger]).toEqual([2, 2, 3]);
    expect(all).toMatchObject([{ complete: false, rows: [] }]);
  });

  it.each([
    ['opens', '0.0.0.0         10.9.0.254      0.0.0.0         UG    0      0        0 eth0'],
    ['opens', 'fd02::/64                      fd00::9                    UG   77  1      0 eth0'],
    ['opens', 'Kernel IP routing table'],
    [null, 'default via 10.9.0.254 dev eth0'],
    [null, 'the route to 10.0.0.0 is U 0 0 0'],
  ])('%s: %s', (verdict, text) => expect(nettoolsRouteFormat.line(text)).toBe(verdict));
});

describe('arp', () => {
  const neighbours = (text: string) => {
    const { all, ...rest } = read(arpFormat, 'neighbours', text);
    return { ...rest, rows: all.flatMap((one) => one.rows) };
  };
  it.each(['arp-n.txt', 'arp-a.txt', 'bb-arp.txt', 'proc-arp.txt', 'arp-env.txt'])('%s', (name) => {
    const { rows, parsed, codes } = neighbours(fixture(name));
    const shown = rows.map(
      (one) =>
        `${formatIp(one.ip)} ${one.lladdr === null ? '-' : formatMac(one.lladdr)} ${one.dev} ${one.nud}${one.proxy ? ' proxy' : ''}`,
    );
    expect(shown).toEqual([
      '10.9.0.9 - eth0 INCOMPLETE',
      '10.9.0.4 02:00:00:00:00:ab eth0 null',
      '10.9.0.10 - eth0 INCOMPLETE',
      '10.9.0.3 02:00:00:00:00:aa eth0 PERMANENT',
      '10.9.0.254 - eth0 INCOMPLETE',
      '10.244.1.0 02:00:00:00:00:ac flannel.1 PERMANENT',
      '10.9.0.77 - eth0 PERMANENT proxy',
    ]);
    expect([...parsed.ledger]).not.toContain(0);
    expect(codes).toEqual([]);
  });

  it('reads BSD, and short octets', () => {
    const { rows } = neighbours('? (10.0.0.1) at 0:1c:42:0:0:8 on en0 ifscope [ethernet]\n');
    expect(rows[0]?.lladdr && formatMac(rows[0].lladdr)).toBe('00:1c:42:00:00:08');
  });

  it('keeps a name as text', () => {
    expect(neighbours('gateway  ether   02:00:00:00:00:ab   C   eth0\n').codes).toEqual(['nettools/name-not-number']);
  });

  it.each([
    ['opens', '? (10.9.0.4) at 02:00:00:00:00:ab [ether] on eth0'],
    ['opens', '10.9.0.4                 ether   02:00:00:00:00:ab   C                     eth0'],
    ['continues', '10.9.0.200 (10.9.0.200) -- no entry'],
    [null, '10.9.0.4 dev eth0 lladdr 02:00:00:00:00:ab STALE'],
    [null, 'see (10.0.0.1) at the office'],
  ])('%s: %s', (verdict, text) => expect(arpFormat.line(text)).toBe(verdict));
});

describe('brctl show', () => {
  const bridges = (text: string, freeForm = false) => {
    const { all, ...rest } = read(brctlFormat, 'links', text, { freeForm });
    const shown = all.flatMap((one) => one.rows).map((row) => `${row.name} ${row.master ?? row.details?.kind}`);
    return { ...rest, shown };
  };
  it('reads ports of several lines', () => {
    const { shown, parsed } = bridges(fixture('brctl-show.txt'));
    expect(shown).toEqual(['br0 bridge', 'v1 br0', 'v2 br0', 'v3 br0', 'br1 bridge']);
    expect([...parsed.ledger]).toEqual([2, 1, 1, 1, 1]);
  });

  it('reads ports whose indentation was lost', () => {
    const text = 'bridge name bridge id STP enabled interfaces\ncni0 8000.0242e0b5c1d3 no veth1\nveth2\n';
    expect(bridges(text, true).shown).toEqual(['cni0 bridge', 'veth1 cni0', 'veth2 cni0']);
    expect(bridges(text).shown).toEqual(['cni0 bridge', 'veth1 cni0']);
  });

  it('takes an unknown bridge for a failure', () => {
    const { parsed } = bridges('bridge nope does not exist!\n');
    expect(parsed.value.map((one) => one.kind)).toEqual(['failures']);
  });

  it.each([
    ['opens', 'bridge name\tbridge id\t\tSTP enabled\tinterfaces'],
    ['opens', 'cni0\t\t8000.0242e0b5c1d3\tno\t\tveth1'],
    ['continues', '\t\t\t\t\t\t\tveth2'],
    [null, 'veth2'],
  ])('%s: %s', (verdict, text) => expect(brctlFormat.line(text)).toBe(verdict));
});

describe('ethtool', () => {
  const features = (text: string, command: string | null = null) => {
    const { all, ...rest } = read(ethtoolFormat, 'features', text, { command });
    return { ...rest, rows: all.flatMap((one) => one.rows) };
  };
  it('reads offloads, and which nobody can change', () => {
    const { rows, parsed } = features(fixture('ethtool-k2.txt'));
    expect(rows.find((one) => one.name === 'tx-checksum-ip-generic')).toMatchObject({ dev: 'flannel.1', value: 'on' });
    expect(rows.find((one) => one.name === 'tx-checksum-ipv4')).toMatchObject({ value: 'off', fixed: true });
    expect([...parsed.ledger]).not.toContain(0);
  });

  it('takes the device of -i from the command, and says when there is none', () => {
    const { rows, codes, parsed } = features(fixture('ethtool-i.txt'), 'ethtool -i eth0');
    expect(rows[0]).toMatchObject({ dev: 'eth0', name: 'driver', value: 'veth' });
    expect(codes).toEqual([]);
    expect([...parsed.ledger]).not.toContain(0);
    expect(features(fixture('ethtool-i.txt')).codes).toEqual(['nettools/device-not-shown']);
  });

  it('reads speed and link, the rest is inert', () => {
    const { rows, parsed } = features(fixture('ethtool.txt'));
    expect(rows.map((one) => `${one.name}=${one.value}`)).toEqual([
      'Speed=10000Mb/s',
      'Duplex=Full',
      'Auto-negotiation=off',
      'Port=Twisted Pair',
      'Link detected=yes',
    ]);
    expect([...parsed.ledger]).not.toContain(0);
    expect([...features(fixture('ethtool-S.txt')).parsed.ledger].every((state) => state === 2)).toBe(true);
  });

  it('takes a missing device for a failure', () => {
    const text = 'netlink error: no device matches name (offset 24)\nnetlink error: No such device\n';
    expect(features(text, 'ethtool -k nope').parsed.value).toMatchObject([{ kind: 'failures', rows: [{}] }]);
  });

  it('counts the numbers of queues, buffers and pauses as understood', () => {
    const rings =
      'Ring parameters for v1:\nPre-set maximums:\nRX:\t\t256\nRX Mini:\tn/a\nCurrent hardware settings:\nTX:\t\t256\nTX Push:\toff\n';
    const channels = 'Channel parameters for v1:\nPre-set maximums:\nRX:\t\t2\nOther:\t\tn/a\nCombined:\tn/a\n';
    const pauses = 'Pause parameters for v1:\nAutonegotiate:\ton\nRX:\t\toff\n';
    for (const text of [rings, channels, pauses])
      expect([...features(text).parsed.ledger].every((state) => state === 2)).toBe(true);
  });

  it.each([
    ['opens', 'Features for eth0:'],
    ['opens', '\ttx-checksum-ip-generic: on'],
    ['continues', 'driver: veth'],
    [null, 'driver of the car'],
    [null, 'enabled: on'],
  ])('%s: %s', (verdict, text) => expect(ethtoolFormat.line(text)).toBe(verdict));
});

describe('any text at all', () => {
  const pieces = [
    'eth0: flags=1<UP>',
    'eth0 Link encap:',
    'inet addr:',
    '10.0.0.1 ',
    '0.0.0.0 ',
    'UG ',
    '0 ',
    'eth0',
    '\n',
    '\t\t',
    '? (10.0.0.1) at ',
    'br0 8000.0242e0b5c1d3 no v',
    'tx-a: on',
    '(',
    '\0',
    '\ud800',
  ];
  it('is read without a throw, every line in one state', () => {
    const texts = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })))
      .map((all) => all.join(''));
    const check = (text: string, freeForm: boolean, format: Format) => {
      const section = sectionOf(text, { freeForm });
      for (const line of text.split('\n')) format.line(line);
      return ledgerIsComplete(section, format.parse(section));
    };
    for (const format of nettoolsFormats) for (const text of hostileTexts) expect(check(text, true, format)).toBe(true);
    fc.assert(fc.property(texts, fc.boolean(), fc.constantFrom(...nettoolsFormats), check));
  });

  it('takes a line of a mebibyte in linear time', () => {
    const pieces = ['eth0: flags=1<UP> ', 'Link encap:', ' ', '0.0.0.0 ', '? (1.1.1.1) at x ', 'Destination ', '(a '];
    for (const format of nettoolsFormats) {
      const read = (line: string) => {
        format.parse(sectionOf(line, { freeForm: true }));
        format.line(line);
      };
      expect(slowLines(pieces, 4000, read), format.id).toEqual([]);
    }
  });
});

describe('neighbours of arp', () => {
  const table = 'Address HWtype HWaddress Flags Mask Iface\n10.9.0.1 ether 52:54:00:00:00:01 C eth0\n';

  it.each([
    ['arp -n', table, true],
    ['arp -an', '? (10.9.0.1) at 52:54:00:00:00:01 [ether] on eth0\n', true],
    [null, table, true],
    ['arp -n -i eth0', table, false],
    ['arp -n | grep eth0', table, false],
    ['arp', `${table}gateway ether 52:54:00:00:00:02 C eth0\n`, false],
    ['arp -n', `${table}10.9.0.`, false],
  ])('after %s speak for all of IPv4, or not', (command, text, complete) => {
    expect(read(arpFormat, 'neighbours', text, { command }).all).toMatchObject([{ complete, family: 4 }]);
  });
});

it.each(['sos/ethtool_-i_eth0', 'ethtool_eth0', 'ethtool.txt'])('the device in the file name %s', (path) => {
  const { all } = read(ethtoolFormat, 'features', 'driver: virtio_net\nversion: 1.0.0\n', { path });
  expect(all[0]?.rows[0]?.dev).toBe(path.endsWith('eth0') ? 'eth0' : '');
});
