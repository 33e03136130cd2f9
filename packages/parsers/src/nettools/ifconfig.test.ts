import { readFileSync } from 'node:fs';
import { type Address, formatIp, formatMac, type Link } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { ledgerIsComplete, sectionOf, textAt } from '../testing.js';
import { ifconfigFormat } from './ifconfig.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function read(text: string, given: Parameters<typeof sectionOf>[1] = {}) {
  const section = sectionOf(text, given);
  const parsed = ifconfigFormat.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const linkFacts = parsed.value.find((one) => one.kind === 'links');
  const addressFacts = parsed.value.find((one) => one.kind === 'addresses');
  const links = linkFacts?.kind === 'links' ? linkFacts.rows : [];
  const addresses = addressFacts?.kind === 'addresses' ? addressFacts.rows : [];
  const complete = linkFacts?.kind === 'links' ? linkFacts.complete : null;
  return { section, parsed, links, addresses, complete, codes: parsed.diagnostics.map((one) => one.code) };
}

const showAddress = (one: Address) =>
  `${one.dev} ${formatIp(one.ip)}/${one.prefixLength} ${one.scope}${one.broadcast === null ? '' : ` brd ${formatIp(one.broadcast)}`}${one.label === null || one.label === one.dev ? '' : ` label ${one.label}`}`;
const showLink = (one: Link) =>
  `${one.name} ${one.flags.join(',')} mtu ${one.mtu} ${one.type} ${one.mac === null ? '-' : formatMac(one.mac)} rx ${one.counters?.rxPackets} tx ${one.counters?.txBytes}/${one.counters?.txDropped}`;

const links = [
  'br-0123456789ab UP,BROADCAST,RUNNING,MULTICAST mtu 1500 ether 02:00:00:00:00:02',
  'cni0 UP,BROADCAST,RUNNING,MULTICAST mtu 1500 ether 1e:c3:e9:f9:d0:c0',
  'eth0 UP,BROADCAST,RUNNING,MULTICAST mtu 1450 ether 02:00:00:00:00:01',
  'eth1 UP,BROADCAST,RUNNING,MULTICAST mtu 1500 ether 02:00:00:00:00:02',
  'flannel.1 UP,BROADCAST,RUNNING,MULTICAST mtu 1400 ether 02:00:00:00:00:03',
  'lo UP,LOOPBACK,RUNNING mtu 65536 loopback -',
];
const addresses = [
  'br-0123456789ab fe80::ff:fe00:2/64 link',
  'cni0 10.244.0.1/24 global',
  'cni0 fe80::1cc3:e9ff:fef9:d0c0/64 link',
  'eth0 10.9.0.1/24 global brd 10.9.0.255',
  'eth0 fe80::ff:fe00:1/64 link',
  'eth0 fd00::1/64 global',
  'eth0 10.9.0.2/24 global label eth0:1',
  'eth1 fe80::ff:fe00:2/64 link',
  'flannel.1 10.244.0.0/32 global',
  'flannel.1 fe80::ff:fe00:3/64 link',
  'lo 127.0.0.1/8 host',
  'lo ::1/128 host',
];

describe.each(['ifconfig-a.txt', 'bb-ifconfig-a.txt'])('%s', (name) => {
  it('yields the links, with every line modelled', () => {
    const { links: rows, parsed, codes } = read(fixture(name));
    expect(rows.map(showLink).map((one) => one.split(' rx ')[0])).toEqual(links);
    expect(rows.find((one) => one.name === 'flannel.1')?.counters).toMatchObject({ rxBytes: 0, txDropped: 6 });
    expect([...parsed.ledger]).not.toContain(0);
    expect(codes).toEqual([]);
  });

  it('yields the addresses, an alias as a label', () => {
    const { addresses: rows, section } = read(fixture(name));
    expect(rows.map(showAddress)).toEqual(addresses);
    expect(rows[1] && textAt(section, rows[1].span)).toContain('10.244.0.1');
  });

  it('reads the same when a paste lost indentation and runs of blanks', () => {
    const damaged = fixture(name)
      .split('\n')
      .map((line) => line.trim().replace(/ +/g, ' '))
      .join('\n');
    expect(read(damaged, { freeForm: true }).addresses.map(showAddress)).toEqual(addresses);
  });

  it('reads the same when a paste lost the line breaks, and says so', () => {
    const damaged = fixture(name).replace(/\s+/g, ' ');
    const { addresses: rows, codes } = read(damaged, { freeForm: true });
    expect(rows.map(showAddress)).toEqual(addresses);
    expect(rows.every((row) => row.trust === 'repaired')).toBe(true);
    expect(codes).toContain('nettools/lost-line-breaks');
  });
});

describe('other ifconfigs', () => {
  it.each([
    [
      'point to point',
      'tun0: flags=4305<UP,POINTOPOINT,RUNNING,NOARP,MULTICAST>  mtu 1500\n        inet 10.8.0.2  netmask 255.255.255.255  destination 10.8.0.1\n        unspec 00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00  txqueuelen 100  (UNSPEC)\n',
      'tun0 10.8.0.2/32 global',
    ],
    [
      'old tunnel',
      'tunl0     Link encap:IPIP Tunnel  HWaddr   \n          inet addr:10.244.0.1  Mask:255.255.255.255\n          UP RUNNING NOARP  MTU:1440  Metric:1\n',
      'tunl0 10.244.0.1/32 global',
    ],
    [
      'BSD',
      'en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500\n\tether 02:00:00:00:00:01\n\tinet 10.0.0.5 netmask 0xffffff00 broadcast 10.0.0.255\n\tmedia: autoselect\n\tstatus: active\n',
      'en0 10.0.0.5/24 global brd 10.0.0.255',
    ],
    [
      'old, stuck name',
      'eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:01\n          inet addr:10.0.0.5  Bcast:10.0.0.255  Mask:255.255.255.0\n          Interrupt:16 Memory:fa000000-fa012800\n',
      'eth0 10.0.0.5/24 global brd 10.0.0.255',
    ],
  ])('%s', (_, text, address) => {
    const { addresses: rows, parsed, codes } = read(text);
    expect(rows.map(showAddress)).toEqual([address]);
    expect(codes).toEqual([]);
    expect([...parsed.ledger]).not.toContain(0);
  });

  it('takes the peer of a point-to-point address', () => {
    const text =
      'ppp0: flags=4305<UP,POINTOPOINT,RUNNING>  mtu 1500\n        inet 10.8.0.2  netmask 255.255.255.255  destination 10.8.0.1\n';
    expect(read(text).addresses[0]?.peer && formatIp(read(text).addresses[0]?.peer ?? never())).toBe('10.8.0.1');
  });

  it('doubts a name of nine characters in the old layout', () => {
    expect(read('docker_gw Link encap:Ethernet  HWaddr 02:00:00:00:00:01\n').codes).toEqual([
      'nettools/name-may-be-cut',
    ]);
  });

  it('counts the short listing as inert', () => {
    const { parsed } = read(fixture('netstat-i.txt'), { command: 'netstat -i' });
    expect(parsed.value).toEqual([]);
    expect([...parsed.ledger].every((state) => state === 2)).toBe(true);
    expect(ifconfigFormat.line(fixture('netstat-i.txt').split('\n')[1] ?? '')).toBe('opens');
  });

  it.each([
    'bond0            1500        0      0      0 0            20      0      0      0 BMmRU',
    'dm0              1500        0      0      0 0            20      0      0      0 BOsRU',
    'vrf-blue        65575        0      0      0 0             0      0      0      0 OmRU',
  ])('knows the flags of a bond and of its port: %s', (row) => {
    const { parsed } = read(`${fixture('netstat-i.txt').split('\n', 2).join('\n')}\n${row}\n`, {
      command: 'netstat -i',
    });
    expect([...parsed.ledger]).toEqual([2, 2, 2]);
  });

  it('says which words it does not know', () => {
    const { parsed, codes } = read('eth0: flags=65<UP,RUNNING>  mtu 1500\n        frobnicate 7\n');
    expect(codes).toEqual(['nettools/unread-words']);
    expect([...parsed.ledger]).toEqual([1, 0]);
  });
});

describe('what it speaks for', () => {
  it.each([
    ['ifconfig -a', true],
    ['ifconfig', false],
    ['ifconfig eth0', false],
    [null, false],
  ])('%s: all links %s, never all addresses', (command, complete) => {
    const { complete: links, parsed } = read(fixture('ifconfig-a.txt'), { command });
    expect(links).toBe(complete);
    expect(parsed.value.find((one) => one.kind === 'addresses')).toMatchObject({ complete: false });
  });

  it('takes a failed command for nothing collected', () => {
    expect(read('-bash: ifconfig: command not found\n').parsed.value.map((one) => one.kind)).toEqual(['failures']);
  });

  it.each([
    ['opens', 'eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500'],
    ['opens', 'eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:01'],
    ['continues', '        inet 10.9.0.1  netmask 255.255.255.0  broadcast 10.9.0.255'],
    ['continues', '          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1'],
    [null, 'eth0 is up'],
    [null, '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP'],
  ])('%s: %s', (verdict, text) => expect(ifconfigFormat.line(text)).toBe(verdict));
});

function never(): never {
  throw new Error('the row is checked before');
}

describe('the old layout in other languages', () => {
  const chinese = `eth0      Link encap:以太网  硬件地址 52:54:00:12:34:56  
          inet 地址:192.0.2.5  广播:192.0.2.255  掩码:255.255.255.0
          inet6 地址: fe80::5054:ff:fe12:3456/64 Scope:Link
          UP BROADCAST RUNNING MULTICAST  MTU:1450  跃点数:1
          接收数据包:12 错误:1 丢弃:0 过载:0 帧数:0
          发送数据包:34 错误:0 丢弃:2 过载:0 载波:0
          碰撞:0 发送队列长度:1000 
          接收字节:1234 (1.2 KB)  发送字节:567 (567.0 B)
`;
  const german = `eth0      Link encap:Ethernet  HWaddr 52:54:00:12:34:56  
          inet Adresse:192.0.2.5  Bcast:192.0.2.255  Maske:255.255.255.0
          inet6-Adresse: fe80::5054:ff:fe12:3456/64 Gültigkeitsbereich:Link
          UP BROADCAST RUNNING MULTICAST  MTU:1450  Metrik:1
`;

  it.each([
    ['Chinese', chinese],
    ['German', german],
  ])('%s', (_, text) => {
    const section = sectionOf(text);
    const parsed = ifconfigFormat.parse(section);
    expect(ledgerIsComplete(section, parsed)).toBe(true);
    expect([...parsed.ledger].every((state) => state === 1 || state === 2)).toBe(true);
    expect(parsed.value).toMatchObject([
      { kind: 'links', rows: [{ name: 'eth0', mtu: 1450, type: 'ether' }] },
      {
        kind: 'addresses',
        rows: [
          { prefixLength: 24, scope: 'global' },
          { prefixLength: 64, scope: 'link' },
        ],
      },
    ]);
    for (const line of text.trimEnd().split('\n')) expect(ifconfigFormat.line(line)).not.toBe(null);
  });

  it('counts what came in and went out', () => {
    const [links] = ifconfigFormat.parse(sectionOf(chinese)).value;
    expect(links).toMatchObject({ rows: [{ counters: { rxPackets: 12, rxErrors: 1, txDropped: 2, txBytes: 567 } }] });
  });
});

describe('behind a pipe, without the line of the device', () => {
  const inet =
    '        inet 10.0.0.5  netmask 255.255.255.0  broadcast 10.0.0.255\n        inet6 fe80::5054:ff:fe12:3456  prefixlen 64  scopeid 0x20<link>\n';

  it.each([
    [
      'ifconfig eth0 | grep inet',
      inet,
      ['eth0 10.0.0.5/24 global brd 10.0.0.255', 'eth0 fe80::5054:ff:fe12:3456/64 link'],
    ],
    [
      'ifconfig eth0:1 | grep "inet "',
      inet.replace(/\n.*inet6.*/, ''),
      ['eth0 10.0.0.5/24 global brd 10.0.0.255 label eth0:1'],
    ],
    ['ifconfig | grep inet', inet, []],
    ['ifconfig -a | grep inet', inet, []],
  ])('%s', (command, text, shown) => {
    const { addresses, links: devices } = read(text, { command });
    expect(addresses.map(showAddress)).toEqual(shown);
    // Whether the device is up was not shown.
    expect(devices).toEqual([]);
  });
});
