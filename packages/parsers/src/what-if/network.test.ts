/** Addresses, links, routes and rules that a what-if changes, and what `ip` refuses. */
import type { Snapshot } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { printRoute, printRule } from '../iproute/index.js';
import { parseSnapshot } from '../parse-snapshot.js';
import { applyText } from './apply-text.js';
import { host, said } from './testing.js';

describe('the network', () => {
  const captured = parseSnapshot(
    new Map([
      [
        'node-1/ip-addr.txt',
        `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0
       valid_lft forever preferred_lft forever
`,
      ],
      [
        'node-1/ip-route.txt',
        'default via 10.0.0.254 dev eth0 \n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n',
      ],
      [
        'node-1/ip-rule.txt',
        '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n',
      ],
      [
        'node-1/sysctl.txt',
        'net.ipv4.ip_forward = 0\nnet.ipv4.conf.all.forwarding = 0\nnet.ipv4.conf.default.forwarding = 0\nnet.ipv4.conf.eth0.forwarding = 0\n',
      ],
    ]),
  );
  const lines = (snapshot: Snapshot): readonly string[] => {
    const { routes, policyRules4, sysctl } = host(snapshot);
    const settings = [...sysctl.byKey.values()].map(({ key, value }) => `${key}=${value}`);
    return [...routes.rows.map((route) => printRoute(route).trim()), ...policyRules4.rows.map(printRule), ...settings];
  };
  test.each([
    ['ip route add 10.8.0.0/16 via 10.0.0.9', ['+ 10.8.0.0/16 via 10.0.0.9 dev eth0']],
    ['ip r a 10.8.0.0/16 via 10.0.0.9 dev eth0 metric 5', ['+ 10.8.0.0/16 via 10.0.0.9 dev eth0 metric 5']],
    [
      'ip route replace default via 10.0.0.253',
      ['- default via 10.0.0.254 dev eth0', '+ default via 10.0.0.253 dev eth0'],
    ],
    ['ip route del default', ['- default via 10.0.0.254 dev eth0']],
    ['ip addr add 10.9.0.1/24 dev eth0', ['+ 10.9.0.0/24 dev eth0 proto kernel scope link src 10.9.0.1']],
    [
      'ip addr del 10.0.0.1/24 dev eth0',
      ['- default via 10.0.0.254 dev eth0', '- 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1'],
    ],
    [
      'ip link set eth0 down',
      ['- default via 10.0.0.254 dev eth0', '- 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1'],
    ],
    ['ip rule add fwmark 0x1/0xff table 100 pref 10', ['+ 10:\tfrom all fwmark 0x1/0xff lookup 100']],
    ['ip rule add pref 0 lookup local\nip rule del pref 0', []],
    ['ip rule add pref 0 lookup local && ip rule add pref 9 lookup 7', ['+ 9:\tfrom all lookup 7']],
    [
      'sysctl -w net.ipv4.ip_forward=1',
      [
        'net/ipv4/ip_forward',
        'net/ipv4/conf/all/forwarding',
        'net/ipv4/conf/default/forwarding',
        'net/ipv4/conf/eth0/forwarding',
      ].flatMap((key) => [`- ${key}=0`, `+ ${key}=1`]),
    ],
    [
      'echo 1 > /proc/sys/net/ipv4/conf/eth0/forwarding',
      ['- net/ipv4/conf/eth0/forwarding=0', '+ net/ipv4/conf/eth0/forwarding=1'],
    ],
  ])('%s', (text, expected) => {
    const { snapshot, problems } = applyText(captured, text);
    expect(problems).toEqual([]);
    const [old, now] = [lines(captured), lines(snapshot)];
    const changed = [
      ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
      ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
    ];
    expect([...changed].sort()).toEqual([...expected].sort());
  });

  test.each([
    ['ip route add 10.8.0.0/16 via 172.16.0.1', 'refused: ip refuses this: Nexthop has invalid gateway'],
    ['ip route add default via 10.0.0.2', 'refused: ip refuses this: File exists'],
    ['ip addr add 10.0.0.1/24 dev eth0', 'refused: ip refuses this: Address already assigned'],
    ['ip addr add 10.0.0.1/24 dev eth9', 'refused: ip refuses this: Cannot find device "eth9"'],
    ['ip rule add pref 0 lookup local\nip rule add pref 0 lookup local', 'refused: ip refuses this: File exists'],
    ['ip rule add pref 32766 lookup main proto kernel', 'refused: ip refuses this: File exists'],
    [
      'ip neigh del 10.0.0.9 dev eth0',
      'not-captured: whether ip would do this cannot be told: the neighbours were not all captured',
    ],
    [
      'ip route del 10.8.0.0/16 table 100',
      'not-captured: whether ip would do this cannot be told: the routes of table 100 were not captured',
    ],
    [
      'ip link add br0 type bridge mcast_snooping 0',
      'unsupported: ip link add … type bridge mcast_snooping cannot be simulated',
    ],
    ['ip xfrm state flush', 'unsupported: ip xfrm cannot be simulated'],
    [
      'sysctl -p /etc/sysctl.conf',
      'unsupported: reading /etc/sysctl.conf, which no here-document of these commands writes, cannot be simulated',
    ],
  ])('%s', (text, expected) => {
    expect(said(text, captured)).toEqual([expected]);
  });

  test.each([
    ['br0 type bridge vlan_filtering 1 nf_call_iptables 1', { vlanFiltering: true, stp: false, nfCallIptables: true }],
    ['vx0 type vxlan id 7 dev eth0 nolearning df set', { dstport: 8472, learning: false, ttl: null, df: 'set' }],
    ['vx0 type vxlan vni 7 dstport 4789 hoplimit 9 tos inherit', { id: 7, dstport: 4789, ttl: 9, tos: 'inherit' }],
    ['tun1 type ipip remote 10.0.0.9 ttl 64', { ttl: 64, pmtudisc: true }],
    ['tun1 type ipip remote 10.0.0.9 dev eth0 fwmark 7', { dev: 'eth0', fwmark: 7 }],
    ['tun1 type ipip remote 10.0.0.9 nopmtudisc', { ttl: null, pmtudisc: false }],
    ['link eth0 name eth0.5 type vlan id 5', { id: 5, protocol: '802.1Q' }],
  ])('ip link add %s', (text, details) => {
    const { snapshot } = applyText(captured, `ip link add ${text}`);
    const made = host(snapshot).links.rows.find(({ name }) => name !== 'lo' && name !== 'eth0');
    expect(made?.details).toMatchObject(details);
  });
});

describe('IPv6 forwarding', () => {
  const node = (acceptRa: string) =>
    parseSnapshot(
      new Map([
        [
          'node-1/ip-6-route.txt',
          'fe80::/64 dev eth0 proto kernel metric 256 pref medium\ndefault via fe80::1 dev eth0 proto ra metric 1024 expires 1799sec hoplimit 64 pref medium\n',
        ],
        [
          'node-1/sysctl.txt',
          `net.ipv6.conf.all.forwarding = 0\nnet.ipv6.conf.eth0.accept_ra = ${acceptRa}\nnet.ipv6.conf.eth0.forwarding = 0\n`,
        ],
      ]),
    );
  test.each([
    ['the default route that the kernel learned goes', '1', 0],
    ['it stays where routers may learn too', '2', 1],
    ['it stays where a program read the advertisements', '0', 1],
  ])('%s', (_, acceptRa, left) => {
    const { snapshot } = applyText(node(acceptRa), 'sysctl -w net.ipv6.conf.all.forwarding=1');
    expect(host(snapshot).routes.rows.filter(({ dst }) => dst.length === 0)).toHaveLength(left);
  });
});

describe('what is written for devices to come', () => {
  const link = (index: number, name: string, rest = '') =>
    `${index}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\n    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff\n${rest}`;
  const inet = '    inet 10.0.0.1/24 scope global eth0\n       valid_lft forever preferred_lft forever\n';
  const parameters = ['all', 'default', 'lo', 'eth0', 'cali1', 'cali2'].flatMap((name) => [
    `net.ipv4.conf.${name}.rp_filter = ${name === 'cali2' ? 2 : 0}\n`,
    `net.ipv4.conf.${name}.forwarding = 0\n`,
  ]);
  const captured = parseSnapshot(
    new Map([
      ['node-1/ip-addr.txt', `${link(2, 'eth0', inet)}${link(3, 'cali1')}${link(4, 'cali2')}`],
      ['node-1/sysctl.txt', parameters.join('')],
    ]),
  );
  const unsettled = (text: string) => {
    const { snapshot, problems } = applyText(captured, text);
    expect(problems).toEqual([]);
    return [...host(snapshot).sysctl.byKey.values()].flatMap((row) => (row.unsettled ? [row.key] : []));
  };
  test.each([
    ['only a device without an address, with the value of default, may follow', 'default.rp_filter=1', ['cali1']],
    ['nothing changes where default has the value', 'default.rp_filter=0', []],
    ['forwarding of default is for devices to come', 'default.forwarding=1', []],
    ['all is asked beside the device, and leaves it', 'all.rp_filter=1', []],
  ])('%s', (_, setting, devices) => {
    expect(unsettled(`sysctl -w net.ipv4.conf.${setting}`)).toEqual(
      devices.map((name) => `net/ipv4/conf/${name}/rp_filter`),
    );
  });
  test('what is written for the device itself settles it', () => {
    expect(unsettled('sysctl -w net.ipv4.conf.default.rp_filter=1 net.ipv4.conf.cali1.rp_filter=1')).toEqual([]);
  });
});

describe('ssh', () => {
  const addressed = (name: string, address: string): readonly (readonly [string, string])[] => [
    [
      `${name}/ip-addr.txt`,
      `2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 state UP\n    inet ${address}/24 scope global eth0\n`,
    ],
    [`${name}/sysctl.txt`, 'net.ipv4.ip_forward = 0\n'],
  ];
  const both = parseSnapshot(
    new Map([...addressed('alpha.example.com', '10.0.0.1'), ...addressed('beta.example.com', '10.0.0.2')]),
  );
  test.each(['root@10.0.0.2', 'beta', 'beta.example.com'])('%s is the node beta', (name) => {
    const { snapshot, problems } = applyText(both, `ssh ${name} 'sysctl -w net.ipv4.ip_forward=1'`);
    expect(problems).toEqual([]);
    expect(host(snapshot, 'beta.example.com').sysctl.byKey.get('net/ipv4/ip_forward')?.value).toBe('1');
  });
  test('an address that no node has, or two have, names none', () => {
    const twice = parseSnapshot(new Map([...addressed('alpha', '10.0.0.1'), ...addressed('beta', '10.0.0.1')]));
    expect(said('ssh 10.0.0.9 true', both)).toEqual(['unknown-node: the snapshot has no node 10.0.0.9']);
    expect(said('ssh 10.0.0.1 true', twice)).toEqual(['unknown-node: the snapshot has no node 10.0.0.1']);
  });
});
