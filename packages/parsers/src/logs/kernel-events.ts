/** What the kernel says of packets that it refuses and tables that are full: dmesg(1), net/ipv4/route.c, net/netfilter/nf_log_syslog.c. */
import { type LogEvent, logEvent as of } from './event.js';
import { ip } from './patterns.js';

export const kernelEvents: readonly LogEvent[] = [
  of(
    'kernel',
    'martian-source',
    'martian source ',
    new RegExp(`martian source (?<dst>${ip}) from (?<src>${ip}), on dev (?<dev>\\S{1,15})`),
  ),
  of(
    'kernel',
    'martian-destination',
    'martian destination ',
    new RegExp(`martian destination (?<dst>${ip}) from (?<src>${ip}), dev (?<dev>\\S{1,15})`),
  ),
  // What the LOG target prints; only the prefix that the rule has tells that it refuses.
  of(
    'kernel',
    'packet-refused',
    ' OUT=',
    /(?<prefix>[^\n\]:=]{0,29}(?:BLOCK|DROP|REJECT|DENY|DENIED|[Dd]rop|[Rr]eject|[Dd]en(?:y|ied))[^\n\]:=]{0,12}[\]: ]{0,3})(?<![A-Z])IN=(?<in>[\w.@-]{0,15}) OUT=(?<out>[\w.@-]{0,15})(?=\s|$)/,
  ),
  of('kernel', 'conntrack-table-full', 'conntrack: table full'),
  of(
    'kernel',
    'syn-flooding',
    'Possible SYN flooding',
    /Possible SYN flooding on port (?:[0-9A-Fa-f.:[\]]{2,47}:)?(?<port>\d{1,5})\./,
  ),
  of('kernel', 'neighbour-table-overflow', 'eighbor table overflow'),
  of('kernel', 'neighbour-table-overflow', 'eighbour table overflow'),
  of(
    'kernel',
    'ipvs-no-destination',
    'no destination available',
    new RegExp(`IPVS: (?<scheduler>\\w{1,8}): (?<proto>[A-Z]{3,4}) (?<target>${ip}) - no destination available`),
  ),
  of(
    'kernel',
    'own-address-received',
    'with own address as source address',
    /received packet on (?<dev>\S{1,15}) with own address as source address/,
  ),
  of(
    'kernel',
    'address-in-use',
    'IPv6: eth',
    /IPv6: (?<dev>\S{1,15}): IPv6 duplicate address (?<address>[0-9a-f:]{2,39})/,
  ),
];
