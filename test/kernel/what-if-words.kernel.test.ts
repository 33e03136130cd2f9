/** Commands that people write in other forms than the tools' manuals show first: the real tools and the interpreter refuse the same and are left with the same. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeKernel } from './gate.js';
import { type DumpName, differences, runBoth } from './what-if/both.js';
import { netSetup } from './what-if/net-commands.js';

const network: readonly DumpName[] = [
  'ip-addr.txt',
  'ip-route.txt',
  'ip-6-route.txt',
  'ip-rule.txt',
  'ip-neigh.txt',
  'bridge-fdb.txt',
];
const scratch = join(tmpdir(), `coldtrace-what-if-${process.pid}`);
const vxlan = 'ip link add vx0 address 02:00:00:00:07:07 type vxlan id 1 dstport 8472';

const cases: readonly (readonly [says: string, commands: readonly string[], dumps: readonly DumpName[]])[] = [
  [
    'a VXLAN device adds ends to all zeros and to groups, and to no other address',
    [
      vxlan,
      'bridge fdb append 02:00:00:00:00:78 dst 10.0.0.2 dev vx0',
      'bridge fdb append 02:00:00:00:00:78 dst 10.0.0.3 dev vx0',
      'bridge fdb append 00:00:00:00:00:00 dst 10.0.0.3 dev vx0',
      'bridge fdb append 00:00:00:00:00:00 dst 10.0.0.3 dev vx0',
      'bridge fdb append 00:00:00:00:00:00 dst 10.0.0.4 dev vx0',
      'bridge fdb add 00:00:00:00:00:00 dst 10.0.0.5 dev vx0',
      'bridge fdb append to 01:00:5e:00:00:09 dst 10.0.0.4 dev vx0',
      'bridge fdb replace 00:00:00:00:00:00 dst 10.0.0.9 dev vx0',
      'bridge fdb replace dev vx0 2:0:0:0:0:79 dst 10.0.0.9',
      'bridge fdb del 02:00:00:00:00:78 dst 10.0.0.1 dev vx0',
      'bridge fdb del 00:00:00:00:00:00 dst 10.0.0.3 dev vx0',
      'bridge fdb del 02:00:00:00:00:99 dev vx0',
    ],
    network,
  ],
  [
    'a VXLAN device leads between addresses of one family',
    [
      vxlan,
      'bridge fdb add 02:00:00:00:00:78 dst fd00::2 dev vx0',
      'bridge fdb replace 02:00:00:00:00:78 dst 10.0.0.2 dev vx0',
      'ip link add vx6 address 02:00:00:00:07:08 type vxlan id 2 local fd00::1 dstport 8473',
      'bridge fdb append 00:00:00:00:00:00 dst 10.0.0.2 dev vx6',
      'bridge fdb replace 02:00:00:00:00:78 dst 10.0.0.2 dev vx6',
      'bridge fdb replace 02:00:00:00:00:78 dst fd00::2 dev vx6',
    ],
    network,
  ],
  [
    'a VXLAN device leaves room for its headers in what the device below it carries',
    [
      vxlan,
      'ip link set a0 mtu 1400',
      'ip link add vx4 address 02:00:00:00:07:14 type vxlan id 4 dev a0 local 10.0.0.1 dstport 8474',
      'ip link set vx4 mtu 1350',
      'ip link set vx4 mtu 1351',
      'ip link add vx6 address 02:00:00:00:07:16 type vxlan id 6 dev a0 local fd00::1 dstport 8476',
      'ip link set vx6 mtu 1330',
      'ip link set vx6 mtu 1331',
      'ip link set vx0 mtu 2000',
      'ip link set a0 mtu 1300',
      'ip link set vx4 mtu 1260',
      'ip link set vx4 mtu 1250',
    ],
    network,
  ],
  [
    'IPv6 routes with gateways and one metric become one route of several ways',
    [
      'ip -6 route append fd08::/64 dev a0',
      'ip -6 route append fd08::/64 dev a0',
      'ip -6 route append blackhole fd09::/64',
      'ip -6 route append blackhole fd09::/64',
      'ip -6 route append fd07::/64 via fd00::2',
      'ip -6 route append fd07::/64 via fd00::3',
      'ip -6 route append fd07::/64 via fd00::3',
      'ip -6 route append fd07::/64 dev a0',
      'ip -6 route add fd06::/64 dev a0',
      'ip -6 route append fd06::/64 via fd00::3',
      'ip -6 route replace fd06::/64 via fd00::9',
      'ip -6 route append fd05::/64 nexthop via fd00::5 nexthop via fd00::6 weight 3',
      'ip -6 route append fd05::/64 via fd00::7',
    ],
    network,
  ],
  [
    'words of ip in other places and forms',
    [
      'ip route add 10.7.0.0/16 via fd00::2',
      'ip -6 route add fd07::/64 via 10.0.0.2',
      'ip route add 10.7.0.0/16 via 10.0.0.2 priority 0x1f protocol 42',
      'ip neigh add 10.0.0.9 lladdr 2:a:b:c:d:e dev a0',
      'ip neigh flush 10.0.0.9',
      'ip neigh add 10.0.0.8 lladdr 2:a:b:c:d:e dev a0 nud stale',
      'ip neigh flush to 10.0.0.8',
      'ip neigh flush all',
      'ip link set up dev a0 mtu 1300',
      'ip link set a0 mtu 70000',
      'ip addr flush b0 scope global',
      'ip link add vx1 address 02:00:00:00:07:08 type vxlan id 2 dstport 8472 dev a0 local fd00::1',
    ],
    network,
  ],
  [
    'IPv6 switched off and on again',
    [
      'sysctl -w net.ipv6.conf.b0.disable_ipv6=1',
      'sysctl -w net.ipv6.conf.all.disable_ipv6=1',
      'sysctl -w net.ipv6.conf.all.disable_ipv6=0',
    ],
    ['ip-addr.txt', 'ip-route.txt', 'ip-6-route.txt', 'sysctl.txt'],
  ],
  [
    'parameters in other forms',
    [
      'sysctl -w net.ipv4.ip_forward 1',
      'sysctl -ew net.ipv4.nope=1',
      'sysctl -w net.ipv4.nope=1',
      'sysctl net/ipv4/conf/a0/rp_filter=2 net.ipv4.ip_forward=1',
    ],
    ['sysctl.txt'],
  ],
  [
    'default takes devices along that have had no address and no value of their own',
    [
      'sysctl -w net.ipv4.conf.default.arp_ignore=1',
      'sysctl -w net.ipv4.conf.default.route_localnet=1',
      'sysctl -w net.ipv4.conf.default.forwarding=1',
    ],
    ['ip-addr.txt', 'sysctl.txt'],
  ],
  [
    'a batch for ip: what stands before the line that fails is done, with -force what follows too',
    [
      "ip -batch - <<'EOF'\n# routes\nroute add 10.7.0.0/16 via 10.0.0.2 dev a0 # one\n\nrule add from 10.9.9.0/24 lookup 100\nEOF",
      "ip -b - <<'EOF'\nroute add 10.8.0.0/16 dev a0\nroute add 10.7.0.0/16 via 10.0.0.2\nroute add 10.9.0.0/16 dev a0\nEOF",
      "ip -force -b - <<'EOF'\nroute add 10.10.0.0/16 dev a0\nroute add 10.7.0.0/16 via 10.0.0.2\nroute add 10.11.0.0/16 dev a0\nEOF",
      "ip -6 -ba - <<'EOF'\nroute add fd07::/64 via fd00::2\nrule add from fd09::/64 lookup 100\nEOF",
      `cat > ${scratch} <<'EOF'\naddr add 10.3.0.1/24 dev b0\nlink set b0 mtu 1400\nneigh add 10.3.0.2 lladdr 02:00:00:00:00:09 dev b0\nEOF\nip -batch ${scratch}`,
    ],
    [...network, 'ip-6-rule.txt'],
  ],
  [
    'parameters out of a file: those that can be set are, whatever stands before them',
    [
      `cat > ${scratch} <<'EOF'\n; old\n# new\nnet.ipv4.ip_forward=1\nnet/ipv4/conf/a0/rp_filter = 2\n-net.ipv4.nope = 1\nEOF\nsysctl -p ${scratch}`,
      "sysctl -p - <<'EOF'\nnet.ipv4.nope = 1\nnet.ipv4.conf.b0.arp_ignore = 1\nEOF",
      "sysctl -e -p - <<'EOF'\nnet.ipv4.nope = 1\nnet.ipv4.conf.b0.arp_announce = 2\nEOF",
    ],
    ['sysctl.txt'],
  ],
  [
    'rules and sets out of files that were written before',
    [
      `cat > ${scratch} <<'EOF'\n*filter\n:INPUT DROP [0:0]\n:A - [0:0]\n-A INPUT -j A\n-A A -p udp -j ACCEPT\nCOMMIT\nEOF\niptables-nft-restore < ${scratch}`,
      `cat > ${scratch} <<'EOF'\n*filter\n-A A -p tcp -j ACCEPT\nCOMMIT\nEOF\niptables-nft-restore -n ${scratch}`,
      `tee ${scratch} >/dev/null <<'EOF'\ncreate s1 hash:ip\nadd s1 10.0.0.1\nEOF\nipset restore < ${scratch}`,
      `cat > ${scratch} <<'EOF'\nadd s1 10.0.0.1\nadd s1 10.0.0.2\nEOF\nipset restore -exist -f ${scratch}`,
    ],
    ['iptables-nft-save.txt', 'ipset-save.txt'],
  ],
  ...(['legacy', 'nft'] as const).map(
    (variant) =>
      [
        `iptables-${variant}: tables that came to their COMMIT stay, and words have their places`,
        [
          `iptables-${variant} -A INPUT -p udp -j ACCEPT`,
          `iptables-${variant}-restore <<'END'\n*filter\n:A - [0:0]\n-A A -j DROP\nCOMMIT\n*nat\n-A NOPE -j DROP\nCOMMIT\nEND`,
          `iptables-${variant}-restore -n <<'END'\n*filter\n-I INPUT 2 -s 10.0.0.1 -j DROP\nCOMMIT\nEND`,
          `iptables-${variant}-restore -nc --table=nat <<'END'\n*nat\n[5:300] -A OUTPUT -j ACCEPT\nCOMMIT\n*filter\n-A FORWARD -j ACCEPT\nCOMMIT\nEND`,
          `iptables-${variant} -A INPUT -j DROP`,
          `iptables-${variant} -D INPUT 1 -j DROP`,
          `iptables-${variant} -A INPUT -s ! 10.0.0.5 -j ACCEPT`,
          `iptables-${variant} -P FORWARD DROP now`,
          `iptables-${variant} -t nat -t filter -4 -A INPUT -j ACCEPT`,
          `iptables-${variant} -6 -A INPUT -s fd00::/16 -j ACCEPT`,
          `iptables-${variant} -t nope -L`,
          `iptables-${variant} -L -Z`,
          `iptables-${variant} -A INPUT -j FORWARD`,
          `iptables-${variant} -A INPUT -g OUTPUT`,
          `iptables-${variant} -A INPUT -g NOPE`,
          `iptables-${variant} -V`,
        ],
        [`iptables-${variant}-save.txt`],
      ] as const,
  ),
  [
    'ipset restore: what the kernel refuses leaves what stands before, what ipset refuses loses elements that wait',
    [
      "ipset restore <<'END'\ncreate a hash:ip\nadd a 10.0.0.1\nadd a 10.0.0.1\nadd a 10.0.0.2\nEND",
      "ipset restore <<'END'\ncreate b hash:ip\nadd b 10.0.0.1\nadd nope 10.0.0.1\nadd b 10.0.0.2\nEND",
      "ipset restore <<'END'\ncreate c hash:ip\nadd c 10.0.0.1\nflush nope\nadd c 10.0.0.2\nEND",
      'ipset destroy a b',
      'ipset create a-name-that-is-longer-than-31-characters hash:ip',
    ],
    ['ipset-save.txt'],
  ],
  [
    'families and tables of rules and routes',
    [
      'ip rule add',
      'ip rule add from fd00::/64 table 100',
      'ip -6 rule add from fd00::/64 table 100',
      'ip rule add from 10.8.0.0/16 table 5000000000',
      'ip route add prohibit 10.86.0.0/16 dev a0',
      'ip -6 route add fd90::1/64 dev a0',
      'ip -6 route add fd94::/64 dev a0 metric 0',
      'ip route add 10.87.0.0/16 dev a0',
      'ip route add 10.40.0.0/16 via 10.0.0.9 src 10.1.0.1',
      'ip route add 10.40.0.0/16 via 10.0.0.9 src 10.1.0.1 table 100',
      'ip addr del 10.1.0.1/16 dev b0',
      'ip route flush scope link',
      'ip addr del fd00::1 dev a0',
      'ip addr add 10.3.3.3/24 10.3.3.4/24 dev a0',
    ],
    [...network, 'ip-6-rule.txt'],
  ],
  [
    'devices and those behind them',
    [
      'ip l s a0 mtu 1400',
      'ip link set a0 mtu 10',
      vxlan,
      'ip link add vx1 address 02:00:00:00:07:09 type vxlan id 1 dstport 8472',
      'ip neigh add 10.0.0.8 dev a0',
      'bridge fdb add 02:00:00:00:00:7e dev a1 master',
      'ip link add br0 address 02:00:00:00:00:10 type bridge',
      'ip link set b0 master br0',
      'bridge fdb add 02:00:00:00:00:7a dev br0 self',
    ],
    ['ip-addr.txt'],
  ],
  [
    'values that a parameter takes',
    [
      'sysctl -w net.ipv4.ip_forward=abc',
      'sysctl -w net.ipv4.ip_forward=',
      'sysctl -w net.ipv4.conf.a0.rp_filter=0x2',
      'sysctl -w net.ipv4.conf.a0.rp_filter=99999999999',
      'sysctl -w net.ipv4.ip_default_ttl=0',
      'sysctl -w net.ipv4.ip_local_port_range="20000 30000"',
      'sysctl -w net.ipv4.ip_local_port_range=25000',
      'sysctl net.nope',
      'sysctl -w net.ipv4.nope=1 net.ipv4.conf.b0.rp_filter=2',
      'sysctl -w',
      'printf 2 > /proc/sys/net/ipv4/conf/a0/arp_announce',
      'echo -n 1 > /proc/sys/net/ipv4/conf/b0/arp_filter',
      "cat > /proc/sys/net/ipv4/conf/b0/arp_ignore <<'END'\n1\nEND",
      'echo 1 > /proc/sys/net/ipv4/conf/nope/arp_filter',
    ],
    ['sysctl.txt'],
  ],
  [
    'lines of a shell',
    [
      'command ip route add 10.50.0.0/16 via 10.0.0.9',
      'timeout 5 env LC_ALL=C ip route add 10.51.0.0/16 via 10.0.0.9',
      "echo 'route add 10.52.0.0/16 via 10.0.0.9' | ip -b -",
      `echo 'route add 10.53.0.0/16 via 10.0.0.9' > ${scratch}; ip -b ${scratch}`,
      'ip route del 10.50.0.0/16 && exit 0; ip route add 10.54.0.0/16 via 10.0.0.9',
      'ip route add 10.51.0.0/16 via 10.0.0.9 || exit 1; ip route add 10.55.0.0/16 via 10.0.0.9',
      'ip route add 10.56.0.0/16 via 10.0.0.9 </dev/null >/dev/null 2>&1',
    ],
    ['ip-route.txt'],
  ],
];

afterAll(() => rmSync(scratch, { force: true }));

describeKernel('commands in other words', () => {
  it.each(cases)('%s', (_, commands, dumps) => {
    expect(differences(runBoth(netSetup, commands, dumps))).toEqual([]);
  });
});
