/** Sets, their elements and a packet, for tests. */
import { ip4, parseIp, parseMac, parsePrefix, proto } from '../inet/index.js';
import { bareElement, type IpSet, type SetElement, type SetPart } from '../snapshot/ipset.js';
import type { SetPacket } from './key.js';
import { setTypes } from './set-types.js';

export const ip = (text: string) => parseIp(text) ?? ip4(0);
export const net = (text: string): SetPart => ({ kind: 'net', prefix: parsePrefix(text) ?? { ip: ip4(0), length: 0 } });
export const host = (text: string): SetPart => ({ kind: 'ip', ip: ip(text) });
export const port = (number: number, of: number | null, last = number): SetPart => ({
  kind: 'port',
  proto: of,
  ports: { first: number, last },
});
export const iface = (name: string, more = {}): SetPart => ({
  kind: 'iface',
  name,
  physdev: false,
  wildcard: false,
  ...more,
});
export const mac = (text: string): SetPart => ({ kind: 'mac', mac: parseMac(text) ?? { hi: 0, lo: 0 } });

export const element = (parts: readonly SetPart[], nomatch = false): SetElement => ({
  span: { file: 0, start: 0, end: 0 },
  parts,
  ...bareElement,
  nomatch,
});
export const but = (...parts: readonly SetPart[]) => element(parts, true);
export const has = (...parts: readonly SetPart[]) => element(parts);

export const setOf = (type: string, elements: readonly SetElement[], more: Partial<IpSet> = {}): IpSet => ({
  span: { file: 0, start: 0, end: 0 },
  name: 's',
  type,
  revision: null,
  family: setTypes.get(type)?.family ?? null,
  options: [],
  timeout: null,
  range: null,
  netmask: null,
  bitmask: null,
  markmask: null,
  references: null,
  elements,
  complete: true,
  ...more,
});

export const packet: SetPacket = {
  family: 4,
  src: ip('10.1.2.3'),
  dst: ip('192.168.0.9'),
  proto: proto.tcp,
  sport: 40000,
  dport: 80,
  icmp: null,
  fragment: null,
  length: null,
  mark: 0x1234,
  iif: 'eth0',
  oif: null,
  srcMac: parseMac('02:00:00:00:00:01'),
  dstMac: parseMac('02:00:00:00:00:02'),
};
