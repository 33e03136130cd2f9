/** Neighbour entries that name the hardware address of a third node, which does not hold the address. arp(7), net/ipv4/arp.c `arp_process`. */
import { formatIp, formatMac, gapOf, type Link, type Node, type Reason, sameMac } from '@coldtrace/core';
import { isEthernet, linkNamed } from '../facts/links.js';
import { type Addressed, type Held, isUsable, type Misdirected, ownAddress, standsElsewhere } from './misdirected.js';

/** `wrong` is an interface of the taker, who gets the frames instead of the holder. */
export interface Astray extends Misdirected {
  readonly taker: Node;
}

interface Device {
  readonly node: Node;
  readonly link: Link;
}

/** Hardware addresses that one node alone has: clones and bridges of containers have theirs on several. */
export function devicesByMac(nodes: readonly Node[]): ReadonlyMap<string, Device> {
  const found = new Map<string, Device | null>();
  for (const node of nodes) {
    for (const link of node.host.links.rows) {
      if (link.mac === null || link.trust === 'claimed') continue;
      const key = formatMac(link.mac);
      const before = found.get(key);
      // A bond goes before its members, and a device before those that stand on it.
      if (before === undefined || (before?.node === node && before.link.master !== null))
        found.set(key, { node, link });
      else if (before?.node !== node) found.set(key, null);
    }
  }
  return new Map([...found].flatMap(([key, device]) => (device === null ? [] : [[key, device] as const])));
}

export function astrayEntries(
  node: Node,
  held: ReadonlyMap<string, readonly Held[]>,
  devices: ReadonlyMap<string, Device>,
): readonly Astray[] {
  return node.host.neighbours.rows.flatMap((entry) => {
    if (!isUsable(entry)) return [];
    const [only, another] = held.get(formatIp(entry.ip)) ?? [];
    const device = devices.get(formatMac(entry.lladdr));
    if (only === undefined || another !== undefined || device === undefined) return [];
    return judge(node, entry, only, device) ?? [];
  });
}

function judge(
  node: Node,
  entry: Addressed,
  { node: holder, address }: Held,
  { node: taker, link: wrong }: Device,
): Astray | null {
  const right = linkNamed(holder.host, address.dev);
  if ([holder, taker].includes(node) || holder === taker || right === undefined || right.mac === null) return null;
  if (sameMac(right.mac, entry.lladdr) || !isEthernet(right) || !isEthernet(wrong)) return null;
  if (standsElsewhere(node, entry) || answersForOthers(taker, wrong)) return null;
  const own = ownAddress(node, entry.dev, entry.ip);
  return { node, entry, holder, address, right: { ...right, mac: right.mac }, taker, wrong, own };
}

const proxyKeys = ['proxy_arp', 'proxy_arp_pvlan', 'proxy_ndp'];

/** A router that answers for hosts behind it is asked in their place by intention. */
function answersForOthers({ host }: Node, { name }: Link): boolean {
  const set = (who: string, key: string) =>
    ['ipv4', 'ipv6'].some((family) => Number(host.sysctl.byKey.get(`net/${family}/conf/${who}/${key}`)?.value) > 0);
  return (
    proxyKeys.some((key) => set('all', key) || set(name, key)) ||
    host.neighbours.rows.some(({ proxy, dev }) => proxy && dev === name)
  );
}

/** The taker may answer for the address by intention: what was not captured of that. */
export function proxyDoubt({ taker, wrong }: Astray): readonly Reason[] {
  const told = (who: string) => taker.host.sysctl.byKey.has(`net/ipv4/conf/${who}/proxy_arp`);
  if (taker.host.sysctl.state === 'complete' || (told('all') && told(wrong.name))) return [];
  const text = `proxy_arp of ${taker.name} not captured; the kernel's default 0 is taken ${gapOf(taker.name, taker.host, 'sysctl')}`;
  return [{ dump: 'sysctl', text }];
}
