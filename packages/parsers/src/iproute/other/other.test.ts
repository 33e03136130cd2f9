/** The smaller outputs: nexthops, address labels, namespaces, multicast memberships, bridges. */
import { type Facts, formatIp, formatMac, formatPrefix } from '@coldtrace/core';
import { describe, expect, test } from 'vitest';
import { sectionOf } from '../../testing.js';
import { iprouteFormats } from '../index.js';

type Given = Parameters<typeof sectionOf>[1];

function parse(id: string, text: string, given: Given = {}) {
  const format = iprouteFormats.find((one) => one.id === id);
  if (format === undefined) throw new Error(`no format ${id}`);
  return format.parse(sectionOf(text, given));
}

/** Rows without their spans. */
function rows(id: string, text: string, given: Given = {}): unknown[] {
  return parse(id, text, given).value.flatMap((facts: Facts) =>
    facts.kind === 'ruleset' ? [] : facts.rows.map((row) => ({ ...row, span: undefined })),
  );
}

describe('ip nexthop', () => {
  test.each([
    ['id 1 via 10.0.0.1 dev eth0 scope link', { id: 1, dev: 'eth0', blackhole: false, rest: ['scope link'] }],
    ['id 3 blackhole', { id: 3, blackhole: true, dev: null }],
    ['id 7 via 10.77.0.1 dev eth0 scope link onlink', { flags: ['onlink'] }],
    [
      'id 8 via inet6 fe80::1 dev eth0 scope link proto bird dead linkdown',
      { flags: ['dead', 'linkdown'], rest: ['scope link', 'proto bird'] },
    ],
    [
      'id 10 group 1/2,5',
      {
        group: [
          { id: 1, weight: 1 },
          { id: 2, weight: 5 },
        ],
      },
    ],
    [
      'id 15  encap mpls  100 via 10.0.0.9 dev eth0 scope link',
      { rest: ['encap mpls 100', 'scope link'], dev: 'eth0' },
    ],
  ])('%s', (line, expected) => {
    expect(rows('ip-nexthop', `${line} \n`)).toMatchObject([expected]);
  });

  test('a group that is none leaves the line open', () => {
    expect(parse('ip-nexthop', 'id 10 group 1/x\n').diagnostics).toMatchObject([{ code: 'iproute/bad-value' }]);
  });
});

test('ip addrlabel', () => {
  const found = parse('ip-addrlabel', 'prefix fd00::/64 dev eth0 label 99 \nprefix ::/0 label 1 \n').value[0];
  if (found?.kind !== 'addr-labels') throw new Error('no labels');
  expect(found.rows.map((row) => [formatPrefix(row.prefix), row.dev, row.label])).toEqual([
    ['fd00::/64', 'eth0', 99],
    ['::/0', null, 1],
  ]);
});

test.each([
  ['pod1 (id: 5)\n', [{ text: 'pod1', nsid: 5 }]],
  ['pod1\npod2\n', [{ text: 'pod1' }, { text: 'pod2' }]],
  ['nsid 5 (iproute2 netns name: pod1)\n', [{ text: 'pod1', nsid: 5 }]],
])('ip netns: %s', (text, expected) => {
  expect(rows('ip-netns', text)).toMatchObject(expected);
});

test('ip maddr', () => {
  const text =
    '2:\teth0\n\tlink  33:33:00:00:00:01 users 2\n\tlink  01:00:5e:00:00:01 static\n\tinet  224.0.0.1\n\tinet6 ff02::1\n';
  const found = parse('ip-maddr', text, { command: 'ip maddr' }).value[0];
  if (found?.kind !== 'multicast') throw new Error('no memberships');
  expect(found.complete).toBe(true);
  expect(
    found.rows.map((row) => [row.dev, row.ip && formatIp(row.ip), row.mac && formatMac(row.mac), row.users]),
  ).toEqual([
    ['eth0', null, '33:33:00:00:00:01', 2],
    ['eth0', null, '01:00:5e:00:00:01', 1],
    ['eth0', '224.0.0.1', null, 1],
    ['eth0', 'ff02::1', null, 1],
  ]);
});

test.each(['0a:01:02:62', 'fd:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01'])(
  'ip maddr of a tunnel with the outer address %s',
  (outer) => {
    const { value, diagnostics } = parse('ip-maddr', `9:\ttunl0\n\tlink  ${outer} users 2\n\tinet  224.0.0.1\n`);
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject([{ kind: 'multicast', complete: true, rows: [{ dev: 'tunl0', mac: null }] }]);
  },
);

describe('bridge fdb', () => {
  test.each([
    [
      '02:00:00:00:03:02 dev flannel.1 dst 10.0.0.9 port 99 vni 8 via eth0 self permanent',
      { dev: 'flannel.1', port: 99, vni: 8, via: 'eth0', flags: ['self', 'permanent'] },
    ],
    ['02:00:00:00:00:13 dev eth1 vlan 10 master br0 static', { vlan: 10, master: 'br0', flags: ['static'] }],
    ['02:00:00:00:00:13 dev eth1 used 5/7 extern_learn offload master br0', { flags: ['extern_learn', 'offload'] }],
    ['02:00:00:00:00:13 dev vx nhid 7 self', { flags: ['nhid 7', 'self'] }],
  ])('%s', (line, expected) => {
    expect(rows('bridge-fdb', `${line}\n`)).toMatchObject([expected]);
  });

  test('that breaks off before the words which every entry has is none', () => {
    const whole = '33:33:00:00:00:01 dev eth0 self permanent\n';
    const { value } = parse('bridge-fdb', `${whole}a2:00:00:00:00:02 dev flanne`);
    expect(value).toMatchObject([{ complete: false, rows: [{ dev: 'eth0' }] }]);
    expect(parse('bridge-fdb', whole.trimEnd()).value).toMatchObject([{ complete: true, rows: [{ dev: 'eth0' }] }]);
  });

  test('of one asked device names it by the command', () => {
    const { value } = parse('bridge-fdb', '02:00:00:00:03:02 dst 10.0.0.9 self permanent\n', {
      command: 'bridge fdb show dev flannel.1',
    });
    expect(value).toMatchObject([{ complete: false, rows: [{ dev: 'flannel.1' }] }]);
  });
});

describe('bridge link', () => {
  test('of new and old versions', () => {
    const now =
      '5: veth0@if4: <BROADCAST,UP> mtu 1500 master cni0 state forwarding priority 32 cost 2 \n    hairpin on guard off learning off flood on mcast_flood on bcast_flood off\n';
    const old = '5: veth0 state UP @if4: <BROADCAST,UP> mtu 1500 master cni0 state forwarding priority 32 cost 2 \n';
    expect(rows('bridge-link', now)).toMatchObject([
      {
        name: 'veth0',
        peerIfindex: 4,
        master: 'cni0',
        port: { hairpin: true, learning: false, state: 'forwarding', flood: true, mcastFlood: true, bcastFlood: false },
      },
    ]);
    expect(rows('bridge-link', old)).toMatchObject([{ name: 'veth0', peerIfindex: 4, port: { hairpin: null } }]);
    expect(parse('bridge-link', now).value).toMatchObject([{ complete: false }]);
  });
});

describe('bridge vlan', () => {
  test.each([
    [
      'port              vlan-id  \neth1              1 Egress Untagged\n                  10-20\n                  30 PVID Egress Untagged\n',
    ],
    ['port\tvlan ids\neth1\t 1 Egress Untagged\n\t 10-20\n\t 30 PVID Egress Untagged\n\n'],
  ])('%s', (text) => {
    expect(rows('bridge-vlan', text)).toMatchObject([
      { dev: 'eth1', first: 1, last: 1, pvid: false, untagged: true },
      { dev: 'eth1', first: 10, last: 20, pvid: false, untagged: false },
      { dev: 'eth1', first: 30, last: 30, pvid: true, untagged: true },
    ]);
  });

  test('None is no VLAN', () => {
    expect(rows('bridge-vlan', 'port\tvlan ids\neth1\tNone\n')).toEqual([]);
  });

  test('a dump that the kernel refused is absent', () => {
    const { value } = parse('bridge-vlan', 'RTNETLINK answers: Operation not supported\nDump terminated\n');
    expect(value.map((facts) => facts.kind)).toEqual(['failures']);
  });
});
