/** What flannel says of its network, its routes and its rules. */
import { type LogEvent, logEvent as of } from './event.js';
import { cidr, ip } from './patterns.js';

export const flannelEvents: readonly LogEvent[] = [
  of('flannel', 'flannel-backend', 'Backend type: ', /Backend type: (?<backend>[\w-]{1,20})/),
  of(
    'flannel',
    'flannel-interface',
    'Using interface with name ',
    new RegExp(`Using interface with name (?<dev>\\S{1,15}) and address (?<address>${ip})`),
  ),
  of(
    'flannel',
    'flannel-external-address',
    'Defaulting external ',
    new RegExp(`Defaulting external (?:v6 )?address to interface address \\((?<address>${ip})\\)`),
  ),
  of(
    'flannel',
    'flannel-external-address',
    ' as external ',
    new RegExp(`Using (?<address>${ip}) as external (?:endpoint|interface)`),
  ),
  of(
    'flannel',
    'flannel-subnet-added',
    'Subnet added: ',
    new RegExp(`Subnet added: (?<subnet>${cidr}) via (?<via>${ip})`),
  ),
  of('flannel', 'flannel-subnet-removed', 'Subnet removed: ', new RegExp(`Subnet removed: (?<subnet>${cidr})`)),
  of('flannel', 'flannel-rule-added', 'Adding iptables rule: ', /Adding iptables rule: (?<rule>[^\n]{1,500})/),
  of('flannel', 'flannel-rule-deleted', 'Deleting iptables rule: ', /Deleting iptables rule: (?<rule>[^\n]{1,500})/),
  of('flannel', 'flannel-rules-missing', 'Some iptables rules are missing'),
  of(
    'flannel',
    'flannel-route-failed',
    'Error adding route ',
    new RegExp(
      `Error adding route (?:to )?\\{?(?<subnet>${cidr})[^:]{0,40}?via (?<via>${ip})[^:]{0,60}: (?<reason>[^\\n]{1,200})`,
    ),
  ),
  // As netlink's Route prints itself.
  of(
    'flannel',
    'flannel-route-failed',
    'Error adding route ',
    new RegExp(
      `Error adding route (?:to )?\\{[^}\\n]{0,60}Dst: (?<subnet>${cidr})[^}\\n]{0,60}Gw: (?<via>${ip})[^}\\n]{0,200}\\}: (?<reason>[^\\n]{1,200})`,
    ),
  ),
  of(
    'flannel',
    'flannel-route-replaced',
    'Replacing existing route ',
    new RegExp(
      `Replacing existing route to (?<subnet>${cidr}) via (?<old>${ip}) dev index \\d+ with (?<with>[^\\n]{1,200})`,
    ),
  ),
  of(
    'flannel',
    'flannel-peer',
    'adding subnet: ',
    new RegExp(`adding subnet: (?<subnet>${cidr}) PublicIP: (?<publicIp>${ip}) VtepMAC: (?<vtepMac>[0-9a-f:]{17})`),
  ),
  of('flannel', 'flannel-l3-miss', 'L3 miss', new RegExp(`L3 miss[^0-9\\n]{1,40}(?<address>${ip})`)),
  of('flannel', 'flannel-lease', 'Lease acquired: ', new RegExp(`Lease acquired: (?<subnet>${cidr})`)),
  of('flannel', 'flannel-no-interface', 'Failed to find any valid interface'),
  of('flannel', 'flannel-no-lease', 'Error fetching lease', /Error fetching leases?[^\n]{0,200}/),
  of('flannel', 'flannel-no-pod-cidr', 'pod cidr not assigned', /node "(?<node>[\w.-]{1,253})" pod cidr not assigned/),
];
