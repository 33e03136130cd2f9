/** Which networks lie behind a node: hosts there have it for their gateway, so that they answer whatever it passes on to them. */
import type { Ip } from '../inet/ip.js';
import type { Skb } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import { towardsOf } from '../route/question.js';
import type { Link } from '../snapshot/link.js';
import { portsOf } from '../snapshot/rows-by.js';
import { linkOf, mayBeTunnel } from './frame.js';
import type { Place } from './place.js';

/** The network behind the device has this node for its gateway, so that hosts there answer `src`: nothing else of ours leads out by it. */
export function isDownstream(place: Place, dev: string, { src, dst }: Pick<Skb, 'src' | 'dst'>): boolean {
  const out = lookupRoute(place, towardsOf({ ...dst, a: 0, b: 0, c: 0, d: 0 }));
  // Without a default route nothing leads out at all; then only the pods of a bridge or a veth pair are surely behind this node.
  if (out.kind !== 'route') return leadsInside(place, dev);
  if (out.hops.some((hop) => hop.dev === dev)) return false;
  return !isSecondCard(place, dev) || comesFrom(place, src, out.hops);
}

/** Who calls from beyond the default route has this node for the gateway of that network; the node itself and its pods need not. */
function comesFrom(place: Place, src: Ip, out: readonly { readonly dev: string | null }[]): boolean {
  const back = lookupRoute(place, towardsOf(src));
  if (back.kind !== 'route' || back.route.type !== 'unicast') return false;
  return back.hops.every((hop) => out.some(({ dev }) => dev === hop.dev));
}

/** Pods stand behind bridges and veth pairs. */
export function leadsInside(place: Place, dev: string): boolean {
  const details = linkOf(place, dev)?.details ?? null;
  return details?.kind === 'bridge' || (details?.kind === 'other' && details.type === 'veth');
}

/** A device on a wire, with a network of its own: hosts there have their own gateway for all that anybody knows. */
function isSecondCard(place: Place, dev: string): boolean {
  const link = linkOf(place, dev);
  if (link === undefined || !isWired(place, link)) return false;
  const whole = (family: number) => (family === 4 ? 32 : 128);
  return place.ns.addresses.rows.some(
    (row) => row.dev === dev && row.scope === 'global' && row.peer === null && row.prefixLength < whole(row.ip.family),
  );
}

const wired: readonly string[] = ['veth', 'bond', 'team', 'macvlan', 'ipvlan'];

function isWired(place: Place, link: Link): boolean {
  const { details, type, name } = link;
  if (type !== 'ether' || mayBeTunnel(link)) return false;
  if (details === null || details.kind === 'vlan') return true;
  if (details.kind === 'bridge')
    return portsOf(place.ns, name).some((port) => port.details === null && isWired(place, port));
  return details.kind === 'other' && wired.includes(details.type);
}
