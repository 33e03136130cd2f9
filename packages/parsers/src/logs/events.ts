/** The messages that name a known fault or state a fact, by component. Every pattern is linear: literals, bounded classes, no nested repeats. */
import { literalGate } from '../text/literal-gate.js';
import { type LogEvent, logEvent as of } from './event.js';
import { x509Events } from './x509-events.js';

const cidr = '[0-9A-Fa-f.:]{2,45}\\/\\d{1,3}';
const ip = '[0-9A-Fa-f.:]{2,45}';

const flannel: readonly LogEvent[] = [
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

const cni: readonly LogEvent[] = [
  of(
    'kubelet',
    'ipam-exhausted',
    'no IP addresses available in range set',
    /no IP addresses available in range set: (?<range>[0-9A-Fa-f.:-]{3,100})/,
  ),
  of(
    'kubelet',
    'ipam-exhausted',
    'no ip address available in network',
    /no ip address available in network[^\w\n]{1,6}(?<network>[\w.-]{1,64})/i,
  ),
  of(
    'kubelet',
    'ipam-exhausted',
    'no IP addresses available in network',
    /no IP addresses available in network[^\w\n]{1,6}(?<network>[\w.-]{1,64})/,
  ),
  of(
    'kubelet',
    'bridge-address-differs',
    'already has an IP address different from',
    new RegExp(`"?(?<dev>[\\w.-]{1,15})\\\\?"? already has an IP address different from (?<expected>${cidr})`),
  ),
  of('kubelet', 'cni-not-ready', 'cni config uninitialized'),
  of('kubelet', 'cni-not-ready', 'cni plugin not initialized'),
  of(
    'kubelet',
    'cni-plugin-missing',
    'failed to find plugin',
    /failed to find plugin \\?"(?<plugin>[\w.-]{1,64})\\?" in path/,
  ),
  of(
    'unknown',
    'file-missing',
    'no such file or directory',
    /open (?<path>\/[^\s:"]{1,300}): no such file or directory/,
  ),
  of('kubelet', 'subnet-file-missing', '/run/flannel/subnet.env: no such file'),
];

const target = '(?<target>[^\\s"]{3,280}?)';
const network: readonly LogEvent[] = [
  of('unknown', 'dial-timeout', 'i/o timeout', new RegExp(`dial (?:tcp|udp)[46]? ${target}: i/o timeout`)),
  of(
    'unknown',
    'dial-refused',
    'connection refused',
    new RegExp(`dial (?:tcp|udp)[46]? ${target}: (?:connect|getsockopt): connection refused`),
  ),
  of(
    'unknown',
    'dial-unreachable',
    'no route to host',
    new RegExp(`dial (?:tcp|udp)[46]? ${target}: (?:connect|getsockopt): no route to host`),
  ),
  of(
    'unknown',
    'dial-unreachable',
    'network is unreachable',
    new RegExp(`dial (?:tcp|udp)[46]? ${target}: (?:connect|getsockopt): network is unreachable`),
  ),
  of(
    'unknown',
    'read-timeout',
    'i/o timeout',
    new RegExp(
      `read (?<proto>tcp|udp)[46]? (?<source>\\[?${ip}\\]?:\\d{1,5})->(?<target>\\[?${ip}\\]?:\\d{1,5}): i/o timeout`,
    ),
  ),
  of(
    'unknown',
    'tls-handshake-timeout',
    'TLS handshake timeout',
    /(?:"|Get \\?"?|Post \\?"?)(?<target>https:[^\s"\\]{1,300})[^\n]{0,200}TLS handshake timeout/,
  ),
];

const kubeProxy: readonly LogEvent[] = [
  of(
    'kube-proxy',
    'node-info-failed',
    'Failed to retrieve node info',
    /Failed to retrieve node info:? ?(?<reason>[^\n]{0,400})/,
  ),
  of(
    'kube-proxy',
    'unknown-field',
    'unknown field',
    /(?:unknown field \\?"(?<field>[\w.[\]]{1,200})\\?"|found unknown field: (?<name>[\w.]{1,200}))/g,
  ),
  of(
    'kube-proxy',
    'config-refused',
    'failed validate',
    /failed validate: (?<reason>(?:KubeProxyConfiguration\.)?(?<path>[\w.]{1,80}): (?:Invalid value|Required value|Unsupported value)[^\n]{0,400}?)"?$/,
  ),
  of(
    'kube-proxy',
    'config-refused',
    'failed complete',
    /failed complete: (?<reason>(?:yaml: |no kind "?KubeProxyConfiguration|couldn't get version\/kind|json: cannot unmarshal )[^\n]{0,400}?)"?$/,
  ),
  of(
    'kube-proxy',
    'config-refused',
    'KubeProxyConfiguration',
    /(?<reason>v1alpha1\.KubeProxyConfiguration[^\n]{0,200}?(?:Read\w{1,20}|decode \w{1,20}): (?!found unknown)[^\n]{1,400}?|json: cannot unmarshal [^\n]{1,80} KubeProxyConfiguration\.(?<path>[\w.]{1,80})[^\n]{1,200}?)"?$/,
  ),
  of(
    'kube-proxy',
    'config-refused',
    'no kind',
    /error loading config file [^\n]{1,300}?: (?<reason>no kind \\?"KubeProxyConfiguration[^\n]{1,300})/,
  ),
  of('kube-proxy', 'config-lenient', 'enient decoding as strict decoding failed'),
  of('kube-proxy', 'proxy-mode', ' Proxier', /Using (?<mode>iptables|ipvs|nftables|userspace) Proxier/i),
  of(
    'kube-proxy',
    'proxy-mode-assumed',
    'assuming iptables proxy',
    /proxy-mode=?\\?"(?<given>[^"\\\n]{0,40})\\?" unknown, assuming iptables proxy/,
  ),
  of('kube-proxy', 'ipvs-unusable', 'use ipvs proxier', /[Cc]an(?:'|no)t use ipvs proxier[^\n]{0,200}/),
  of('kube-proxy', 'no-cluster-cidr', 'unable to distinguish between internal and external traffic'),
  of('kube-proxy', 'no-cluster-cidr', 'but no cluster CIDR defined'),
  of(
    'kube-proxy',
    'iptables-restore-failed',
    'Failed to execute iptables-restore',
    /Failed to execute iptables-restore[:"]? ?(?<reason>[^\n]{0,400})/,
  ),
];

const kernel: readonly LogEvent[] = [
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

const others: readonly LogEvent[] = [
  of(
    'calico',
    'bgp-not-established',
    'BGP not established with',
    /BGP not established with (?<peers>[0-9A-Fa-f.:, ]{2,500})/,
  ),
  of('calico', 'felix-not-ready', 'felix is not ready', /felix is not ready: ?(?<reason>[^\n]{0,200})/i),
  of('calico', 'iptables-restore-failed', 'Failed to execute ip(6)tables-restore'),
  of(
    'apiserver',
    'master-endpoints-reset',
    'Resetting endpoints for master service',
    /Resetting endpoints for master service \\?"(?<service>[\w.-]{1,63})\\?" to (?<endpoints>[^\n]{1,300})/,
  ),
  of('k3s', 'node-password-rejected', 'Node password rejected'),
  of('k3s', 'component-flags', 'Running kube', /Running (?<program>kubelet|kube-proxy) (?<flags>--[^\n]{1,8000})/),
];

export const logEvents: readonly LogEvent[] = [
  ...flannel,
  ...cni,
  ...x509Events,
  ...network,
  ...kubeProxy,
  ...kernel,
  ...others,
];

/** True for lines that may hold an event: one pass over the line for all literals. */
const holdsLiteral = literalGate([...new Set(logEvents.map((one) => one.has))]);

export interface FoundEvent {
  readonly event: LogEvent;
  readonly data: Readonly<Record<string, string>>;
  /** Offset in the file up to which it was read, where it goes on behind its line. */
  readonly end?: number;
}

/** The events of a line; usually none. Lines beyond any logger's limit are not searched. */
export function eventsOf(line: string): readonly FoundEvent[] {
  if (line.length > 20_000 || !holdsLiteral(line)) return [];
  const found: FoundEvent[] = [];
  for (const event of logEvents) {
    if (!line.includes(event.has)) continue;
    if (event.pattern === null) {
      found.push({ event, data: {} });
      continue;
    }
    for (const match of event.pattern.global ? line.matchAll(event.pattern) : [event.pattern.exec(line)])
      if (match !== null) found.push({ event, data: groupsOf(match) });
  }
  return found;
}

function groupsOf(match: RegExpExecArray): Readonly<Record<string, string>> {
  const data: Record<string, string> = {};
  for (const [name, value] of Object.entries(match.groups ?? {}))
    if (typeof value === 'string') data[name] = value.trim();
  if (data.name !== undefined) {
    const { name, ...rest } = data;
    return { ...rest, field: name };
  }
  return data;
}
