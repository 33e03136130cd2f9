/** IP protocol numbers and their names, as xtables (its own short list, then /etc/protocols) knows them. */
import { parseUint32 } from './decimal.js';

/** The name that `iptables-save` prints for each number it prints by name, /etc/protocols of Debian 12 at hand. */
const nameByNumber: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [3, 'ggp'],
  [4, 'ipencap'],
  [5, 'st'],
  [6, 'tcp'],
  [8, 'egp'],
  [9, 'igp'],
  [12, 'pup'],
  [17, 'udp'],
  [20, 'hmp'],
  [22, 'xns-idp'],
  [27, 'rdp'],
  [29, 'iso-tp4'],
  [33, 'dccp'],
  [36, 'xtp'],
  [37, 'ddp'],
  [38, 'idpr-cmtp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [45, 'idrp'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [57, 'skip'],
  [58, 'ipv6-icmp'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [73, 'rspf'],
  [81, 'vmtp'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [93, 'ax.25'],
  [94, 'ipip'],
  [97, 'etherip'],
  [98, 'encap'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [124, 'isis'],
  [132, 'sctp'],
  [133, 'fc'],
  [135, 'mobility-header'],
  [136, 'udplite'],
  [137, 'mpls-in-ip'],
  [138, 'manet'],
  [139, 'hip'],
  [140, 'shim6'],
  [141, 'wesp'],
  [142, 'rohc'],
  [143, 'ethernet'],
]);

/** Other names of a number: those of xtables itself, of other distributions, and of ipset, ss and conntrack. */
const aliases: ReadonlyArray<readonly [string, number]> = [
  ['all', 0],
  ['any', 0],
  ['hopopt', 0],
  ['ip', 0],
  ['ip-encap', 4],
  ['ipv4', 4],
  ['ipsec-esp', 50],
  ['ipv6-auth', 51],
  ['ipsec-ah', 51],
  ['icmp6', 58],
  ['icmpv6', 58],
  ['ospfigp', 89],
  ['ipv6-mh', 135],
  ['mh', 135],
];

const numberByName: ReadonlyMap<string, number> = new Map([
  ...[...nameByNumber].map(([number, name]) => [name, number] as const),
  ...aliases,
]);

/** The numbers that code speaks of by name. */
export const proto = {
  all: 0,
  icmp: 1,
  igmp: 2,
  ipip: 4,
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
  vrrp: 112,
  sctp: 132,
  mh: 135,
  udplite: 136,
} as const;

/**
 * Reads a protocol by number (0 to 255, as strtoul(3) with base 0 does) or by name in any case; `all` is 0. Null for anything else.
 * Beware that `ipip` in /etc/protocols is 94, not IP in IP (4, `ipencap`), and that the tools follow it.
 */
export function parseProto(text: string): number | null {
  const number = parseUint32(text);
  if (number !== null) return number <= 255 ? number : null;
  return numberByName.get(text.toLowerCase()) ?? null;
}

/** Prints a protocol as `iptables-save` does: the name if it knows one, else the number. */
export function formatProto(number: number): string {
  return nameByNumber.get(number) ?? `${number}`;
}
