/** Links and addresses: what each form of the output shows, and what damage does. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { countLines, type FactsOf, formatIp, formatMac, type Link } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { sectionOf, textAt } from '../../testing.js';
import { parseLinks } from './parse.js';

type Given = Parameters<typeof sectionOf>[1];

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)), 'utf8');
const links = (text: string, given: Given = {}): FactsOf<'links'> | undefined =>
  parseLinks(sectionOf(text, given)).value.find((one) => one.kind === 'links');
const addresses = (text: string, given: Given = {}): FactsOf<'addresses'> | undefined =>
  parseLinks(sectionOf(text, given)).value.find((one) => one.kind === 'addresses');
const codes = (text: string, given: Given = {}) =>
  parseLinks(sectionOf(text, given)).diagnostics.map((one) => one.code);

const detailed: ReadonlyMap<string, Link> = new Map(
  ['ip-d-link.txt', 'ip-uml-d-link.txt', 'ip-vxlan-d-link.txt', 'ip-ipip-d-link.txt']
    .flatMap((name) => links(read(name))?.rows ?? [])
    .map((link) => [link.name, link]),
);

describe('ip -d link knows', () => {
  test.each([
    ['flannel.1', { kind: 'vxlan', id: 1, dev: 'eth0', dstport: 8472, learning: false, l3miss: false }],
    ['vxg', { kind: 'vxlan', id: 9, l3miss: true, l2miss: true, proxy: true, dstport: 8472, learning: true }],
    ['vset', { kind: 'vxlan', ttl: 5, tos: 16, df: 'set' }],
    ['vinh', { kind: 'vxlan', ttl: 'inherit', tos: 'inherit', df: 'inherit' }],
    ['vauto', { kind: 'vxlan', ttl: null, tos: null, df: 'unset' }],
    ['tunl0', { kind: 'tunnel', type: 'ipip', local: null, remote: null, ttl: 'inherit', pmtudisc: false }],
    ['ipip1', { kind: 'tunnel', type: 'ipip', ttl: 64, pmtudisc: true }],
    ['t0', { kind: 'tunnel', type: 'ipip', dev: 'eth1' }],
    ['t3', { kind: 'tunnel', type: 'ipip', dev: null, fwmark: 7 }],
    ['sit1', { kind: 'tunnel', type: 'sit', local: null }],
    ['gre1', { kind: 'tunnel', type: 'gre', pmtudisc: false }],
    ['ip6tnl1', { kind: 'tunnel', type: 'ip6tnl', ttl: 64 }],
    ['br0', { kind: 'bridge', vlanFiltering: true, stp: false, ageingTime: 30000, nfCallIptables: false }],
    ['eth0.5', { kind: 'vlan', id: 5, protocol: '802.1Q' }],
    ['vrf10', { kind: 'other', type: 'vrf', words: ['table', '10'] }],
    ['kube-ipvs0', { kind: 'other', type: 'dummy', words: [] }],
    [
      'mac0',
      { kind: 'other', type: 'macvlan', words: ['mode', 'bridge', 'bcqueuelen', '1000', 'usedbcqueuelen', '1000'] },
    ],
    ['ipv0', { kind: 'other', type: 'ipvlan', words: ['mode', 'l3', 'bridge'] }],
    ['tun0', { kind: 'other', type: 'tun', words: ['type', 'tun', 'pi', 'off', 'vnet_hdr', 'off', 'persist', 'on'] }],
  ])('%s', (name, details) => {
    expect(detailed.get(name)?.details).toMatchObject(details);
  });

  test('the addresses of tunnel ends', () => {
    const details = detailed.get('ipip1')?.details;
    expect(details?.kind === 'tunnel' && [details.local, details.remote].map((ip) => ip && formatIp(ip))).toEqual([
      '10.0.0.5',
      '10.0.0.6',
    ]);
  });

  test('that a tunnel packs into UDP', () => {
    const text = read('ip-ipip-d-link.txt').replace('fwmark 0x7', 'encap gue encap-sport auto encap-dport 5555 ');
    const [t0, t3] = links(text)?.rows ?? [];
    expect(t0?.details).not.toHaveProperty('encap');
    expect(t3?.details).toMatchObject({ encap: true });
  });

  test('ports of a bridge and of a bond, masters, and whose other end is elsewhere', () => {
    expect(detailed.get('eth1')).toMatchObject({
      master: 'br0',
      peer: 'eth0',
      port: { hairpin: true, state: 'forwarding', learning: true },
    });
    expect(detailed.get('slave0')).toMatchObject({ master: 'bond0', port: null });
    expect(detailed.get('cali1')).toMatchObject({ peer: 'if9', peerIfindex: 9, peerNetns: 'pod1' });
    expect(detailed.get('tunl0')).toMatchObject({ peer: null, mac: null, type: 'ipip' });
  });
});

describe('ip addr', () => {
  const text = read('ip-addr.txt');

  test('gives links and addresses, in the order of the kernel', () => {
    expect(links(text)?.rows.map((link) => link.name)).toEqual([
      'lo',
      'eth1',
      'eth0',
      'br0',
      'flannel.1',
      'cali0123456789a',
      'tun0',
    ]);
    expect(
      addresses(text)
        ?.rows.filter((one) => one.dev === 'eth0')
        .map((one) => formatIp(one.ip)),
    ).toEqual(['10.0.0.5', '10.9.0.1', '10.0.1.5', '10.0.0.6', 'fd00::5', 'fe80::ff:fe00:101']);
    expect(links(text)).toMatchObject({ complete: true });
  });

  test.each([
    ['10.0.0.5', { prefixLength: 24, label: 'eth0', scope: 'global', flags: [], validLifetime: null }],
    ['10.9.0.1', { prefixLength: 32, broadcast: null }],
    ['10.0.1.5', { flags: ['dynamic'], validLifetime: 999, preferredLifetime: 499 }],
    ['10.0.0.6', { flags: ['secondary'], label: 'eth0:1' }],
    ['fd00::5', { flags: ['nodad'], label: null, prefixLength: 64 }],
    ['fe80::ff:fe00:101', { scope: 'link', flags: ['tentative'] }],
    ['127.0.0.1', { scope: 'host', dev: 'lo' }],
  ])('shows of %s', (ip, expected) => {
    expect(addresses(text)?.rows.find((one) => formatIp(one.ip) === ip)).toMatchObject(expected);
  });

  test('shows altname, MAC, flags and state', () => {
    const eth0 = links(text)?.rows.find((one) => one.name === 'eth0');
    expect(eth0).toMatchObject({
      ifindex: 3,
      altnames: ['enp0s3'],
      mtu: 1500,
      state: 'UP',
      qdisc: 'noqueue',
      group: 'default',
    });
    expect(eth0?.mac && formatMac(eth0.mac)).toBe('02:00:00:00:01:01');
    expect(eth0?.flags).toContain('LOWER_UP');
  });

  test('spans point at the entry and at the address', () => {
    const section = sectionOf(text);
    const [lo] = links(text)?.rows ?? [];
    const [first] = addresses(text)?.rows ?? [];
    expect(lo && textAt(section, lo.span).split('\n').length).toBe(6);
    expect(first && textAt(section, first.span)).toBe('inet 127.0.0.1/8 scope host lo');
  });

  test('-o gives the same addresses and claims no links', () => {
    const without = (facts: FactsOf<'addresses'> | undefined) => facts?.rows.map((row) => ({ ...row, span: null }));
    expect(without(addresses(read('ip-o-addr.txt')))).toEqual(without(addresses(text)));
    expect(links(read('ip-o-addr.txt'))).toBeUndefined();
  });

  test('-br shows addresses without flags and scopes: its lines are conditional', () => {
    const brief = read('ip-br-addr.txt');
    expect(addresses(brief)?.rows.map((row) => formatIp(row.ip))).toEqual(
      addresses(text)?.rows.map((row) => formatIp(row.ip)),
    );
    expect(countLines(parseLinks(sectionOf(brief)).ledger).conditional).toBe(7);
    expect(links(brief)?.rows.find((one) => one.name === 'eth0')).toMatchObject({
      state: 'UP',
      peer: 'eth1',
      ifindex: null,
    });
  });

  test('ip link says nothing of addresses; ip addr without any says that there are none', () => {
    const header = '1: lo: <LOOPBACK> mtu 65536 qdisc noop state DOWN group default qlen 1000\n';
    const hardware = '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n';
    expect(addresses(header + hardware)).toMatchObject({ rows: [], complete: true });
    expect(addresses(header.replace('group', 'mode DEFAULT group') + hardware)).toBeUndefined();
  });

  test.each([
    ['ip addr', true],
    ['ip a', true],
    ['ip addr show', true],
    ['ip addr show eth0', false],
    ['ip a | grep inet', false],
  ])('after %s all rows are there: %s', (command, complete) => {
    expect(addresses(text, { command })?.complete).toBe(complete);
  });

  test('a pipe that leaves addresses only: IPv4 labels name their devices, IPv6 has none', () => {
    const grepped =
      '    inet 127.0.0.1/8 scope host lo\n    inet 10.0.0.5/24 brd 10.0.0.255 scope global dynamic noprefixroute eth0:1\n    inet6 fe80::5/64 scope link\n';
    const found = addresses(grepped, { command: 'ip a | grep inet' });
    expect(found?.rows.map(({ dev }) => dev)).toEqual(['lo', 'eth0']);
    expect(found?.complete).toBe(false);
    expect(addresses(grepped)?.rows ?? []).toEqual([]);
  });

  test('ip -4 addr speaks for the addresses of IPv4, and for no links', () => {
    const asked = sectionOf(text, { command: 'ip -4 addr' });
    const [links, shown] = parseLinks(asked).value;
    expect(links).toMatchObject({ kind: 'links', complete: false });
    expect(shown).toMatchObject({ kind: 'addresses', complete: true, family: 4 });
  });
});

describe('counters', () => {
  test('of ip -s link are kept and are an observation', () => {
    const { value } = parseLinks(sectionOf(read('ip-s-s-link.txt')));
    const eth0 = value
      .flatMap((facts) => (facts.kind === 'links' ? facts.rows : []))
      .find((one) => one.name === 'eth0');
    expect(eth0?.counters?.rxBytes).toBeGreaterThan(0);
    expect(
      value.some((facts) => facts.kind === 'observations' && facts.rows.some((row) => row.kind === 'traffic')),
    ).toBe(true);
  });

  test('rounded by -h are left out', () => {
    const text =
      '1: lo: <UP> mtu 1 qdisc x state UP mode DEFAULT group default\n    link/loopback 00:00:00:00:00:00\n    RX:  bytes packets errors dropped\n    1.2M 5k 0 0\n';
    expect(links(text)?.rows[0]?.counters).toBeNull();
    expect(codes(text)).toEqual([]);
  });
});

describe('damage', () => {
  const flat = read('ip-addr.txt').replaceAll(/^ +/gm, '');

  test('lost indentation is read in a paste, said once, and rows are marked', () => {
    const given = { freeForm: true, command: 'ip addr' };
    const without = (text: string, some: Given) =>
      addresses(text, some)?.rows.map(({ span: _, trust: __, ...row }) => row);
    expect(without(flat, given)).toEqual(without(read('ip-addr.txt'), {}));
    expect(addresses(flat, given)?.rows.every((row) => row.trust === 'repaired')).toBe(true);
    expect(codes(flat, given)).toEqual(['iproute/indentation-lost']);
  });

  test('in a dump the same text is not understood, and the rows are not all', () => {
    expect(addresses(flat)).toMatchObject({ rows: [], complete: false });
    expect(links(flat)).toMatchObject({ complete: false });
    expect(codes(flat)).toContain('iproute/unread-line');
  });

  test('a wrapped header is put together in a paste', () => {
    const text =
      '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\ngroup default qlen 1000\n    link/ether 02:00:00:00:01:02 brd ff:ff:ff:ff:ff:ff\n';
    expect(links(text, { freeForm: true, command: 'ip a' })?.rows[0]).toMatchObject({
      group: 'default',
      trust: 'repaired',
      type: 'ether',
    });
  });

  test('a redacted address costs only its own row', () => {
    const text =
      '2: eth0: <UP> mtu 1500 qdisc noqueue state UP group default\n    inet 10.blackly.0.5/24 scope global eth0\n       valid_lft forever preferred_lft forever\n    inet 10.0.0.6/24 scope global eth0\n';
    const parsed = parseLinks(sectionOf(text));
    expect(addresses(text)).toMatchObject({ complete: false, rows: [{ label: 'eth0' }] });
    expect(countLines(parsed.ledger)).toMatchObject({ opaque: 1, modelled: 3 });
    expect(parsed.diagnostics).toMatchObject([{ code: 'iproute/bad-value', data: { text: '10.blackly.0.5/24' } }]);
  });

  test('an unknown line of a device is opaque, the device stays', () => {
    const text = '2: eth0: <UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default\n    quantum entangled\n';
    expect(links(text)?.rows).toMatchObject([{ name: 'eth0' }]);
    expect(countLines(parseLinks(sectionOf(text)).ledger)).toMatchObject({ opaque: 1, modelled: 1 });
  });

  test.each([
    ['ip addr', 'ip-addr.txt', addresses],
    ['ip -d link', 'ip-d-link.txt', links],
  ] as const)(
    '%s without the line that begins a device: the one before keeps its own, and they are not all',
    (_, name, rowsOf) => {
      const lines = read(name).split('\n');
      const whole = links(read(name))?.rows ?? [];
      const headers = lines.flatMap((line, at) => (/^\d+: /.test(line) ? [at] : []));
      const between = headers.slice(1);
      expect(between.length).toBeGreaterThan(2);
      for (const [at, header] of between.entries()) {
        const torn = lines.toSpliced(header, 1).join('\n');
        const left = links(torn)?.rows.map(({ name, mac }) => [name, mac]);
        expect(left).toEqual(whole.toSpliced(at + 1, 1).map(({ name, mac }) => [name, mac]));
        expect(rowsOf(torn)?.complete).toBe(false);
        expect(addresses(torn)?.rows.every(({ dev }) => dev !== whole[at + 1]?.name) ?? true).toBe(true);
      }
    },
  );

  test('an address less than those that are told how long they are valid: they are not all, wherever the lines are lost', () => {
    const lines = read('ip-addr.txt').split('\n');
    const whole = addresses(lines.join('\n'))?.rows ?? [];
    const inet = lines.flatMap((line, at) => (/^ +inet6? /.test(line) ? [at] : []));
    expect(inet.length).toBeGreaterThan(3);
    for (const at of inet) {
      for (const from of [at, at - 2]) {
        const torn = addresses(lines.toSpliced(from, at - from + 1).join('\n'));
        expect(torn?.complete ?? false).toBe(false);
        const known = torn?.rows.every(({ ip, dev }) =>
          whole.some((row) => row.dev === dev && formatIp(row.ip) === formatIp(ip)),
        );
        expect(known ?? true).toBe(true);
      }
    }
  });

  test('a device that is not there is a failed command', () => {
    const { value } = parseLinks(sectionOf('Device "eth9" does not exist.\n', { command: 'ip addr show eth9' }));
    expect(value.map((facts) => facts.kind)).toEqual(['failures']);
  });
});

describe('a list without the loopback device', () => {
  const lo = '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n';
  const eth0 = '2: eth0: <BROADCAST,UP> mtu 1500 qdisc mq state UP group default qlen 1000\n';
  const inet = '    inet 192.0.2.5/24 scope global eth0\n';

  test.each([
    ['of ip addr', eth0 + inet, lo + eth0 + inet],
    ['of ip -o addr', '2: eth0    inet 192.0.2.5/24 scope global eth0\n', '1: lo    inet 127.0.0.1/8 scope host lo\n'],
    [
      'of ip -br addr',
      'eth0             UP             192.0.2.5/24 \n',
      'lo               UNKNOWN        127.0.0.1/8 \n',
    ],
  ])('%s is whole only where the command is known to ask for all', (_, some, all) => {
    expect(addresses(some)).toMatchObject({ complete: false });
    expect(addresses(some, { command: 'ip addr' })).toMatchObject({ complete: true });
    expect(addresses(some, { command: 'ip addr show eth0' })).toMatchObject({ complete: false });
    expect(addresses(all)).toMatchObject({ complete: true });
  });

  test('of ip link likewise', () => {
    const plain = (text: string) => text.replaceAll(' group', ' mode DEFAULT group');
    expect(links(plain(eth0))).toMatchObject({ complete: false });
    expect(links(plain(lo + eth0))).toMatchObject({ complete: true });
  });
});

describe('a dump that ends within its last line', () => {
  const head = '2: eth0: <BROADCAST,UP> mtu 1500 qdisc mq state UP group default qlen 1000\n';
  const ether = '    link/ether 52:54:00:aa:bb:01 brd ff:ff:ff:ff:ff:ff\n';

  test.each([
    ['in a prefix', `${head}${ether}    inet 192.0.2.5/2`, 0, false],
    ['before the scope', `${head}${ether}    inet 192.0.2.5/24 brd 192.0.2.255`, 0, false],
    ['of ip -o addr', '2: eth0    inet 192.0.2.5/2', 0, false],
    ['in the flags', `${head}${ether}    inet 192.0.2.5/24 scope global eth0\n3: eth1: <BROADCAST,U`, 1, false],
    ['only for want of the line feed', `${head}${ether}    inet 192.0.2.5/24 scope global eth0`, 1, true],
    ['at a device without address', `${head}${ether.trimEnd()}`, 0, true],
  ])('%s', (_, cut, count, complete) => {
    expect(addresses(cut, { command: 'ip addr' })).toMatchObject({ complete });
    expect(addresses(cut)?.rows).toHaveLength(count);
    expect(codes(cut)).toEqual(complete ? [] : ['iproute/cut-off']);
  });
});
