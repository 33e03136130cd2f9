import { readFileSync } from 'node:fs';
import { formatIp, type Socket } from '@coldtrace/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileTexts, ledgerIsComplete, sectionOf, slowLines, textAt } from '../testing.js';
import { netstatFormat } from './netstat.js';
import { ssFormat } from './ss.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

function read(text: string, given: Parameters<typeof sectionOf>[1] = {}, format = ssFormat) {
  const section = sectionOf(text, given);
  const parsed = format.parse(section);
  expect(ledgerIsComplete(section, parsed)).toBe(true);
  const facts = parsed.value.find((one) => one.kind === 'sockets');
  const rows = facts?.kind === 'sockets' ? facts.rows : [];
  const complete = facts?.kind === 'sockets' ? facts.complete : null;
  return { section, parsed, rows, complete, codes: parsed.diagnostics.map((one) => one.code) };
}

function show(row: Socket): string {
  const near = `${row.localIp === null ? '*' : formatIp(row.localIp)}${row.localZone === null ? '' : `%${row.localZone}`}`;
  const far = `${row.peerIp === null ? '*' : formatIp(row.peerIp)}:${row.peerPort ?? '*'}`;
  return `${row.protocol} ${row.state} ${near}:${row.localPort ?? '*'} ${far} ${row.family ?? 'both'}`;
}

describe('ss -lntup', () => {
  const { rows, parsed, section } = read(fixture('ss-lntup.txt'));

  it('reads every socket with its family, zone and process', () => {
    expect(rows.map(show)).toEqual([
      'udp UNCONN *:53 *:* 4',
      'udp UNCONN *%eth0:67 *:* 4',
      'udp UNCONN *:53 *:* 6',
      'udp UNCONN fe80::88f6:93ff:fe16:ba68%eth0:546 *:* 6',
      'udp UNCONN *:8472 *:* both',
      'tcp LISTEN *:22 *:* 4',
      'tcp LISTEN *%lo:80 *:* 4',
      'tcp LISTEN 10.9.0.1:6443 *:* 4',
      'tcp LISTEN 127.0.0.1:10248 *:* 4',
      'tcp LISTEN *:22 *:* 6',
      'tcp LISTEN fd00::1:6443 *:* 6',
      'tcp LISTEN *:10256 *:* both',
    ]);
    expect(rows[0]?.processes).toEqual([{ name: 'kubelet', pid: 28802 }]);
    expect(rows[0] && textAt(section, rows[0].span)).toMatch(/^udp {3}UNCONN/);
    expect([...parsed.ledger]).toEqual([2, ...rows.map(() => 1)]);
  });

  it('reads the same rows without a heading and without processes', () => {
    expect(read(fixture('ss-H.txt')).rows.map(show)).toEqual(rows.map(show));
  });
});

describe('other options of ss', () => {
  it('reads connections without Netid', () => {
    const { rows, complete } = read(fixture('ss-tan.txt'), { command: 'ss -tan' });
    expect(rows.map(show)).toContain('tcp ESTAB 127.0.0.1:10256 127.0.0.1:33750 4');
    expect(rows).toHaveLength(13);
    expect(complete).toBe(false);
  });

  it('leaves what has no address and what details a socket inert', () => {
    const { parsed, rows, codes } = read(fixture('ss-peaonmi.txt'), { command: 'ss -peaonmi' });
    expect([...parsed.ledger]).not.toContain(0);
    expect(codes).toEqual([]);
    expect(parsed.value.map((one) => one.kind)).toEqual(['sockets']);
    expect(rows.map(show)).toContain('raw UNCONN *:1 *:* 4');
    expect(rows.every((row) => row.processes.length > 0)).toBe(true);
  });

  it('takes a wrapped process column for the row above', () => {
    const text = 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n       users:(("sshd",pid=7,fd=3),("x",pid=8,fd=3))\n';
    const { rows, section } = read(text);
    expect(rows).toMatchObject([
      {
        processes: [
          { name: 'sshd', pid: 7 },
          { name: 'x', pid: 8 },
        ],
      },
    ]);
    expect(rows[0] && textAt(section, rows[0].span)).toContain('users');
  });

  it('knows common service names, and says which it does not', () => {
    expect(read(fixture('ss-lt.txt')).rows.map(show)).toContain('tcp LISTEN *%lo:80 *:* 4');
    const { codes, parsed, complete } = read('LISTEN 0 128 0.0.0.0:kubelet 0.0.0.0:*\n', { command: 'ss -l' });
    expect(codes).toEqual(['sockets/name-not-number']);
    expect([...parsed.ledger]).toEqual([4]);
    expect(complete).not.toBe(true);
  });

  it('counts the summary as inert', () => {
    const { parsed } = read(fixture('ss-s.txt'), { command: 'ss -s' });
    expect(parsed.ledger.every((state) => state === 2)).toBe(true);
  });

  it.each([
    [
      'old wildcards',
      'LISTEN 0 128 *:22 *:*\nLISTEN 0 128 :::111 :::*\n',
      ['tcp LISTEN *:22 *:* 4', 'tcp LISTEN *:111 *:* both'],
    ],
    [
      'old processes',
      'tcp LISTEN 0 128 127.0.0.1:80 *:* users:(("nginx",7,6),("nginx",6,6))\n',
      ['tcp LISTEN 127.0.0.1:80 *:* 4'],
    ],
    ['a zone without brackets', 'udp UNCONN 0 0 fe80::1%eth0:546 :::*\n', ['udp UNCONN fe80::1%eth0:546 *:* 6']],
    ['a stuck process column', 'tcp LISTEN 0 128 *:80 *:*users:(("a",pid=1,fd=2))\n', ['tcp LISTEN *:80 *:* both']],
    [
      'no State column',
      'Recv-Q Send-Q Local Address:Port Peer Address:Port\n0 0 10.0.0.1:6443 10.0.0.2:5000\n',
      ['tcp ESTAB 10.0.0.1:6443 10.0.0.2:5000 4'],
    ],
  ])('reads %s', (_, text, rows) => {
    expect(read(text, { command: 'ss -tn state established' }).rows.map(show)).toEqual(rows);
  });

  it.each([
    ['ss -lntup', true],
    ['ss -anp', true],
    ['ss -lnt', false],
    ['ss -tanp', false],
    ['ss -lntup | grep 6443', false],
    ['ss -lntu sport = :80', false],
    ['ss -lntup 2>/dev/null', true],
  ])('%s speaks for all listeners: %s', (command, complete) => {
    expect(read(fixture('ss-lntup.txt'), { command }).complete).toBe(complete);
  });
});

describe('ss -antup --inet-sockopt', () => {
  const command = 'ss -antup --inet-sockopt';
  const { rows, parsed, complete, section } = read(fixture('ss-antup-sockopt.txt'), { command });

  it('tells which sockets are transparent, where it shows their options', () => {
    expect(rows.map((row) => `${show(row)} ${row.transparent ?? 'not shown'}`)).toEqual([
      'udp UNCONN *:53 *:* 4 true',
      'udp UNCONN 10.9.0.1:54 *:* 4 false',
      'udp ESTAB 10.9.0.1:55 10.9.0.2:9 4 false',
      'udp UNCONN *%eth0:67 *:* 4 false',
      'tcp LISTEN 10.9.0.1:80 *:* 4 true',
      'tcp LISTEN 192.0.2.7:81 *:* 4 true',
      'tcp LISTEN *:443 *:* 4 true',
      'tcp CLOSE-WAIT 10.9.0.1:40000 10.9.0.1:80 4 false',
      'tcp ESTAB 10.9.0.1:58582 10.9.0.1:80 4 false',
      'tcp FIN-WAIT-2 10.9.0.1:80 10.9.0.1:40000 4 not shown',
      'tcp ESTAB 10.9.0.1:80 10.9.0.1:58582 4 true',
      'tcp LISTEN *:8443 *:* 6 true',
      'tcp LISTEN *:8080 *:* both false',
    ]);
    expect(rows[0] && textAt(section, rows[0].span)).toContain('transparent');
    expect([...parsed.ledger]).toEqual([2, ...rows.flatMap((row) => (row.transparent === undefined ? [1] : [1, 1]))]);
    expect(complete).toBe(true);
  });

  it('reads the same with options at the end of the row', () => {
    const joined = fixture('ss-antup-sockopt.txt').replaceAll('\n\t', ' ');
    expect(read(joined, { command: 'ss -antupO --inet-sockopt' }).rows.map(({ transparent }) => transparent)).toEqual(
      rows.map(({ transparent }) => transparent),
    );
  });

  const connected = (text: string, given: Parameters<typeof sectionOf>[1]) =>
    read(text, given).parsed.value.flatMap((one) => (one.kind === 'sockets' ? (one.connected ?? []) : []));

  it.each([
    [command, ['tcp', 'udp']],
    ['ss -tan', ['tcp']],
    ['ss -lntup', []],
    ['ss -antup dst 10.9.0.2', []],
  ])('%s speaks for those with a peer: %s', (given, protocols) => {
    expect(connected(fixture('ss-antup-sockopt.txt'), { command: given })).toEqual(protocols);
  });

  it('speaks for those with a peer without its command only where it shows one', () => {
    expect(connected(fixture('ss-antup-sockopt.txt'), {})).toEqual(['tcp', 'udp']);
    expect(connected(fixture('ss-lntup.txt'), {})).toEqual([]);
  });
});

describe('a listing without its command', () => {
  const row = 'tcp LISTEN 0 128 *:22 *:*\n';
  const listening = `Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port\n${row}`;
  it.each([
    ['several protocols were asked for', listening, {}, true],
    ['one protocol was', listening.replace('Netid ', '').replace('tcp ', ''), {}, false],
    ['its heading is gone', row, {}, false],
    ['it was pasted', listening, { freeForm: true }, false],
    ['no listener is there', listening.replace('LISTEN', 'ESTAB'), {}, false],
  ])('speaks for all listeners or not, when %s', (_, text, given, complete) => {
    expect(read(text, given).complete).toBe(complete);
  });
});

describe('netstat', () => {
  it('reads listeners, and does not trust an address that fills its column', () => {
    const { rows, codes, parsed } = read(fixture('netstat-lntup.txt'), {}, netstatFormat);
    expect(rows.map(show)).toEqual([
      'tcp LISTEN *:22 *:* 4',
      'tcp LISTEN *:80 *:* 4',
      'tcp LISTEN 10.9.0.1:6443 *:* 4',
      'tcp LISTEN 127.0.0.1:10248 *:* 4',
      'tcp LISTEN *:22 *:* both',
      'tcp LISTEN fd00::1:6443 *:* 6',
      'tcp LISTEN *:10256 *:* both',
      'udp UNCONN *:53 *:* 4',
      'udp UNCONN *:67 *:* 4',
      'udp UNCONN *:53 *:* both',
      'udp UNCONN *:8472 *:* both',
    ]);
    expect(codes).toEqual(['sockets/address-cut']);
    expect([...parsed.ledger].filter((state) => state === 4)).toHaveLength(1);
    expect(rows[0]?.processes).toEqual([{ name: 'kubelet', pid: 28802 }]);
  });

  it('trusts it in a wide listing', () => {
    const { rows, codes, complete } = read(
      fixture('netstat-W-neopa.txt'),
      { command: 'netstat -W -neopa' },
      netstatFormat,
    );
    expect(codes).toEqual([]);
    expect(rows.map(show)).toContain('udp UNCONN fe80::88f6:93ff:fe16:ba68:546 *:* 6');
    expect(rows.map(show)).toContain('tcp ESTAB 127.0.0.1:10256 127.0.0.1:33750 4');
    expect(complete).toBe(true);
  });

  it('leaves Unix sockets and headings inert', () => {
    const { parsed } = read(fixture('netstat-an.txt'), {}, netstatFormat);
    expect([...parsed.ledger]).not.toContain(0);
  });

  it('leaves routes, statistics and interfaces to others', () => {
    const matches = (command: string) => netstatFormat.commands.some((one) => one.test(command));
    expect(['netstat -lntup', 'netstat -an', 'netstat'].map(matches)).toEqual([true, true, true]);
    expect(['netstat -rn', 'netstat -s', 'netstat -i'].map(matches)).toEqual([false, false, false]);
  });

  it('takes a failed command for nothing collected', () => {
    const { parsed } = read('bash: netstat: command not found\n', { command: 'netstat -lntup' }, netstatFormat);
    expect(parsed.value.map((one) => one.kind)).toEqual(['failures']);
  });
});

describe('what a line says alone', () => {
  it.each([
    ['opens', 'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess'],
    ['opens', 'LISTEN 0      128    127.0.0.1:10248  0.0.0.0:*    users:(("kubelet",pid=1,fd=2))'],
    ['continues', 'u_str LISTEN 0 128 /run/x.sock 139251 * 0'],
    ['continues', '\t skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d0)'],
    [null, 'LISTEN to me: 10:20'],
    [null, 'tcp      6 99 SYN_SENT src=10.244.1.5 dst=10.96.0.1 sport=40000 dport=443'],
    [null, '0 0 10.0.0.1:6443 10.0.0.2:5000'],
  ])('%s: %s', (verdict, text) => expect(ssFormat.line(text)).toBe(verdict));

  it.each([
    ['opens', 'tcp6       0      0 :::22     :::*    LISTEN      1/sshd'],
    ['opens', 'Active Internet connections (only servers)'],
    ['continues', 'unix  2      [ ACC ]     STREAM     LISTENING     139251   /run/x'],
    [null, 'tcp 80 and udp 53 are open'],
  ])('netstat %s: %s', (verdict, text) => expect(netstatFormat.line(text)).toBe(verdict));
});

describe('any text at all', () => {
  const pieces = [
    'tcp ',
    'LISTEN ',
    '0 ',
    '128 ',
    '0.0.0.0:22 ',
    '[::]:* ',
    '*:* ',
    'users:(("a",pid=1,fd=2))',
    '\n',
    '\t',
    'tcp6 ',
    '\0',
    '\ud800',
    'State Recv-Q Send-Q Local Address:Port',
  ];
  it('is read without a throw, every line in one state', () => {
    const texts = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })))
      .map((all) => all.join(''));
    for (const format of [ssFormat, netstatFormat]) {
      for (const text of hostileTexts) read(text, {}, format);
      fc.assert(
        fc.property(texts, (text) => {
          read(text, {}, format);
          for (const line of text.split('\n')) format.line(line);
        }),
      );
    }
  });

  it('takes a line of a mebibyte in linear time', () => {
    const pieces = ['tcp LISTEN 0 1 *:1 *:* users:((', ' ', '("', 'tcp 0 0 :::1 ', ' users:(('];
    for (const format of [ssFormat, netstatFormat]) {
      const readWith = (line: string) => {
        read(line, {}, format);
        format.line(line);
      };
      expect(slowLines(pieces, 1500, readWith)).toEqual([]);
    }
  });
});
