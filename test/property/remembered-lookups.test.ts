/** A lookup that is answered from memory says what a first one says, whatever was asked before. route/remembered.ts. */
import { lookupRoute, placeOf, type RouteQuestion } from '@coldtrace/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ip, nodeOf } from './node-text.js';

const routes4 = [
  'default via 10.0.0.9 dev eth0',
  'default via 10.1.0.9 dev eth1',
  'default via 10.1.0.8 dev eth1 metric 5',
  '10.2.0.0/16 via 10.0.0.9 dev eth0',
  '10.2.0.0/16 tos 0x10 via 10.1.0.9 dev eth1',
  '10.2.3.0/24 nexthop via 10.0.0.9 dev eth0 weight 1 nexthop via 10.1.0.9 dev eth1 weight 2',
  'throw 10.2.4.0/24',
  'unreachable 10.3.0.0/16',
  '10.4.0.0/24 dev gone',
];

const routes6 = [
  'default via fd00::9 dev eth0 metric 1024 pref medium',
  'default via fd01::9 dev eth1 metric 1024 pref medium',
  'fd02::/64 via fd00::9 dev eth0 metric 1024 pref medium',
  'fd02::/64 from fd00::/64 via fd01::9 dev eth1 metric 1024 pref medium',
  'fe80::/64 dev eth0 metric 256 pref medium',
  'fe80::/64 dev eth1 metric 256 pref medium',
  'unreachable fd03::/64 dev lo metric 1024 pref medium',
];

const targets = {
  4: ['10.2.3.4', '10.2.4.4', '10.2.9.9', '10.3.0.1', '10.4.0.1', '8.8.8.8', '8.8.4.4', '10.0.0.1'],
  6: ['fd02::1', 'fd02::2', 'fd03::1', 'fe80::2', 'ff02::1', '2001:db8::1', 'fd00::1'],
} as const;

const addresses = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    inet 10.0.0.1/24 scope global eth0
    inet6 fd00::1/64 scope global
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    inet 10.1.0.1/24 scope global eth1
    inet6 fd01::1/64 scope global
`;

const rules = {
  4: '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n',
  6: '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
};

const device = fc.constantFrom(null, null, 'eth0', 'eth1');

const question = fc.constantFrom(4 as const, 6 as const).chain((family) =>
  fc.record({
    family: fc.constant(family),
    dst: fc.constantFrom(...targets[family]).map(ip),
    src: fc
      .constantFrom(null, ...(family === 4 ? ['10.0.0.1', '10.2.3.4'] : ['fd00::1', 'fe80::2']))
      .map((text) => (text === null ? null : ip(text))),
    iif: device,
    oif: device,
    tos: fc.constantFrom(0, 16),
    strict: fc.boolean(),
    reverse: fc.boolean(),
  }),
);

const most: Omit<RouteQuestion, 'family' | 'dst' | 'src' | 'iif' | 'oif' | 'tos'> = {
  mark: 0,
  proto: 6,
  sport: 1024,
  dport: 80,
  uid: 0,
};

it('what was asked before makes no difference', () => {
  let again = 0;
  fc.assert(
    fc.property(
      fc.record({ four: fc.subarray(routes4), six: fc.subarray(routes6), odd: fc.boolean(), bare: fc.boolean() }),
      fc.constantFrom('none' as const, 'defaults' as const),
      fc.array(question, { minLength: 10, maxLength: 30 }),
      ({ four, six, odd, bare }, assume, questions) => {
        const node = nodeOf({
          hostname: 'n\n',
          'ip-addr.txt': addresses,
          'ip-route.txt': [...four, 'local 10.0.0.1 dev eth0 table local', ''].join('\n'),
          'ip-6-route.txt': [...six, 'local fd00::1 dev eth0 table local metric 0', ''].join('\n'),
          'ip-6-rule.txt': rules[6],
          ...(bare ? {} : { 'ip-rule.txt': odd ? `100:\tfrom all tos 0x10 lookup main\n${rules[4]}` : rules[4] }),
        });
        const place = placeOf(node, node.host, assume);
        const seen = new Set<string>();
        for (const asked of questions) {
          const whole: RouteQuestion = { ...most, ...asked };
          expect(lookupRoute(place, whole)).toEqual(lookupRoute(placeOf(node, node.host, assume), whole));
          if (seen.has(JSON.stringify(asked.dst))) again++;
          seen.add(JSON.stringify(asked.dst));
        }
      },
    ),
    { numRuns: 40 },
  );
  expect(again).toBeGreaterThan(50);
});
