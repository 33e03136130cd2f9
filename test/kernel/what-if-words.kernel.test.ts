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
];

afterAll(() => rmSync(scratch, { force: true }));

describeKernel('commands in other words', () => {
  it.each(cases)('%s', (_, commands, dumps) => {
    expect(differences(runBoth(netSetup, commands, dumps))).toEqual([]);
  });
});
