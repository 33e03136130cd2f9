/** Files of /proc/net that count, or list what no verdict asks for: proc(5), Documentation/networking. */
import type { Format } from '../format.js';
import { plainListing } from '../text/plain-listing.js';
import { procNet } from './whole.js';

const groups = '(?:Ip|Icmp|IcmpMsg|Tcp|Udp|UdpLite|TcpExt|IpExt|MPTcpExt|Sctp)';

export const procStatisticsFormats: readonly Format[] = [
  plainListing({
    id: 'proc-net-snmp',
    title: 'counters of protocols, as /proc/net/snmp and /proc/net/netstat show them',
    ...procNet('snmp6?|netstat'),
    fileNames: [],
    opens: new RegExp(`^${groups}: (?:[A-Z][A-Za-z0-9]+ ){2}|^Ip6InReceives\\s+\\d+$`),
    fits: new RegExp(`^${groups}:(?: -?[\\dA-Z][\\w]*)*\\s*$|^(?:Ip|Icmp|Udp|UdpLite)6[A-Za-z0-9]+\\s+\\d+$`),
    whole: true,
  }),
  plainListing({
    id: 'proc-net-dev',
    title: 'counters of devices, as /proc/net/dev shows them',
    ...procNet('dev'),
    fileNames: [],
    opens: /^Inter-\|\s+Receive\s+\|\s+Transmit/,
    fits: /^\s*face \|bytes|^\s*\S{1,15}:\s*\d+(?:\s+\d+){15}\s*$/,
    whole: true,
  }),
  plainListing({
    id: 'proc-net-unix',
    title: 'sockets within the machine',
    ...procNet('unix|netlink|packet'),
    fileNames: [],
    opens: /^Num\s+RefCount Protocol Flags\s+Type St Inode Path|^sk\s+(?:Eth Pid|RefCnt Type Proto)\s/,
    fits: /^[0-9a-f]{8,16}:? (?:[0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8} |\d+\s+\d+\s+[0-9a-f]{4,8} )/,
    whole: true,
  }),
  plainListing({
    id: 'proc-net-sockstat',
    title: 'numbers of sockets',
    ...procNet('sockstat6?|protocols'),
    fileNames: [],
    opens: /^sockets: used \d+|^protocol\s+size sockets\s+memory press maxhdr/,
    fits: /^(?:TCP|UDP|UDPLITE|RAW|FRAG)6?: inuse \d+|^[A-Z][\w-]{1,20}\s+\d+\s+-?\d+\s+-?\d+\s+(?:no|yes|NI)\s/,
    whole: true,
  }),
  plainListing({
    id: 'proc-net-other',
    title: 'other files of /proc/net',
    ...procNet(
      'softnet_stat|stat/\\w+|ptype|psched|rt_cache|igmp6?|dev_mcast|dev_snmp6/\\S+|anycast6|ip6_flowlabel|ip_mr_\\w+|ip6_mr_\\w+|wireless|xfrm_stat|connector|mcfilter6?|ip_tables_\\w+|ip6_tables_\\w+|rt6_stats|vlan/\\S+|bonding/\\S+',
    ),
    fileNames: [/^(?:softnet_stat|nf_conntrack_stat|sockstat)(?:\.txt)?$/],
    opens:
      /^Idx\s+Device\s+: Count Querier\s+Group|^Type Device\s+Function|^entries\s+(?:clashres\s+)?(?:searched|in_hit)\s|^Iface\s+Destination\s+Gateway\s+Flags\s+RefCnt\s+Use\s+Metric\s+Source\s/,
    fits: /^(?:[0-9a-f]{8} ){8,15}[0-9a-f]{8}\s*$|^\d+\s+\S{1,15}\s+:\s+\d+\s+V[123]$|^\t{4}[0-9A-F]{8}\s+\d+ \d:[0-9A-F]{8}\t\t\d$|^(?:ALL |[0-9a-f]{4}) .{0,15}\s\w{3,40}(?:\+0x\S+)?(?: \[\w+\])?\s*$|^\d+\s+\S{1,15}\s+[0-9a-f]{32}\s+\d+ [0-9A-F]{8} \d+|^\d+\s+\S{1,15}\s+\d+\s+\d+\s+[0-9a-f]{12}$/,
    whole: true,
  }),
];
