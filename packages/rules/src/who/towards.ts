/** Where an address is, as a node sees it. */
import {
  type Address,
  areNoPair,
  type Family,
  type Ip,
  type Link,
  type NetNs,
  type Node,
  prefixContains,
  prefixOf,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';

/** The first global address of an interface that is not a loopback one; IPv4 before IPv6, unless a family is asked for. */
export function nodeAddress(node: Node, family?: Family): Ip | null {
  const global = node.host.addresses.rows.filter(
    (row) => row.scope === 'global' && row.dev !== 'lo' && (family === undefined || row.ip.family === family),
  );
  return (global.find(({ ip }) => ip.family === 4) ?? global[0])?.ip ?? null;
}

/** The captured namespace that holds the address. */
export function holderOf(snapshot: Snapshot, ip: Ip): { readonly node: Node; readonly ns: NetNs } | null {
  for (const node of snapshot.nodes)
    for (const ns of [node.host, ...node.namespaces])
      if (ns.addresses.rows.some((row) => sameIp(row.ip, ip))) return { node, ns };
  return null;
}

/** All captured namespaces that hold the address; of addresses of `lo` the hosts', which every namespace has. */
export function holdersOf(snapshot: Snapshot, ip: Ip): readonly { readonly node: Node; readonly ns: NetNs }[] {
  const holders = snapshot.nodes.flatMap((node) =>
    [node.host, ...node.namespaces].flatMap((ns) => {
      const rows = ns.addresses.rows.filter((row) => sameIp(row.ip, ip));
      return rows.length === 0 ? [] : [{ node, ns, own: rows.some(({ dev }) => dev !== 'lo') }];
    }),
  );
  const own = holders.filter((one) => one.own);
  return own.length > 0 ? own : holders.filter(({ ns }) => ns.name === null);
}

/** The device of the most specific on-link route to the address. */
export function deviceTowards(ns: NetNs, ip: Ip): string | null {
  let best: { readonly length: number; readonly dev: string } | null = null;
  for (const route of ns.routes.rows) {
    const [hop] = route.nexthops;
    if (route.type !== 'unicast' || hop === undefined || hop.via !== null || hop.dev === null) continue;
    if (!prefixContains(route.dst, ip) || (best !== null && best.length >= route.dst.length)) continue;
    best = { length: route.dst.length, dev: hop.dev };
  }
  if (best !== null) return best.dev;
  const row = ns.addresses.rows.find(
    (address) => prefixContains(prefixOf(address.ip, address.prefixLength), ip) && address.dev !== 'lo',
  );
  return row?.dev ?? null;
}

/** The device of a route that leads to the address through one of the node's own, as Cilium's do to its pods: a data path of its own takes over there. */
export function deviceBeyondItself(ns: NetNs, ip: Ip): string | null {
  const own = ns.routes.rows.find(
    ({ type, dst, nexthops: [hop] }) =>
      type === 'unicast' &&
      dst.length > 0 &&
      prefixContains(dst, ip) &&
      hop?.via != null &&
      ns.addresses.rows.some((row) => hop.via !== null && sameIp(row.ip, hop.via)),
  );
  return own?.nexthops[0]?.dev ?? null;
}

/** The device behind which a pod of this node has just this address, where that is not the holder: a veth pair as Calico routes to them, or a bridge. */
export function podDeviceOf({ host }: Node, ip: Ip, holder: NetNs): string | null {
  const dev = deviceTowards(host, ip);
  const link = linkNamed(host, dev);
  if (link?.details?.kind === 'bridge') return isApart(host, link.name, ip, holder) ? dev : null;
  const alone = host.routes.rows.some(
    ({ dst, nexthops: [hop] }) => dst.length === widths[ip.family] && sameIp(dst.ip, ip) && hop?.dev === dev,
  );
  const far = linkNamed(holder, deviceWith(holder, ip));
  const isPair = link?.details?.kind === 'other' && link.details.type === 'veth';
  return alone && isPair && far !== undefined && areNoPair(link, far) ? dev : null;
}

/** The address is of the bridge's network, and the device of the host that holds it is of another: it does not stand there. */
function isApart(host: NetNs, bridge: string, ip: Ip, holder: NetNs): boolean {
  if (holder.name !== null) return false;
  const own = host.addresses.rows.filter((row) => row.dev === bridge && row.ip.family === ip.family);
  const far = deviceWith(holder, ip);
  const networks = holder.addresses.rows.filter((row) => row.dev === far);
  const isWithin = ({ ip: at, prefixLength }: Address, who: Ip) => prefixContains(prefixOf(at, prefixLength), who);
  return own.some((row) => isWithin(row, ip)) && own.every((row) => !networks.some((one) => isWithin(one, row.ip)));
}

function deviceWith(ns: NetNs, ip: Ip): string | null {
  return ns.addresses.rows.find((row) => sameIp(row.ip, ip))?.dev ?? null;
}

const widths = { 4: 32, 6: 128 } as const;

function linkNamed(ns: NetNs, dev: string | null): Link | undefined {
  return ns.links.rows.find(({ name }) => name === dev);
}
