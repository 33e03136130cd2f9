/** IP protocol numbers and their names, read and printed as xtables does (libxtables/xtables.c, protocols(5)). */
import { parseUint32 } from './decimal.js';
import { otherProtoNames, printedProtoNames } from './proto-names.js';

const numberByName: ReadonlyMap<string, number> = new Map([
  ...Object.entries(otherProtoNames),
  ...Object.entries(printedProtoNames),
]);

const nameByNumber: ReadonlyMap<number, string> = new Map(
  Object.entries(printedProtoNames).map(([name, number]) => [number, name]),
);

/** The numbers that code speaks of by name. */
export const proto = {
  all: 0,
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  ospf: 89,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  sctp: 132,
  mh: 135,
  udplite: 136,
} as const;

/**
 * Reads a protocol by number (0 to 255, in base 0) or by name in any case; 0 is every protocol. Null for anything else. Beware:
 * the name `ipip` is protocol 94 to all tools that ask /etc/protocols; IP in IP (4) is `ipencap`, on some systems `ipv4`.
 */
export function parseProto(text: string): number | null {
  const number = parseUint32(text);
  if (number !== null) return number <= 255 ? number : null;
  return numberByName.get(text.toLowerCase()) ?? null;
}

/**
 * Prints a protocol as `iptables-save` does on a system with /etc/protocols: the name if there is one, else the number. In a
 * container without that file it prints names for icmp, tcp, udp, esp, ah, ipv6-icmp, sctp, mobility-header and udplite only.
 */
export function formatProto(number: number): string {
  return nameByNumber.get(number) ?? `${number}`;
}
