/** The messages that name a known fault or state a fact, by component. Every pattern is linear: literals, bounded classes, no nested repeats. */
import { literalGate } from '../text/literal-gate.js';
import { type LogEvent, logEvent as of } from './event.js';
import { flannelEvents } from './flannel-events.js';
import { kernelEvents } from './kernel-events.js';
import { kubeProxyEvents } from './kube-proxy-events.js';
import { cidr, ip } from './patterns.js';
import { x509Events } from './x509-events.js';

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
  ...flannelEvents,
  ...cni,
  ...x509Events,
  ...network,
  ...kubeProxyEvents,
  ...kernelEvents,
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
