/** ICMP type and code names that ipset prints and takes in the port place of an element: `ipset help hash:ip,port`. */

type Entry = readonly [name: string, type: number, code: number];

const icmp: readonly Entry[] = [
  ['echo-reply', 0, 0],
  ['pong', 0, 0],
  ['network-unreachable', 3, 0],
  ['host-unreachable', 3, 1],
  ['protocol-unreachable', 3, 2],
  ['port-unreachable', 3, 3],
  ['fragmentation-needed', 3, 4],
  ['source-route-failed', 3, 5],
  ['network-unknown', 3, 6],
  ['host-unknown', 3, 7],
  ['network-prohibited', 3, 9],
  ['host-prohibited', 3, 10],
  ['TOS-network-unreachable', 3, 11],
  ['TOS-host-unreachable', 3, 12],
  ['communication-prohibited', 3, 13],
  ['host-precedence-violation', 3, 14],
  ['precedence-cutoff', 3, 15],
  ['source-quench', 4, 0],
  ['network-redirect', 5, 0],
  ['host-redirect', 5, 1],
  ['TOS-network-redirect', 5, 2],
  ['TOS-host-redirect', 5, 3],
  ['echo-request', 8, 0],
  ['ping', 8, 0],
  ['router-advertisement', 9, 0],
  ['router-solicitation', 10, 0],
  ['ttl-zero-during-transit', 11, 0],
  ['ttl-zero-during-reassembly', 11, 1],
  ['ip-header-bad', 12, 0],
  ['required-option-missing', 12, 1],
  ['timestamp-request', 13, 0],
  ['timestamp-reply', 14, 0],
  ['address-mask-request', 17, 0],
  ['address-mask-reply', 18, 0],
];

const icmpv6: readonly Entry[] = [
  ['no-route', 1, 0],
  ['communication-prohibited', 1, 1],
  ['address-unreachable', 1, 3],
  ['port-unreachable', 1, 4],
  ['packet-too-big', 2, 0],
  ['ttl-zero-during-transit', 3, 0],
  ['ttl-zero-during-reassembly', 3, 1],
  ['bad-header', 4, 0],
  ['unknown-header-type', 4, 1],
  ['unknown-option', 4, 2],
  ['echo-request', 128, 0],
  ['ping', 128, 0],
  ['echo-reply', 129, 0],
  ['pong', 129, 0],
  ['router-solicitation', 133, 0],
  ['router-advertisement', 134, 0],
  ['neighbour-solicitation', 135, 0],
  ['neigbour-solicitation', 135, 0],
  ['neighbour-advertisement', 136, 0],
  ['neigbour-advertisement', 136, 0],
  ['redirect', 137, 0],
];

const byName = (entries: readonly Entry[]) =>
  new Map(entries.map(([name, type, code]) => [name, type * 256 + code] as const));

/** The first name of a number is the one that is printed. */
const byNumber = (entries: readonly Entry[]) =>
  new Map([...entries].reverse().map(([name, type, code]) => [type * 256 + code, name] as const));

const numbers = { 1: byName(icmp), 58: byName(icmpv6) };
const names = { 1: byNumber(icmp), 58: byNumber(icmpv6) };

export type IcmpProto = 1 | 58;

/** The number `type * 256 + code` of a name; null when there is no such name. */
export function icmpNumber(proto: IcmpProto, name: string): number | null {
  return numbers[proto].get(name) ?? null;
}

/** As ipset prints it: a name, or `type/code`. */
export function formatIcmp(proto: IcmpProto, number: number): string {
  return names[proto].get(number) ?? `${number >>> 8}/${number & 255}`;
}
