/** What the programs in front of the kernel say of it: ufw(8) status, firewall-cmd(1), nmcli(1), networkctl(1). What they wrote into the kernel stands in its dumps. */
import type { Format } from '../format.js';
import { plainListing } from '../text/plain-listing.js';

const verdict = '(?:ALLOW|DENY|REJECT|LIMIT)(?: (?:IN|OUT|FWD))?';

export const frontFormats: readonly Format[] = [
  plainListing({
    id: 'ufw-status',
    title: 'rules as ufw shows them (ufw status)',
    notes: ufwDefault,
    commands: [/^(?:\S*\/)?ufw\s(?:.*\s)?(?:status|show)\b/],
    fileNames: [/^ufw[-_]?(?:status|show)?(?:[-_.].*)?$/i],
    opens:
      /^Default: (?:allow|deny|reject|disabled) \(incoming\), |^New profiles: (?:skip|accept|deny)$|^ {0,6}To {10,40}Action {2,10}From$/,
    fits: new RegExp(
      `^Status: (?:active|inactive)$|^Logging: (?:on|off)\\b|^ {0,6}-- {10,40}------ |^(?:\\[ ?\\d{1,3}\\] )?\\S.{0,80} {2,40}${verdict} {2,12}\\S`,
    ),
    state: 'opaque',
    whole: true,
  }),
  plainListing({
    id: 'firewalld-zones',
    title: 'zones as firewalld shows them (firewall-cmd)',
    commands: [/^(?:\S*\/)?firewall-cmd\b/],
    fileNames: [/^(?:firewall-cmd|firewalld)[-_.].*$/i],
    opens: /^[\w.-]{1,17} \((?:active|default|default, active)\)\s*$|^ {2}icmp-block-inversion: (?:no|yes)\s*$/,
    fits: /^ {2}(?:target|icmp-block-inversion|interfaces|sources|services|ports|protocols|forward|masquerade|forward-ports|source-ports|icmp-blocks|rich rules|egress-priority|ingress-priority): ?|^\trule (?:family|priority|service|port|protocol|source|destination)\b/,
    state: 'opaque',
    whole: true,
  }),
  plainListing({
    id: 'network-manager',
    title: 'devices and connections as NetworkManager and networkd show them (nmcli, networkctl)',
    commands: [/^(?:\S*\/)?(?:nmcli|networkctl)\b/],
    fileNames: [/^(?:nmcli|networkctl)(?:[-_.].*)?$/i],
    opens:
      /^DEVICE +TYPE +STATE +(?:IP[46]-CONNECTIVITY +)?CONNECTION|^NAME +UUID +TYPE +DEVICE|^GENERAL\.DEVICE: +\S|^IDX LINK +TYPE +OPERATIONAL +SETUP|^[●○] +State: (?:routable|degraded|carrier|no-carrier|off|configuring)/,
    fits: /^(?:GENERAL|IP[46]|WIRED-PROPERTIES|CAPABILITIES|connection|ipv[46]|802-3-ethernet|DHCP[46]|BRIDGE|BOND)\.?[\w.-]{1,40}(?:\[\d+\])?: |^ {1,2}\d{1,3} \S{1,15} +[a-z]+ +[a-z-]+ +[a-z]+$|^\d+ links listed\.$|^ {2,20}(?:Online state|Address|Gateway|DNS|Search Domains|Activation Policy|Required For Online): |^[\w.@-]{1,15} +(?:ethernet|bridge|wifi|loopback|vlan|bond|tun|vxlan|ip-tunnel|dummy|veth) +(?:connected|disconnected|unmanaged|unavailable)\b/,
    whole: true,
  }),
];

/** What ufw does with packets that no rule of its own is about; `routed` is the policy of FORWARD. */
function ufwDefault(text: string) {
  const words = /^Default: (\w+) \(incoming\), (\w+) \(outgoing\)(?:, (\w+) \(routed\))?\s*$/.exec(text);
  if (words === null) return null;
  const [, incoming = '', outgoing = '', routed = ''] = words;
  return { component: 'ufw', event: 'ufw-default', data: { incoming, outgoing, routed } };
}
