/** Which format a command's output is expected to be, and what its words say. */
import { describe, expect, test } from 'vitest';
import { sectionOf } from '../testing.js';
import { commandOf } from './command.js';
import { iprouteFormats } from './index.js';

test.each([
  ['ip a', 'ip-addr'],
  ['ip addr show eth0', 'ip-addr'],
  ['/sbin/ip -4 -o address', 'ip-addr'],
  ['ip -n pod1 addr', 'ip-addr'],
  ['ip l', 'ip-link'],
  ['ip -d -s link show type vxlan', 'ip-link'],
  ['ip r', 'ip-route'],
  ['ip ro ls t all', 'ip-route'],
  ['ip -6 route show table all', 'ip-route'],
  ['ip route get 8.8.8.8', 'ip-route-get'],
  ['ip r g 8.8.8.8', 'ip-route-get'],
  ['ip ru', 'ip-rule'],
  ['ip -6 rule list', 'ip-rule'],
  ['ip n', 'ip-neigh'],
  ['ip neighbor show proxy', 'ip-neigh'],
  ['ip nexthop', 'ip-nexthop'],
  ['ip addrlabel', 'ip-addrlabel'],
  ['ip netns', 'ip-netns'],
  ['ip netns list-id', 'ip-netns'],
  ['ip maddr', 'ip-maddr'],
  ['bridge fdb show dev flannel.1', 'bridge-fdb'],
  ['bridge -d link', 'bridge-link'],
  ['bridge vlan', 'bridge-vlan'],
  ['ip -j addr', 'iproute-json'],
  ['ip -d -json route', 'iproute-json'],
  ['ip -n pod1 -p -j rule', 'iproute-json'],
  ['bridge -j fdb', 'iproute-json'],
  ['ip netns exec pod1 ip route', 'ip-route'],
  ['ip tunnel', 'ip-tunnel'],
])('%s prints %s', (command, id) => {
  expect(
    iprouteFormats
      .filter((format) => format.commands.some((pattern) => pattern.test(command)))
      .map((format) => format.id),
  ).toEqual([id]);
});

test.each(['ipset list', 'iptables -L', 'ip xfrm state', 'tc qdisc', 'ipvsadm -Ln', 'route -n'])(
  '%s prints none of them',
  (command) => {
    expect(iprouteFormats.filter((format) => format.commands.some((pattern) => pattern.test(command)))).toEqual([]);
  },
);

describe('the words of a command', () => {
  test.each([
    [
      'ip -6 -d route show table all',
      { family: 6, object: 'route', args: ['table', 'all'], options: ['6', 'd'], piped: false },
    ],
    ['ip netns exec pod1 ip -4 route', { family: 4, object: 'route', args: [] }],
    ['nsenter -t 1 -n /usr/sbin/ip rule ls', { object: 'rule', args: [] }],
    ['ip -f inet6 addr 2>&1', { family: 6, object: 'addr', args: [] }],
    ['ip route | grep default', { piped: true }],
    ['ip -j route | python3 -m json.tool', { piped: false }],
    ['ip route|sort', { piped: false }],
  ])('%s', (command, expected) => {
    expect(commandOf(sectionOf('', { command }))).toMatchObject(expected);
  });

  test.each([
    ['sos_commands/networking/ip_-6_route_show_table_all', { family: 6, object: 'route', args: ['table', 'all'] }],
    ['networking/ip-route-table-100.txt', { family: null, object: 'route', args: ['table', '100'] }],
    ['ip_-d_address', { object: 'address', args: [] }],
    ['ip6-rule.txt', { family: 6, object: 'rule' }],
    ['ip-route-node1.txt', { object: 'route', args: [] }],
  ])('a file called %s', (path, expected) => {
    expect(commandOf(sectionOf('', { path }))).toMatchObject({ typed: false, ...expected });
  });

  test('a file of another name tells nothing', () => {
    expect(commandOf(sectionOf('', { path: 'node1/notes.txt' }))).toBeNull();
  });
});
