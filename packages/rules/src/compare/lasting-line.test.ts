/** Lines of two captures of one healthy node, some seconds apart: ip, ss, netstat, conntrack and iptables-save. */
import { expect, it } from 'vitest';
import { lastingLine } from './lasting-line.js';

it.each([
  ['[0:0] -A INPUT -i lo -j ACCEPT', '[7:744] -A INPUT -i lo -j ACCEPT'],
  [':FORWARD DROP [4:240]', ':FORWARD DROP [34:2473]'],
  ['10.88.1.1 dev eth0 lladdr 0a:c2:d1:de:b0:9d REACHABLE', '10.88.1.1 dev eth0 lladdr 0a:c2:d1:de:b0:9d STALE '],
  [
    '10.0.0.9 dev a0 lladdr 02:00:00:00:00:09 ref 1 used 0/0/0 probes 1 REACHABLE',
    '10.0.0.9 dev a0 lladdr 02:00:00:00:00:09 used 31/26/3 probes 4 DELAY',
  ],
  ['fe80::1 dev a0 lladdr 02:00:00:00:00:09 router PROBE', 'fe80::1 dev a0 lladdr 02:00:00:00:00:09 router REACHABLE'],
  ['default via fe80::1 dev a0 proto ra metric 100 expires 1785sec', 'default via fe80::1 dev a0 proto ra metric 100'],
  [
    'tcp      6 107 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=443 packets=1 bytes=60 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=443 dport=40000 packets=0 bytes=0 mark=0 use=1',
    'tcp      6 99 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=443 packets=3 bytes=180 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=443 dport=40000 packets=0 bytes=0 mark=0 use=2',
  ],
  [
    'tcp   LISTEN 0      9            0.0.0.0:8080      0.0.0.0:*    users:(("python3",pid=3121,fd=3))',
    'tcp   LISTEN    2   9     0.0.0.0:8080      0.0.0.0:*    users:(("python3",pid=99,fd=3))',
  ],
  [
    'tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN      611/sshd',
    'tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN      8112/sshd: /usr/sbin',
  ],
])('%s', (one, other) => {
  expect(lastingLine(one)).toBe(lastingLine(other));
});

it.each([
  [':FORWARD DROP [4:240]', ':FORWARD ACCEPT [4:240]'],
  ['10.0.0.9 dev a0 lladdr 02:00:00:00:00:09 REACHABLE', '10.0.0.9 dev a0 lladdr 02:00:00:00:00:0a REACHABLE'],
  ['10.0.0.9 dev a0 lladdr 02:00:00:00:00:09 REACHABLE', '10.0.0.9 dev a0 lladdr 02:00:00:00:00:09 PERMANENT'],
  ['10.0.0.9 dev a0 lladdr 02:00:00:00:00:09 STALE', '10.0.0.9 dev a0 FAILED'],
  ['tcp LISTEN 0 9 0.0.0.0:8080 0.0.0.0:*', 'tcp LISTEN 0 9 127.0.0.1:8080 0.0.0.0:*'],
  ['10.1.0.0/16 via 10.0.0.1 dev a0', '10.1.0.0/16 via 10.0.0.2 dev a0'],
  ['tcp 6 9 SYN_SENT src=10.0.0.1 dst=10.0.0.2', 'tcp 6 9 ESTABLISHED src=10.0.0.1 dst=10.0.0.2'],
])('%s is not %s', (one, other) => {
  expect(lastingLine(one)).not.toBe(lastingLine(other));
});
