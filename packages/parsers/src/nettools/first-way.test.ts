/** route(8) and /proc/net/route show a route of several ways as its first: what such a route decides is never certain. */
import { type AssumeMode, formatIp, lookupRoute, parseIp4, placeOf } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { onlyNode, snapshotOf } from '../assemble/testing.js';

const address =
  '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.5/24 scope global eth0\n';
const old =
  'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n0.0.0.0         10.0.0.1        0.0.0.0         UG    0      0        0 eth0\n10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0\n';
const proc =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\neth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n';
const rest = '[root@n ~]# ip route show table local\nlocal 10.0.0.5 dev eth0 proto kernel scope host src 10.0.0.5\n';
const rules =
  '[root@n ~]# ip rule\n0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n';

describe.each([
  ['route -n', old],
  ['cat /proc/net/route', proc],
])('%s', (command, listing) => {
  const node = onlyNode(snapshotOf(`[root@n ~]# ${command}\n${listing}[root@n ~]# ip addr\n${address}${rest}${rules}`));
  const ask = (to: string, assume: AssumeMode) => {
    const dst = parseIp4(to);
    if (dst === null) throw new Error(to);
    const question = { src: null, iif: null, oif: null, mark: 0, tos: 0, proto: 6, sport: null, dport: null, uid: 0 };
    return lookupRoute(placeOf(node, node.host, assume), { family: 4, dst, ...question });
  };

  test('the first way of a gateway is taken, and named, or left open', () => {
    const answer = ask('192.0.2.1', 'defaults');
    expect(answer.kind === 'route' && answer.hops.map(({ via }) => via !== null && formatIp(via))).toEqual([
      '10.0.0.1',
    ]);
    expect(answer.assumptions.map(({ text }) => text).join()).toContain('may have more ways than the first');
    expect(ask('192.0.2.1', 'none')).toMatchObject({ kind: 'open', because: [{ dump: 'ip-route' }] });
  });

  test('a network that an address makes has one way', () => {
    for (const assume of ['defaults', 'none'] as const)
      expect(ask('10.0.0.9', assume)).toMatchObject({ kind: 'route', assumptions: [] });
  });
});
