import { readFileSync } from 'node:fs';
import { formatIp } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { sectionOf } from '../testing.js';
import { observationFormats } from './index.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

function read(id: string, text: string, command: string | null = null): readonly string[] {
  const format = observationFormats.find((one) => one.id === id);
  if (format === undefined) throw new Error(id);
  return format.parse(sectionOf(text, { command })).value.flatMap((facts) =>
    facts.kind !== 'observations'
      ? []
      : facts.rows.map((one) => {
          if (one.kind === 'traffic') return `${one.dev} ${one.rxBytes} ${one.txBytes}`;
          return one.kind === 'attempt'
            ? `${one.outcome} ${one.ip === null ? '-' : formatIp(one.ip)}:${one.port ?? '-'}`
            : one.kind;
        }),
  );
}

describe('attempts of the other tools', () => {
  const table: readonly (readonly [string, string, string | null, readonly string[]])[] = [
    ['ping', fixture('bbping-ok.txt'), null, ['answered 192.168.21.11:-']],
    ['ping', fixture('bbping-fail.txt'), null, ['timeout 192.168.21.99:-']],
    [
      'ping',
      'PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.\nFrom 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n\n--- 10.0.0.9 ping statistics ---\n2 packets transmitted, 0 received, +1 errors, 100% packet loss, time 1001ms\npipe 2\n',
      null,
      ['unreachable 10.0.0.9:-'],
    ],
    [
      'ping',
      'PING 1.1.1.1 (1.1.1.1) 56(84) bytes of data.\nFrom 10.0.0.1 icmp_seq=1 Destination Host Prohibited\n\n--- 1.1.1.1 ping statistics ---\n2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1001ms\n',
      null,
      ['unreachable 1.1.1.1:-'],
    ],
    ['ping', 'From 10.0.0.1 icmp_seq=1 Packet filtered\n', 'ping 1.1.1.1', ['unreachable 1.1.1.1:-']],
    ['ping', 'ping: connect: Network is unreachable\n', 'ping -c 1 10.0.0.9', ['unreachable 10.0.0.9:-']],
    ['ping', 'connect: Network is unreachable\n', 'ping 10.0.0.9', ['unreachable 10.0.0.9:-']],
    [
      'ping',
      'PING fd00:9::2(fd00:9::2) 56 data bytes\n64 bytes from fd00:9::2: icmp_seq=1 ttl=64 time=0.071 ms\n^C\n--- fd00:9::2 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n',
      null,
      ['answered fd00:9::2:-'],
    ],
    [
      'ping',
      'PING gw(gw (fd00::9)) from fd00::5 eth0: 56 data bytes\nFrom gw (fd00::1): icmp_seq=1 Destination unreachable: No route\n',
      null,
      ['unreachable fd00::9:-'],
    ],
    ['nc', 'db [10.0.0.7] 5432 (postgresql) : Connection refused\n', 'nc -vz db 5432', ['refused 10.0.0.7:5432']],
    [
      'nc',
      'nc: connect to db (10.0.0.7) port 2379 (tcp) timed out: Operation now in progress\n',
      null,
      ['timeout 10.0.0.7:2379'],
    ],
    // Nothing refused the datagram, and nothing answered it either.
    ['nc', 'Connection to 10.0.0.1 8472 port [udp/*] succeeded!\n', null, ['unknown 10.0.0.1:8472']],
    ['nc', '10.0.0.1 (10.0.0.1:53) open\n', 'nc -zvu 10.0.0.1 53', ['unknown 10.0.0.1:53']],
    ['nc', 'Connection to 10.0.0.1 443 port [tcp/https] succeeded!\n', null, ['answered 10.0.0.1:443']],
    ['nc', 'nc: connect to 10.0.0.1 port 443 (tcp) failed: Connection refused\n', null, ['refused 10.0.0.1:443']],
    [
      'nc',
      'Ncat: Version 7.50 ( https://nmap.org/ncat )\nNcat: Connected to 10.0.0.1:443.\nNcat: 0 bytes sent, 0 bytes received in 0.01 seconds.\n',
      null,
      ['answered 10.0.0.1:443'],
    ],
    ['nc', 'Ncat: Connection timed out.\n', 'nc -zv 10.0.0.1 443', ['timeout 10.0.0.1:443']],
    [
      'nc',
      '10.0.0.1 (10.0.0.1:443) open\nnc: 10.0.0.2 (10.0.0.2:443): Connection refused\n',
      null,
      ['answered 10.0.0.1:443', 'refused 10.0.0.2:443'],
    ],
    ['wget', fixture('wget-401.txt'), null, ['answered 192.168.21.11:8080']],
    ['wget', fixture('wget-refused.txt'), null, ['refused 192.168.21.11:81']],
    ['wget', fixture('wget-timeout.txt'), null, ['timeout 192.168.21.97:80']],
    ['wget', 'Connecting to 10.96.0.1 (10.96.0.1:443)\nwget: download timed out\n', null, ['timeout 10.96.0.1:443']],
    ['dns-query', fixture('bbnslookup.txt'), 'nslookup kubernetes.default 192.168.21.11', ['timeout 192.168.21.11:53']],
    [
      'dns-query',
      'Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nName:      kubernetes.default\nAddress 1: 10.96.0.1 kubernetes.default.svc.cluster.local\n',
      null,
      ['answered 10.96.0.10:53'],
    ],
    [
      'dns-query',
      "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n** server can't find foo: NXDOMAIN\n",
      null,
      ['name-error 10.96.0.10:53'],
    ],
    [
      'dns-query',
      '; <<>> DiG 9.16 <<>> @10.96.0.10 a\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n;; SERVER: 10.96.0.10#53(10.96.0.10)\n',
      null,
      ['answered 10.96.0.10:53'],
    ],
    [
      'kubectl-error',
      'The connection to the server 10.0.0.9:6443 was refused - did you specify the right host or port?\n',
      null,
      ['refused 10.0.0.9:6443'],
    ],
    [
      'kubectl-error',
      'Unable to connect to the server: dial tcp 10.0.0.9:6443: i/o timeout\n',
      null,
      ['timeout 10.0.0.9:6443'],
    ],
    [
      'vnstat',
      '   eth0 since 2020-07-06\n\n          rx:  1.50 GiB      tx:  512.00 KiB      total:  1.50 GiB\n',
      null,
      ['eth0 1610612736 524288'],
    ],
    [
      'vnstat',
      '1;eth0;11/20/26;1.20 GiB;300.11 MiB;1.49 GiB;150.00 kbit/s;2026-11;20.10 GiB;3.00 GiB;23.10 GiB;90.00 kbit/s;2.00 GiB;512.00 MiB;2.50 GiB\n',
      'vnstat --oneline',
      ['eth0 2147483648 536870912'],
    ],
    ['vnstat', `1;eth0;2026-11-20;1;2;3;4;2026-11;5;6;11;4;700;800;1500\n`, 'vnstat --oneline b', ['eth0 700 800']],
    ['dns-query', '10.96.0.1\n', 'dig +short kubernetes.default @10.96.0.10', ['answered 10.96.0.10:53']],
    ['dns-query', 'www.cdn.example.\n192.0.2.7\n', 'dig @10.96.0.10 www.example +short', ['answered 10.96.0.10:53']],
    [
      'dns-query',
      ';; connection timed out; no servers could be reached\n',
      'dig +short a.example @10.96.0.10',
      ['timeout 10.96.0.10:53'],
    ],
    [
      'vnstat',
      ' Sampling eth1 (5 seconds average)...\n4123 packets sampled in 5 seconds\nTraffic average for eth1\n\n      rx         8.00 Mbit/s            123 packets/s\n      tx        16.00 kbit/s             45 packets/s\n',
      null,
      ['eth1 5000000 10000'],
    ],
    ['telnet', 'Trying 10.0.0.1...\n^C\n', 'telnet 10.0.0.1 443', ['unknown 10.0.0.1:443']],
    ['curl', '^C\n', 'curl http://10.0.0.1', ['unknown 10.0.0.1:80']],
    ['telnet', 'Trying 10.0.0.1...\nConnected to 10.0.0.1.\n^C\n', 'telnet 10.0.0.1 443', ['answered 10.0.0.1:443']],
    ['telnet', 'Trying 10.0.0.1...\ntelnet: connect to address 10.0.0.1: 连接超时\n', null, ['timeout 10.0.0.1:-']],
    [
      'telnet',
      'Trying 10.0.0.1...\ntelnet: connect to address 10.0.0.1: Verbindungsaufbau abgelehnt\n',
      null,
      ['refused 10.0.0.1:-'],
    ],
    [
      'wget',
      '--2020-07-06 10:00:00--  http://10.0.0.1/\n正在连接 10.0.0.1:80... 失败：连接超时。\n',
      null,
      ['timeout 10.0.0.1:80'],
    ],
    [
      'wget',
      '--2020-07-06 10:00:00--  http://10.0.0.1/\n正在连接 10.0.0.1:80... 已连接。\n已发出 HTTP 请求，正在等待回应... 200 OK\n',
      null,
      ['answered 10.0.0.1:80'],
    ],
    ['curl', '* About to connect() to 10.0.0.1 port 80 (#0)\n* 拒绝连接\n', null, ['refused 10.0.0.1:80']],
  ];
  it.each(table)('%s: %j (%s)', (id, text, command, expected) => {
    expect(read(id, text, command)).toEqual(expected);
  });
});

describe('lines that are nobody’s', () => {
  it.each([
    'Server was down',
    'Name:               node-1',
    'Connecting the dots',
    'nc is missing',
    '64 bytes are enough',
    'eth0 since you ask',
    'rx packets 12',
  ])('%j', (line) => {
    expect(observationFormats.filter((one) => one.line(line) === 'opens').map((one) => one.id)).toEqual([]);
  });
});
