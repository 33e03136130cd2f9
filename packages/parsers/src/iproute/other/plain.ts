/** Outputs of ip(8) and bridge(8) that the model has no place for. */
import type { Format } from '../../format.js';
import { plainListing } from '../../text/plain-listing.js';
import { commandPattern } from '../command.js';

const address = '(?:any|\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-f:]{2,39})';

/** Which nexthop each bucket of a resilient group has at the moment: the weights of the group tell the shares. */
const nexthopBuckets = String.raw`\s+b(?:u(?:c(?:k(?:et?)?)?)?)?(?=\s|$)`;

export const plainIprouteFormats: readonly Format[] = [
  plainListing({
    id: 'bridge-mdb',
    title: 'multicast groups of bridges (bridge mdb, bridge vni)',
    commands: [commandPattern('bridge', 'mdb', 2), commandPattern('bridge', 'vni', 3)],
    fileNames: [/^bridge[-_ .](?:\S{1,20}[-_ .])?(?:mdb|vni)/i],
    opens: /^(?:\d+: \S{1,15} |dev \S{1,15} )port \S{1,15} grp \S|^dev\s+vni\s+group\/remote/,
    fits: /^router ports on \S|^[\w.-]{1,15}\s+\d+(?:-\d+)?(?:\s+\S+)?$/,
    state: 'opaque',
    whole: true,
  }),
  plainListing({
    id: 'ip-tunnel',
    title: 'tunnels and further objects of ip(8)',
    commands: ['tunnel', 'vrf', 'macsec', 'l2tp', 'fou', 'sr', 'mroute', 'ila', 'ioam'].map((object) =>
      commandPattern('ip', object, Math.min(object.length, 3)),
    ),
    fileNames: [/^ip[-_ .](?:\S{1,20}[-_ .])?(?:tunnel|vrf|macsec|l2tp|fou|sr|mroute|ila|ioam)/i],
    opens: new RegExp(
      `^\\S{1,15}: (?:ip|ipv6|gre|any|ipip|sit|mpls|unknown)/(?:ip|ipv6|gre|any|mpls)\\s+remote ${address}\\s+local ${address}|^Name\\s+Table$|^tunsrc addr |^\\(${address},\\s*${address}\\)\\s+Iif: `,
    ),
    fits: /^-{8,}$|^No VRF has been configured$|^[\w.-]{1,15}\s+\d{1,10}$/,
    state: 'opaque',
    whole: true,
  }),
  plainListing({
    id: 'ip-other',
    title: 'further settings of ip(8)',
    commands: [
      ...['token', 'tcp_metrics', 'mptcp', 'tuntap'].map((object) => commandPattern('ip', object, 3)),
      commandPattern('ip', 'nexthop', 3, nexthopBuckets),
    ],
    fileNames: [/^ip[-_ .](?:\S{1,20}[-_ .])?(?:token|tcp_?metrics|mptcp|tuntap)/i],
    opens:
      /^token \S{2,45} dev \S{1,15}$|^add_addr_accepted \d+ subflows \d+|^[0-9a-f.:]{3,45} age -?\d[\d.]*sec |^id \d{1,10} index \d{1,5} idle_time /,
    fits: /^\S{1,15}: (?:tun|tap)(?: \w+)*$/,
    whole: true,
  }),
];
