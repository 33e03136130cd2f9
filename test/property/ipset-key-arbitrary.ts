/** Random packets and flags of `-m set`, from the few addresses that the random sets use. */
import { type Ip, ip4, parseIp, parseMac } from '@coldtrace/core';
import fc from 'fast-check';
import type { SetKey } from '../../packages/core/src/ipset/key.js';

const address = (text: string): Ip => parseIp(text) ?? ip4(0);
const ip4s = fc
  .tuple(fc.constantFrom('10.0.', '10.1.', '172.16.'), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 5 }))
  .map(([start, third, last]) => address(`${start}${third}.${last}`));
const ip6s = fc
  .constantFrom('2001:db8::1', '2001:db8::2', '2001:db8:1::1', 'fe80::1', '::1', '1:2:3:4:5:6:7:8')
  .map(address);
const macs = fc.constantFrom(null, parseMac('02:aa:0f:c3:02:aa'), parseMac('02:02:02:02:02:02'));
const ports = fc.oneof(fc.constantFrom(80, 53, 22), fc.integer({ min: 0, max: 1023 }));
const devices = fc.constantFrom(null, 'eth0', 'eth1', 'ens3', 'lo');

export function randomKey(): fc.Arbitrary<SetKey> {
  return fc.constantFrom<4 | 6>(4, 6).chain((family) => {
    const ips = family === 4 ? ip4s : ip6s;
    return fc.record({
      flags: fc.array(fc.constantFrom<'src' | 'dst'>('src', 'dst'), { minLength: 1, maxLength: 4 }),
      returnNomatch: fc.boolean(),
      packet: fc.record({
        family: fc.constant(family),
        src: ips,
        dst: ips,
        proto: fc.constantFrom(6, 17, 132, 136, 1, 58, 47, 200, 33),
        sport: ports,
        dport: ports,
        icmp: fc.record({
          type: fc.constantFrom(0, 3, 8, 128),
          code: fc.integer({ min: 0, max: 3 }),
          id: fc.constant(null),
        }),
        fragment: fc.constantFrom(null, null, null, { offset: 10, more: true }),
        length: fc.constantFrom(null, null, 1000, 27, 30, 47, 50),
        mark: fc.constantFrom(0, 1, 0x1200, 0xffffffff),
        iif: devices,
        oif: devices,
        srcMac: macs,
        dstMac: macs,
      }),
    });
  });
}
