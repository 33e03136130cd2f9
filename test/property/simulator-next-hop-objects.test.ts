/** Routes by next hop objects, where what the kernel made of them before decides, or how it filled the buckets of a group. */
import { interview, placeOf } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { nodeOf, router } from './node-text.js';

const rules6 = '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n';

function ask(dumps: Readonly<Record<string, string>>, probe: string): Readonly<Record<string, unknown>> {
  const node = nodeOf({ ...router, 'ip-6-rule.txt': rules6, ...dumps });
  return { ...interview(placeOf(node, node.host, 'none'))(probe, 1) };
}

const addresses = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    inet6 ::1/128 scope host
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 10.1.0.1/24 scope global eth0
    inet6 fd00:1::1/64 scope global
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 10.2.0.1/24 scope global eth1
    inet6 fd00:2::1/64 scope global
`;
const connected = `fd00:1::/64 dev eth0 proto kernel metric 256 pref medium
fd00:2::/64 dev eth1 proto kernel metric 256 pref medium
local fd00:1::1 dev eth0 table local proto kernel metric 0 pref medium
local fd00:2::1 dev eth1 table local proto kernel metric 0 pref medium
`;
const byObject = (dst: string, src: string): string =>
  `${dst} nhid 1 via fd00:2::9 dev eth1${src} metric 1024 pref medium\n`;

it.each([
  ['one route has it', byObject('2001:db8::/32', ''), { outcome: 'ok', src: 'fd00:2::1' }],
  [
    'all its routes give one source',
    byObject('2001:db8::/32', '') + byObject('2001:dead::/32', ' src fd00:2::1'),
    { outcome: 'ok', src: 'fd00:2::1' },
  ],
  [
    'another route has a src of its own',
    byObject('2001:db8::/32', '') + byObject('2001:dead::/32', ' src fd00:1::1'),
    {
      outcome: 'unknown',
      because: ['the source by a next hop object that several routes have depends on which of them was asked first'],
    },
  ],
])('the source by an object of IPv6: %s', (_sentence, routes, expected) => {
  for (const objects of [{ 'ip-nexthop.txt': 'id 1 via fd00:2::9 dev eth1 scope link\n' }, {}])
    expect(
      ask(
        { 'ip-addr.txt': addresses, 'ip-6-route.txt': routes + connected, ...objects },
        '{"id":1,"kind":"source","family":6,"dst":"2001:db8::1"}',
      ),
    ).toMatchObject(expected);
});

const group = `10.9.0.0/16 nhid 10
	nexthop via 10.1.0.9 dev eth0 weight 1
	nexthop via 10.2.0.9 dev eth1 weight 2
`;
const members = `id 1 via 10.1.0.9 dev eth0 scope link
id 2 via 10.2.0.9 dev eth1 scope link
`;

const resilient = ' type resilient buckets 8 idle_timer 120 unbalanced_timer 0';

it.each([
  ['', ['1/3', '2/3']],
  [`${resilient} unbalanced_time 0`, ['3/8', '5/8']],
  [`${resilient} unbalanced_time 3.2`, undefined],
])('of a group%s the ways are known by chance, of an unbalanced one nothing tells', (words, probabilities) => {
  // A resilient group would use it all the same.
  const second = words === '' ? 'lladdr 02:00:00:00:00:02 PERMANENT' : 'FAILED';
  const said = ask(
    {
      'ip-route.txt': group + (router['ip-route.txt'] ?? ''),
      'ip-nexthop.txt': `${members}id 10 group 1/2,2${words}\n`,
      'ip-neigh.txt': `10.1.0.9 dev eth0 lladdr 02:00:00:00:00:01 PERMANENT\n10.2.0.9 dev eth1 ${second}\n`,
    },
    '{"id":1,"kind":"routeget","family":4,"dst":"10.9.1.1"}',
  );
  const branches = said['branches'] as readonly { readonly probability: string }[] | undefined;
  expect(branches?.map(({ probability }) => probability)).toEqual(probabilities);
  expect(said['outcome']).toBe(probabilities === undefined ? 'unknown' : undefined);
});
