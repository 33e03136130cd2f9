import { readFileSync } from 'node:fs';
import { formatIp, type IpvsEndpoint, lineStates, type VirtualKey, type VirtualServer } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { textAt } from '../testing.js';
import { ipvsFormat } from './ipvs.js';
import { printIpvsSave } from './print.js';
import { read } from './testing.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

/** What every kind of output shows: all but connections, thresholds, the kind of tunnel, and the engine of what is not persistent. */
function shown(rows: readonly VirtualServer[]) {
  return rows.map(({ span, servers, persistenceEngine, ...service }) => ({
    engine: service.persistent === null ? undefined : persistenceEngine,
    ...service,
    servers: servers.map((one) => `${formatIp(one.ip)} ${one.port} ${one.forwarding} ${one.weight}`).sort(),
  }));
}

describe('ipvsadm -Sn', () => {
  it.each(['Sn.txt', 'Sn2.txt'])('%s prints back byte for byte', (name) => {
    const text = fixture(name);
    const { rows, codes, parsed } = read(text);
    expect(printIpvsSave(rows)).toBe(text);
    expect(codes).toEqual([]);
    expect(parsed.ledger.every((state) => state === 1)).toBe(true);
  });

  it('keeps every part of a service', () => {
    const { rows, section } = read(fixture('Sn2.txt'));
    const sip = rows[1];
    expect(sip).toMatchObject({
      key: { kind: 'address', protocol: 'udp', port: 5060 },
      scheduler: 'sh',
      schedulerFlags: ['sh-fallback'],
      persistent: 300,
      netmask: '255.255.0.0',
      persistenceEngine: 'sip',
      onePacket: true,
    });
    expect(sip && textAt(section, sip.span)).toMatch(/^-A -u 10\.96\.0\.30:5060/);
    expect(rows[0]?.servers).toMatchObject([
      { forwarding: 'tunnel', tunnel: '--tun-type ipip' },
      { forwarding: 'route' },
      { forwarding: 'masq' },
    ]);
  });

  it('reads firewall marks of both families', () => {
    const marks = read(fixture('Sn.txt')).rows.filter((row) => row.key.kind === 'fwmark');
    expect(marks.map((row) => row.key)).toEqual([
      { kind: 'fwmark', mark: 7, family: 4 },
      { kind: 'fwmark', mark: 8, family: 6 },
    ]);
  });

  it('reads common service names, so that -S equals -Sn', () => {
    expect(shown(read(fixture('S.txt')).rows)).toEqual(shown(read(fixture('Sn.txt')).rows));
  });

  it.each([
    [
      'ipvsadm --add-service --tcp-service 10.0.0.1:80 --scheduler rr --persistent',
      { scheduler: 'rr', persistent: 360 },
    ],
    ['-A -t 10.0.0.1:80', { scheduler: 'wlc', persistent: null }],
    ['-A -u 10.0.0.1:80 -s rr --ops', { onePacket: true }],
  ])('reads %s', (text, expected) => expect(read(text).rows).toMatchObject([expected]));

  it('takes the defaults and thresholds of a server', () => {
    const { rows } = read('-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2 -x 9 -y 3\n');
    expect(rows[0]?.servers).toMatchObject([
      { port: 0, forwarding: 'route', weight: 1, upperThreshold: 9, lowerThreshold: 3 },
    ]);
  });
});

describe('ipvsadm -Ln', () => {
  it.each([
    ['Ln.txt', 'Sn.txt'],
    ['Ln2.txt', 'Sn2.txt'],
    ['L.txt', 'Sn.txt'],
  ])('%s says the same as %s', (list, save) => {
    const listed = read(fixture(list));
    expect(shown(listed.rows)).toEqual(shown(read(fixture(save)).rows));
    expect(listed.complete).toBe(true);
    expect([...listed.parsed.ledger]).not.toContain(0);
  });

  it('has the kinds of tunnels behind --tun-info', () => {
    const { rows, codes } = read(fixture('Ln-tun-info.txt'));
    expect(codes).toEqual([]);
    expect(printIpvsSave(rows)).toBe(fixture('Sn-tunnels.txt'));
  });

  it('has the connections', () => {
    expect(read(fixture('Ln.txt')).rows[0]?.servers).toMatchObject([{ activeConnections: 1, inactiveConnections: 0 }]);
  });

  it('counts a table once when a file holds it twice', () => {
    const both = read(`${fixture('Sn.txt')}${fixture('Ln.txt')}${fixture('stats.txt')}`);
    expect(shown(both.rows)).toEqual(shown(read(fixture('Sn.txt')).rows));
    expect(both.rows[0]?.servers).toMatchObject([{ activeConnections: 1 }]);
  });

  it('rows of counters alone are conditional', () => {
    const rows = [...read(fixture('stats.txt')).parsed.ledger].slice(3);
    expect(new Set(rows.filter((state) => state !== 2))).toEqual(new Set([lineStates.indexOf('conditional')]));
  });

  it('timeout.txt is inert', () => {
    const { parsed } = read(fixture('timeout.txt'));
    expect([...parsed.ledger].every((state) => state === 2)).toBe(true);
    expect(parsed.value).toEqual([]);
  });

  it.each(['stats.txt', 'persistent.txt'])('says of %s alone that it has too few columns', (name) => {
    const { codes, parsed } = read(fixture(name));
    expect(codes).toEqual(['ipvs/columns-hidden']);
    expect([...parsed.ledger]).not.toContain(0);
    expect([...parsed.ledger]).not.toContain(0);
  });
});

describe('/proc/net/ip_vs', () => {
  const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A600001:01BB rr  
  -> C0A80001:192B      Masq    1      3          0         
UDP  0A60000A:0035 rr persistent 10800 FFFFFF00
TCP  [fd00:0010:0096:0000:0000:0000:0000:0001]:01BB wlc 
FWM  00000010 sh 
`;
  it('is the table, in hexadecimal', () => {
    const { rows, codes, complete } = read(text, { command: 'cat /proc/net/ip_vs' });
    expect([codes, complete]).toEqual([[], true]);
    expect(rows.map((row) => [keyText(row.key), row.netmask, row.servers.length])).toEqual([
      ['tcp 10.96.0.1 443', null, 1],
      ['udp 10.96.0.10 53', '255.255.255.0', 0],
      ['tcp fd00:10:96::1 443', null, 0],
      ['mark 16', null, 0],
    ]);
    expect(rows[0]?.servers).toMatchObject([{ port: 6443, forwarding: 'masq', weight: 1 }]);
  });
});

const keyText = (key: VirtualKey) =>
  key.kind === 'fwmark' ? `mark ${key.mark}` : `${key.protocol} ${formatIp(key.ip)} ${key.port}`;

describe('connections', () => {
  const of = (name: string, command: string | null) => {
    const { parsed, codes } = read(fixture(name), { command });
    expect(parsed.value.map(({ kind }) => kind)).toEqual(['ipvs-connections']);
    expect(codes).toEqual([]);
    const [facts] = parsed.value;
    if (facts?.kind !== 'ipvs-connections') throw new Error('no connections');
    const end = ({ ip, port }: IpvsEndpoint) => `${formatIp(ip)} ${port}`;
    const rows = facts.rows.map(
      (row) => `${row.proto} ${end(row.client)} > ${end(row.virtual)} > ${end(row.server)} ${row.state}`,
    );
    return { rows, complete: facts.complete };
  };
  const listed = [
    '6 fd00::3 33990 > fd00::1 80 > fd00::2 80 SYN_RECV',
    '6 10.0.1.254 57904 > 10.0.1.77 80 > 10.0.1.5 80 SYN_RECV',
    '6 fd00::3 0 > fd00::1 80 > fd00::2 80 NONE',
    '0 10.0.1.254 0 > 0.0.0.1 0 > 10.0.1.5 0 NONE',
    '6 10.96.0.1 45580 > 10.96.0.1 80 > 10.0.1.5 80 SYN_RECV',
  ];

  it.each([
    ['Lnc.txt', 'ipvsadm -Lnc', true],
    ['Lnc-persistent.txt', 'ipvsadm -L -n -c --persistent-conn', true],
    ['Lnc.txt', 'ipvsadm -Lnc | grep 10.0', false],
    ['Lnc.txt', null, true],
    ['ip_vs_conn.txt', 'cat /proc/net/ip_vs_conn', true],
    ['ip_vs_conn.txt', null, true],
    ['ip_vs_conn_sync.txt', 'cat /proc/net/ip_vs_conn_sync', true],
  ])('%s of %s', (name, command, complete) => expect(of(name, command)).toEqual({ rows: listed, complete }));

  it('none below their heading is none at all', () => {
    const text = fixture('Lnc.txt').split('\n').slice(0, 2).join('\n');
    expect(read(`${text}\n`, { command: 'ipvsadm -Lnc' }).parsed.value).toEqual([
      { kind: 'ipvs-connections', rows: [], complete: true },
    ]);
  });

  it('a line that breaks off makes the list partial', () => {
    const [facts] = read(fixture('Lnc.txt').slice(0, -3), { command: 'ipvsadm -Lnc' }).parsed.value;
    expect(facts).toMatchObject({ kind: 'ipvs-connections', complete: false });
  });

  it('names are not read', () => {
    const text =
      'pro expire state       source             virtual            destination\nTCP 00:58  SYN_RECV    node-1:40000  web:http  db:http\n';
    const { codes, parsed } = read(text, { command: 'ipvsadm -Lc' });
    expect(codes).toEqual(['ipvs/name-not-number']);
    expect(parsed.value).toMatchObject([{ rows: [], complete: false }]);
  });
});

describe('what an output speaks for', () => {
  it.each([
    ['all', 'ipvsadm -Ln', fixture('Ln.txt'), true],
    ['an empty table', 'ipvsadm -Ln', fixture('empty.txt'), true],
    ['an empty save', 'ipvsadm -Sn', '', true],
    ['one service', 'ipvsadm -Ln -t 10.96.0.10:53', fixture('one.txt'), false],
    ['one service, command unknown', null, fixture('one.txt'), false],
    ['a pipe', 'ipvsadm -Ln | head', fixture('Ln.txt'), false],
    ['a save, command unknown', null, fixture('Sn.txt'), true],
  ])('%s', (_, command, text, complete) => expect(read(text, { command }).complete).toBe(complete));

  it('takes a missing module for nothing collected', () => {
    const text =
      "modprobe: FATAL: Module ip_vs not found in directory /lib/modules/6.1\nCan't initialize ipvs: Protocol not available\nAre you sure that IP Virtual Server is built in the kernel or as module?\n";
    const { parsed } = read(text, { command: 'ipvsadm -Sn' });
    expect(parsed.value.map((one) => one.kind)).toEqual(['failures']);
    expect([...parsed.ledger]).toEqual([2, 2, 2]);
  });
});

describe('what it cannot read it keeps, and says so', () => {
  it.each([
    ['-A -t node-1.example:http -s rr', 'ipvs/name-not-number'],
    ['-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 1', 'ipvs/server-without-service'],
    ['-A -t 10.0.0.1:80 -s rr --new-thing 1', 'ipvs/unknown-option'],
    ['  -> 10.0.0.2:80  Masq 1 0 0', 'ipvs/server-without-service'],
  ])('%s', (text, code) => {
    const { codes, parsed, complete } = read(text);
    expect(codes).toEqual([code]);
    expect([...parsed.ledger]).toEqual([3]);
    expect(complete).not.toBe(true);
  });
});

describe('what a line says alone', () => {
  it.each([
    ['opens', '-A -t 10.96.0.1:443 -s rr'],
    ['opens', '-a -f 8 -6 -r [fd00:244::8]:0 -g -w 1'],
    ['opens', 'TCP  10.96.0.10:53 rr persistent 10800'],
    ['opens', '  -> 10.244.0.8:53                Masq    1      0          0         '],
    ['opens', "Can't initialize ipvs: Protocol not available"],
    ['continues', '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn'],
    [null, '-A -t nat -s 10.0.0.1 -j DNAT'],
    [null, '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -j KUBE-SVC-X'],
    [null, '-A PREROUTING -t nat -j RETURN'],
    [null, '-> see 10.0.0.1:80'],
    [null, 'TCP  10.0.0.1:80 is open'],
  ])('%s: %s', (verdict, text) => expect(ipvsFormat.line(text)).toBe(verdict));
});

describe('a table that breaks off', () => {
  const listing =
    'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\nTCP  10.96.0.1:443 rr\n';

  it.each([
    ['within an address', `${listing}  -> 192.0.2.11:64`, false],
    ['within the name of a scheduler', '-A -t 10.96.0.1:443 -s rr\n-A -t 10.96.0.10:53 -s r', false],
    ['only in its last line feed', '-A -t 10.96.0.1:443 -s rr\n-A -t 10.96.0.10:53 -s rr', true],
    ['nowhere', `${listing}  -> 192.0.2.11:6443              Masq    1      3          0\n`, true],
  ])('%s is complete or not', (_, text, complete) => expect(read(text).complete).toBe(complete));
});
