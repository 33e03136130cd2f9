/** A route for the Services by the interface of their endpoints: routing then chooses that interface's address before DNAT. */
import {
  type Family,
  formatIp,
  formatPrefix,
  hostPrefix,
  type Ip,
  type Node,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixOf,
  type Setting,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { serviceEntries } from '../facts/service-entries.js';
import { tablesNamed } from '../facts/table-rules.js';
import type { Fix } from '../finding.js';
import type { Call } from './calls.js';
import type { Stray } from './stray.js';

export interface ServiceNetwork {
  readonly prefix: Prefix;
  /** The option that says so; null: concluded from the addresses of the Services. */
  readonly setting: Setting | null;
}

export function routeFix(node: Node, { right }: Call, stray: Stray, network: ServiceNetwork): Fix {
  const source = stray.direct !== null && !isFirst(node, right, stray.direct) ? ` src ${formatIp(stray.direct)}` : '';
  return networkRouteFix(node, right, source, network, masqueraded);
}

const masqueraded = ' Masquerading by kube-proxy (clusterCIDR, or masqueradeAll) hides the wrong source too.';

/** `source`: ` src ADDRESS`, or nothing; `more`: what else helps. */
export function networkRouteFix(
  node: Node,
  right: string,
  source: string,
  { prefix, setting }: ServiceNetwork,
  more: string,
): Fix {
  const unknown = `${formatPrefix(prefix)} holds the Services of the captured rules; take the whole Service range of the cluster (--service-cluster-ip-range) where it is known. `;
  return fixFor(node, prefix, right, source, setting === null ? unknown : '', more);
}

/** Where the Service's address is all that is known of the Services. */
export function hostRouteFix(node: Node, service: Ip, dev: string): Fix {
  const whole = 'Take the whole Service range of the cluster (--service-cluster-ip-range) where it is known. ';
  return fixFor(node, hostPrefix(service), dev, '', whole, masqueraded);
}

function fixFor(node: Node, prefix: Prefix, right: string, source: string, hint: string, more: string): Fix {
  const net = formatPrefix(prefix);
  const family = prefix.ip.family;
  const tool = family === 4 ? 'ip' : 'ip -6';
  const route = `${net} dev ${right}${source}`;
  return {
    steps: [
      {
        node: node.name,
        command: `${tool} route add ${route}`,
        disrupts: `nothing: new calls of Services leave with the address of ${right}, and after DNAT go where they went before`,
        undo: `${tool} route del ${route}`,
      },
    ],
    persist: `Keep the route where the interface is configured: systemd-networkd [Route] Destination=${net} Scope=link in the file of ${right}; netplan routes: - to: ${net}, scope: link below ${right}; NetworkManager nmcli connection modify ${right} +ipv${family}.routes ${net}; ifcfg: ${net} dev ${right} in route-${right}. A cron job that adds it again leaves gaps.`,
    notes: `${hint}The same goes for pods with hostNetwork, which use the node's routes.${more}`,
    verified: null,
  };
}

/** Without `src` the kernel takes the device's first address. */
function isFirst({ host }: Node, dev: string, ip: Ip): boolean {
  const row = host.addresses.rows.find(
    (one) => one.dev === dev && one.ip.family === ip.family && one.scope === 'global',
  );
  return row !== undefined && sameIp(row.ip, ip);
}

/** As the API server or k3s was told; else the smallest network of the Services that holds nothing else; else the one address. */
export function serviceNetwork(snapshot: Snapshot, node: Node, { entry }: Pick<Call, 'entry'>): ServiceNetwork {
  for (const setting of snapshot.nodes.flatMap(({ settings }) => settings)) {
    if (!/^(?:--)?(?:service-cluster-ip-range|service-cidr)$/.test(setting.key)) continue;
    for (const word of setting.value.split(',')) {
      const prefix = parsePrefix(word.trim());
      if (prefix !== null && prefixContains(prefix, entry.ip)) return { prefix, setting };
    }
  }
  const family = entry.ip.family;
  const services = tablesNamed(node.host, family, 'nat').flatMap(({ table }) => serviceEntries(table, family));
  const used = usedBy(
    snapshot,
    family,
    services.flatMap(({ endpoints }) => endpoints.map(({ ip }) => ip)),
  );
  const whole = covering(services.map(({ ip }) => ip));
  const free = whole !== null && whole.length >= 8 && !used.some((one) => prefixesOverlap(whole, one));
  return { prefix: free ? whole : hostPrefix(entry.ip), setting: null };
}

function usedBy({ nodes }: Snapshot, family: Family, endpoints: readonly Ip[]): readonly Prefix[] {
  const routes = nodes.flatMap(({ host }) =>
    host.routes.rows.filter((route) => route.family === family && route.dst.length > 0).map(({ dst }) => dst),
  );
  return [...routes, ...endpoints.map(hostPrefix)];
}

function covering(ips: readonly Ip[]): Prefix | null {
  const [first] = ips;
  if (first === undefined) return null;
  let prefix = hostPrefix(first);
  for (const ip of ips)
    while (prefix.length > 0 && !prefixContains(prefix, ip)) prefix = prefixOf(prefix.ip, prefix.length - 1);
  return prefix;
}
