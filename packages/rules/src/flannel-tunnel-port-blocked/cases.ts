/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import { alpha, beta, files, gamma, type World } from '../flannel/world.js';
import { dualStack } from '../flannel/world-ipv6.js';
import type { BuiltinCases } from '../testing/builtin-cases.js';

const world = (given: Partial<World>) => parseSnapshot(files({ nodes: [alpha, beta], backend: 'vxlan', ...given }));

const withoutFile = (name: string, given: Partial<World>) =>
  parseSnapshot(
    Object.fromEntries(
      Object.entries(files({ nodes: [alpha, beta], backend: 'vxlan', ...given })).filter(([file]) => file !== name),
    ),
  );

const ports =
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p tcp -m multiport --dports 22,10250 -j ACCEPT\n';
const dropping = (rules: string): NonNullable<World['edits']> => [
  ['beta/iptables-save.txt', ':INPUT ACCEPT', ':INPUT DROP'],
  ['beta/iptables-save.txt', /(?=-A FORWARD)/, rules],
];

const logged = (port: number) =>
  `[ 1203.500100] INPUT-DROP: IN=eth0 OUT= MAC=aa:bb:cc:00:00:01:aa:bb:cc:00:00:02:08:00 SRC=10.9.0.1 DST=10.9.0.2 LEN=134 TOS=0x00 PREC=0x00 TTL=64 ID=9 PROTO=UDP SPT=50333 DPT=${port} LEN=114`;

export const cases: BuiltinCases = {
  bad: [
    {
      name: 'only the log of the firewall tells',
      snapshot: parseSnapshot({ 'beta/hostname': 'beta\n', 'beta/dmesg.txt': `${logged(8472)}\n${logged(22)}\n` }),
    },
    { name: 'the policy of INPUT', snapshot: world({ nodes: [alpha, beta, gamma], edits: dropping(ports) }) },
    {
      name: 'the policy of INPUT, where only the routes show the node’s address',
      snapshot: withoutFile('beta/ip-addr.txt', { edits: dropping(ports) }),
    },
    {
      name: 'a rule of table raw',
      snapshot: world({
        edits: [
          [
            'beta/iptables-save.txt',
            /^/,
            '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --dport 8472 -j DROP\nCOMMIT\n',
          ],
        ],
      }),
    },
    {
      name: 'a rule for the udp backend',
      snapshot: world({
        backend: 'udp',
        edits: [
          [
            'beta/iptables-save.txt',
            /(?=-A FORWARD)/,
            '-A INPUT -s 10.66.0.0/24 -p udp -m udp --dport 8285 -j REJECT --reject-with icmp-port-unreachable\n',
          ],
        ],
      }),
    },
    {
      name: 'IPv6: ip6tables lets in nothing that it was not told of',
      snapshot: world({
        edits: [
          ...dualStack([alpha, beta]),
          [
            'beta/iptables-save.txt',
            /(ip6tables-save(?:.*\n){2}):INPUT ACCEPT(.*\n.*\n.*\n)/,
            `$1:INPUT DROP$2${ports}`,
          ],
        ],
      }),
    },
    {
      name: 'ufw lets in nothing that it was not told of',
      snapshot: world({
        edits: [
          ['beta/iptables-save.txt', ':INPUT ACCEPT', ':INPUT DROP'],
          [
            'beta/iptables-save.txt',
            ':FLANNEL-FWD',
            ':ufw-before-input - [0:0]\n:ufw-user-input - [0:0]\n:FLANNEL-FWD',
          ],
          [
            'beta/iptables-save.txt',
            /(?=-A FORWARD)/,
            '-A INPUT -j ufw-before-input\n-A ufw-before-input -j ufw-user-input\n-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT\n',
          ],
        ],
      }),
    },
    {
      name: 'the sender’s own OUTPUT',
      snapshot: world({
        edits: [['alpha/iptables-save.txt', /(?=-A FORWARD)/, '-A OUTPUT -p udp -m udp --dport 8472 -j DROP\n']],
      }),
    },
    {
      name: 'another port than the usual one',
      snapshot: world({
        edits: [
          ['alpha/ip-link.txt', 'dstport 8472', 'dstport 4789'],
          ['beta/ip-link.txt', 'dstport 8472', 'dstport 4789'],
          ...dropping(`${ports}-A INPUT -p udp -m udp --dport 8472 -j ACCEPT\n`),
        ],
      }),
    },
  ],
  good: [
    { name: 'nothing is dropped', snapshot: world({ nodes: [alpha, beta, gamma] }) },
    {
      name: 'the port is let in',
      snapshot: world({ edits: dropping(`${ports}-A INPUT -p udp -m udp --dport 8472 -j ACCEPT\n`) }),
    },
    { name: 'the nodes are let in', snapshot: world({ edits: dropping(`-A INPUT -s 10.66.0.0/24 -j ACCEPT\n`) }) },
    { name: 'host-gw needs no port', snapshot: world({ backend: 'host-gw', edits: dropping(ports) }) },
    {
      name: 'rules were not captured',
      snapshot: world({ files: { 'beta/iptables-save.txt': null } }),
      needs: ['iptables-save'],
    },
  ],
};
