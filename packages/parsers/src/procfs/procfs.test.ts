/** Files of /proc/net, as Linux 6.18 on x86 printed them, and a few lines of other machines. */
import { readFileSync } from 'node:fs';
import { formatIp, formatPrefix } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codesOf, onlyNode, sectionsOf, snapshotOf, snapshotOfFiles } from '../assemble/testing.js';
import { hostileTexts, ledgerIsComplete, sectionOf } from '../testing.js';
import { procfsFormats } from './index.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const tcpHeading =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const tcp6Heading =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const udpHeading =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            \n';
const tcpRow = (near: string, far: string, state: string) =>
  `   0: ${near} ${far} ${state} 00000000:00000000 00:00000000 00000000     0        0 37138116 1 0000000000000000 100 0 0 10 0\n`;

function socketsIn(files: Readonly<Record<string, string>>): readonly string[] {
  return onlyNode(snapshotOfFiles(files)).host.sockets.rows.map(
    ({ protocol, state, localIp, localPort, peerIp, peerPort, family }) =>
      `${protocol} ${state} ${localIp === null ? '*' : formatIp(localIp)}:${localPort} ${peerIp === null ? '*' : formatIp(peerIp)}:${peerPort ?? '*'} ${family}`,
  );
}

describe('routes', () => {
  test('/proc/net/route is the main table of IPv4', () => {
    const { routes } = onlyNode(snapshotOfFiles({ 'n/proc/net/route': fixture('route') })).host;
    expect(routes.covers).toEqual([{ family: 4, tables: ['main'] }]);
    expect(
      routes.rows.map(
        ({ dst, nexthops: [hop] }) => `${formatPrefix(dst)} ${hop?.via ? formatIp(hop.via) : '-'} ${hop?.dev}`,
      ),
    ).toEqual(['0.0.0.0/0 10.9.8.1 d0', '10.9.8.0/24 - d0', '172.20.0.0/16 - br7']);
  });

  test.each<[string, string, string]>([
    ['a blackhole', '*\t000010AC\t00000000\t0001\t0\t0\t7\t0000F0FF\t0\t0\t0', 'blackhole 172.16.0.0/12 metric 7'],
    ['a rejecting one', '*\t0100000A\t00000000\t0205\t0\t0\t0\tFFFFFFFF\t0\t0\t0', 'unreachable 10.0.0.1/32 metric 0'],
    [
      'another byte order',
      'eth0\t0A000000\t00000000\t0001\t0\t0\t0\tFFFF0000\t0\t0\t0',
      'unicast 10.0.0.0/16 metric 0',
    ],
  ])('%s', (_, row, wanted) => {
    const [route] = onlyNode(snapshotOf(`$ cat /proc/net/route\n${row}\n`)).host.routes.rows;
    expect(route && `${route.type} ${formatPrefix(route.dst)} metric ${route.metric}`).toBe(wanted);
  });

  test('a gateway that is not of IPv4 is not shown: the route is left open, not taken for one on link', () => {
    const rows =
      'd0\t0000010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\nd0\t0000210A\t00000000\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0\n';
    const snapshot = snapshotOfFiles({ 'n/proc/net/route': rows });
    expect(onlyNode(snapshot).host.routes.rows.map(({ dst }) => formatPrefix(dst))).toEqual(['10.1.0.0/24']);
    expect(onlyNode(snapshot).host.routes.state).toBe('partial');
    expect(codesOf(snapshot)).toContain('nettools/gateway-hidden');
    expect(snapshot.read[0]?.counts).toMatchObject({ opaque: 1, conditional: 1 });
  });

  test('where no mask tells the byte order, what is read is a repair', () => {
    const snapshot = snapshotOf('$ cat /proc/net/route\neth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n');
    expect(onlyNode(snapshot).host.routes.rows).toMatchObject([{ trust: 'repaired' }]);
    expect(codesOf(snapshot)).toContain('procfs/byte-order');
  });

  test('what `ip route` shows of the same table counts', () => {
    const shown = 'default via 10.9.8.1 dev d0 src 10.9.8.7\n10.9.8.0/24 dev d0 scope link\n';
    const { routes } = onlyNode(
      snapshotOfFiles({ 'n/proc/net/route': fixture('route'), 'n/ip-route.txt': shown }),
    ).host;
    expect(routes.rows).toHaveLength(2);
  });

  test('/proc/net/ipv6_route has no names of tables, and its end of every search is no route', () => {
    const { routes } = onlyNode(snapshotOfFiles({ 'n/proc/net/ipv6_route': fixture('ipv6_route') })).host;
    expect(routes.covers).toEqual([]);
    expect(
      routes.rows
        .filter(({ table }) => table === 'main')
        .map(({ dst, nexthops: [hop] }) => [formatPrefix(dst), hop?.dev]),
    ).toEqual([
      ['fd00:9::/64', 'br7'],
      ['fe80::/64', 'd1'],
      ['fe80::/64', 'd0'],
      ['fe80::/64', 'br7'],
      ['fe80::/64', 'vx0'],
    ]);
    expect(routes.rows.filter(({ type }) => type === 'local').map(({ dst }) => formatPrefix(dst))).toEqual(['::1/128']);
  });
});

test('/proc/net/if_inet6 has addresses with scope and flags', () => {
  const { addresses } = onlyNode(snapshotOfFiles({ 'n/proc/net/if_inet6': fixture('if_inet6') })).host;
  expect(addresses.state).toBe('partial');
  expect(
    addresses.rows.map(({ dev, ip, prefixLength, scope, flags }) => [
      dev,
      `${formatIp(ip)}/${prefixLength}`,
      scope,
      ...flags,
    ]),
  ).toEqual([
    ['vx0', 'fe80::f0d7:f5ff:fe9c:6d8f/64', 'link', 'tentative'],
    ['br7', 'fe80::ac16:feff:fed5:a134/64', 'link', 'tentative'],
    ['d1', 'fe80::ac16:feff:fed5:a134/64', 'link', 'tentative'],
    ['lo', '::1/128', 'host'],
    ['br7', 'fd00:9::1/64', 'global', 'tentative'],
    ['d0', 'fe80::3450:32ff:fe11:62a9/64', 'link', 'tentative'],
  ]);
});

describe('sockets', () => {
  test('TCP by its heading, UDP by the name of its file', () => {
    expect(
      socketsIn({
        'n/proc/net/tcp': `${tcpHeading}${tcpRow('0100007F:1F90', '00000000:0000', '0A')}${tcpRow('0708090A:C350', '0108090A:01BB', '01')}`,
        'n/proc/net/udp': `${udpHeading} 1805: 00000000:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 37138116 2 0000000004a9dcf9 0\n`,
      }),
    ).toEqual([
      'tcp LISTEN 127.0.0.1:8080 *:* 4',
      'tcp ESTAB 10.9.8.7:50000 10.9.8.1:443 4',
      'udp UNCONN *:4789 *:* 4',
    ]);
  });

  test('IPv6 with its wildcard, which may take IPv4 too, and with mapped addresses', () => {
    const wild = '0'.repeat(32);
    const mapped = '0000000000000000FFFF00000108090A';
    expect(
      socketsIn({
        'n/proc/net/tcp6': `${tcp6Heading}${tcpRow(`${wild}:0016`, `${wild}:0000`, '0A')}${tcpRow(`${mapped}:0016`, `${mapped}:C000`, '01')}`,
      }),
    ).toEqual(['tcp LISTEN *:22 *:* null', 'tcp ESTAB 10.9.8.1:22 10.9.8.1:49152 4']);
  });

  test('both families speak for all listeners, one does not', () => {
    const both = `[root@n ~]# cat /proc/net/tcp /proc/net/tcp6\n${tcpHeading}${tcpRow('0100007F:1F90', '00000000:0000', '0A')}${tcp6Heading}`;
    expect(onlyNode(snapshotOf(both)).host.sockets.listens).toEqual(['tcp']);
    const one = `[root@n ~]# cat /proc/net/tcp\n${tcpHeading}${tcpRow('0100007F:1F90', '00000000:0000', '0A')}`;
    expect(onlyNode(snapshotOf(one)).host.sockets.listens ?? []).toEqual([]);
  });

  test('UDP and raw sockets look alike: without a name they are not taken for either', () => {
    const text = `Sockets of the machine, as promised:\n\n${udpHeading}   7: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0\n`;
    const snapshot = snapshotOf(text);
    expect(snapshot.nodes.flatMap(({ host }) => host.sockets.rows)).toEqual([]);
    expect(codesOf(snapshot)).toContain('procfs/protocol-hidden');
  });
});

test('what only counts is known and inert', () => {
  const files = {
    'n/proc/net/snmp': 'Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 8155\n',
    'n/proc/net/dev':
      'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n',
    'n/proc/net/fib_trie': 'Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n',
  };
  const snapshot = snapshotOfFiles(files);
  expect(sectionsOf(snapshot).map((one) => one.replace(/@.*/, ''))).toEqual([
    'proc-net-snmp',
    'proc-net-dev',
    'proc-net-fib-trie',
  ]);
  for (const { counts } of snapshot.read) expect(counts.unrecognized).toBe(0);
});

describe.each(procfsFormats.map((format) => [format.id, format] as const))('%s', (_, format) => {
  const lines = fc.constantFrom(
    ...hostileTexts,
    ...fixture('route').split('\n'),
    ...fixture('if_inet6').split('\n'),
    ...fixture('ipv6_route').split('\n'),
    tcpHeading,
    tcpRow('0100007F:1F90', '0:0', '0A'),
  );

  test('never throws, and accounts for every line', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 8 }), (texts) => {
        const section = sectionOf(texts.join('\n'), { path: 'proc/net/udp' });
        expect(ledgerIsComplete(section, format.parse(section))).toBe(true);
      }),
    );
  });
});
