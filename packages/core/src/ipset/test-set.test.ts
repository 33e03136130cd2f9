/** Membership in IP sets, one sentence a row; random sets are refereed by the kernel in test/kernel. */
import { describe, expect, it } from 'vitest';
import { proto } from '../inet/index.js';
import type { IpSet } from '../snapshot/ipset.js';
import { isUnknown } from '../tri.js';
import type { SetDirection, SetKey, SetPacket } from './key.js';
import { testSet } from './test-set.js';
import { but, has, host, iface, ip, mac, net, packet, port, setOf } from './testing.js';

const ask = (
  set: IpSet,
  flags: string,
  more: Partial<SetPacket> = {},
  returnNomatch = false,
  sets: readonly IpSet[] = [],
) => {
  const key: SetKey = {
    packet: { ...packet, ...more },
    flags: flags.split(',').map((flag): SetDirection => (flag === 'src' ? 'src' : 'dst')),
    returnNomatch,
  };
  const answer = testSet(set, new Map(sets.map((one) => [one.name, one])), key);
  return isUnknown(answer) ? 'unknown' : answer;
};

type Row = readonly [
  sentence: string,
  set: IpSet,
  flags: string,
  answer: boolean | 'unknown',
  more?: Partial<SetPacket>,
];

const nets = setOf('hash:net', [has(net('10.0.0.0/8')), but(net('10.1.0.0/16')), has(net('10.1.2.3'))]);
const web = setOf('hash:ip,port', [has(host('192.168.0.9'), port(80, proto.tcp))]);
const devices = setOf('hash:net,iface', [
  has(net('10.0.0.0/8'), iface('eth0')),
  has(net('10.1.0.0/16'), iface('eth1')),
  has(net('10.1.2.0/24'), iface('eth0', { physdev: true })),
]);
const icmp = { proto: proto.icmp, sport: null, dport: null, icmp: { type: 8, code: 0, id: 7 } };
const later = { fragment: { offset: 185, more: false }, sport: null, dport: null };

const rows: readonly Row[] = [
  ['a set of addresses holds the source', setOf('hash:ip', [has(host('10.1.2.3'))]), 'src', true],
  ['but not the destination', setOf('hash:ip', [has(host('10.1.2.3'))]), 'dst', false],
  ['a netmask is put on what is looked up', setOf('hash:ip', [has(host('10.1.2.0'))], { netmask: 24 }), 'src', true],
  ['and on what was typed', setOf('hash:ip', [has(host('10.1.2.99'))], { netmask: 24 }), 'src', true],
  ['a bitmask too', setOf('hash:ip', [has(host('10.1.0.3'))], { bitmask: ip('255.255.0.255') }), 'src', true],
  ['the longest prefix decides', nets, 'src', true],
  ['a shorter one with nomatch does not match', nets, 'src', false, { src: ip('10.1.9.9') }],
  ['a still shorter one matches', nets, 'src', true, { src: ip('10.2.9.9') }],
  ['what no prefix holds does not match', nets, 'src', false, { src: ip('11.0.0.1') }],
  ['too few flags match nothing', web, 'dst', false],
  ['enough flags do', web, 'dst,dst', true],
  ['and extra flags are ignored', web, 'dst,dst,src,src', true],
  ['the protocol counts', web, 'dst,dst', false, { proto: proto.udp }],
  ['the port of a later fragment is not known', web, 'dst,dst', false, later],
  ['echo-request is port 8*256', setOf('hash:ip,port', [has(host('10.1.2.3'), port(2048, 1))]), 'src,src', true, icmp],
  [
    'gre is port 0',
    setOf('hash:ip,port', [has(host('10.1.2.3'), port(0, 47))]),
    'src,dst',
    true,
    { proto: 47, dport: null },
  ],
  [
    'so is dccp',
    setOf('hash:ip,port', [has(host('10.1.2.3'), port(0, 33))]),
    'src,dst',
    true,
    { proto: 33, dport: 80 },
  ],
  [
    'typed port ranges hold all their ports',
    setOf('hash:ip,port', [has(host('10.1.2.3'), port(1, 6, 99))]),
    'src,dst',
    true,
  ],
  ['a bitmap of ports takes tcp', setOf('bitmap:port', [has(port(80, null))]), 'dst', true],
  ['and no sctp', setOf('bitmap:port', [has(port(80, null))]), 'dst', false, { proto: proto.sctp }],
  ['an IPv6 set holds no IPv4 packet', setOf('hash:net', [has(net('::/1'))], { family: 6 }), 'src', false],
  [
    'marks are compared under the mask',
    setOf('hash:ip,mark', [has(host('10.1.2.3'), { kind: 'mark', mark: 0x1200 })], { markmask: 0xff00 }),
    'src,src',
    true,
  ],
  ['an address without a hardware address takes any', setOf('bitmap:ip,mac', [has(host('10.1.2.3'))]), 'src,src', true],
  [
    'with one it takes that alone',
    setOf('bitmap:ip,mac', [has(host('10.1.2.3'), mac('02:00:00:00:00:09'))]),
    'src,src',
    false,
  ],
  ['hardware addresses of the source', setOf('hash:mac', [has(mac('02:00:00:00:00:01'))]), 'src', true],
  ['and of the destination', setOf('hash:mac', [has(mac('02:00:00:00:00:02'))]), 'dst', true],
  ['a packet made here has none', setOf('hash:mac', [has(mac('02:00:00:00:00:01'))]), 'src', false, { iif: null }],
  [
    'one that came in has one, known or not',
    setOf('hash:mac', [has(mac('02:00:00:00:00:01'))]),
    'src',
    'unknown',
    { srcMac: null },
  ],
  ['the interface counts', devices, 'src,src', true, { src: ip('10.2.0.1') }],
  ['no device in that direction matches nothing', devices, 'src,dst', false, { src: ip('10.2.0.1') }],
  ['a longer prefix on another interface hides a shorter', devices, 'src,src', false, { src: ip('10.1.9.9') }],
  ['a bridge port hides nothing', devices, 'src,src', true, { src: ip('10.1.2.9'), iif: 'eth1' }],
  [
    'a wildcard is the start of a name',
    setOf('hash:net,iface', [has(net('10.0.0.0/8'), iface('et', { wildcard: true }))]),
    'src,src',
    true,
  ],
  [
    'the first network of a pair decides before the second',
    setOf('hash:net,net', [has(net('10.1.0.0/16'), net('192.168.0.0/16')), but(net('10.0.0.0/8'), net('192.168.0.9'))]),
    'src,dst',
    true,
  ],
  ['an incomplete set that holds it', setOf('hash:ip', [has(host('10.1.2.3'))], { complete: false }), 'src', true],
  ['an incomplete set that shows no match', setOf('hash:ip', [], { complete: false }), 'src', 'unknown'],
  [
    'an incomplete set of networks, where a longer nomatch may be missing',
    setOf('hash:net', [has(net('10.0.0.0/8'))], { complete: false }),
    'src',
    'unknown',
  ],
  ['but not one longer than the address', setOf('hash:net', [has(net('10.1.2.3'))], { complete: false }), 'src', true],
  ['an unknown type', setOf('unknown', []), 'src', 'unknown'],
];

for (const [sentence, set, flags, answer, more] of rows) {
  it(sentence, () => {
    expect(ask(set, flags, more)).toBe(answer);
  });
}

describe('--return-nomatch', () => {
  it.each([
    ['matches nomatch elements', '10.1.9.9', true],
    ['and not the others', '10.2.9.9', false],
    ['nor what is not there', '11.0.0.1', false],
  ])('%s', (_, src, answer) => {
    expect(ask(nets, 'src', { src: ip(src) }, true)).toBe(answer);
  });
  it('is nothing to sets without networks', () => {
    expect(ask(web, 'dst,dst', {}, true)).toBe(true);
  });
});

describe('list:set', () => {
  const member = (name: string) => has({ kind: 'set', name });
  const list = setOf('list:set', [member('web'), member('nets')], { name: 'list' });
  const named = [
    { ...web, name: 'web' },
    { ...nets, name: 'nets' },
  ];
  it('asks its members, and passes by those that need more flags', () => {
    expect(ask(list, 'src', {}, false, named)).toBe(true);
    expect(ask(list, 'dst', {}, false, named)).toBe(false);
    expect(ask(list, 'dst,dst', {}, false, named)).toBe(true);
  });
  it('is open when a member is not in the dump, unless another matches', () => {
    expect(ask(list, 'src', {}, false, named.slice(1))).toBe(true);
    expect(ask(list, 'dst', {}, false, named.slice(1))).toBe('unknown');
  });
  it('does not follow a list in a list for ever', () => {
    const self = setOf('list:set', [member('list')], { name: 'list' });
    expect(ask(self, 'src', {}, false, [self])).toBe('unknown');
  });
});

it('names the dump that would settle it', () => {
  const key: SetKey = { packet, flags: ['src'], returnNomatch: false };
  const answer = testSet(setOf('hash:ip', [], { complete: false }), new Map(), key);
  expect(answer).toMatchObject({ because: [{ dump: 'ipset-list' }] });
});
