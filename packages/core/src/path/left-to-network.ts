/**
 * Clusters that leave their pods' packets to the network between the nodes, as those of cloud providers do (VPC routes, alias ranges, addresses of the
 * subnet that a card holds beside its own): no node has a way of its own to the pods of another, so the gateway of the default route leads there.
 * ip-route(8); https://cloud.google.com/vpc/docs/alias-ip, https://docs.aws.amazon.com/eks/latest/userguide/pod-networking.html.
 */
import { type Family, type Ip, ipKey } from '../inet/ip.js';
import { isLinkLocal } from '../inet/ip-kind.js';
import { type Prefix, prefixContains, prefixOf } from '../inet/prefix.js';
import type { Skb } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import { type RouteAnswer, towardsOf } from '../route/question.js';
import type { Address } from '../snapshot/address.js';
import { addressesOn } from '../snapshot/rows-by.js';
import { linkOf } from './frame.js';
import type { Place } from './place.js';
import { type Holder, oncePerPlaces } from './places.js';
import type { Exit } from './world.js';

/** Where packets for a pod of another host come in that the network brings there: by the device that the pod's answers leave by. */
export function broughtTo(
  places: readonly Place[],
  place: Place,
  { dev, towards }: Pick<Exit, 'dev' | 'towards'>,
  { src, dst }: Pick<Skb, 'src' | 'dst'>,
): Holder | null {
  const [only, another] = hostsOf(places, dst);
  if (only === undefined || another !== undefined || only.place === place) return null;
  const near = networksOn(place, dev, dst).some((network) => prefixContains(network, towards));
  if (!near && !(isByDefault(lookupRoute(place, towardsOf(dst))) && isLeftToNetwork(places))) return null;
  const back = lookupRoute(only.place, { ...towardsOf(src), src: dst, iif: only.dev });
  const [hop, second] = back.kind === 'route' && back.route.type === 'unicast' ? back.hops : [];
  if (hop?.dev == null || second !== undefined || hop.dev === only.dev) return null;
  return { place: only.place, dev: hop.dev };
}

/** Does the source stand behind this host, and does the network bring what is for it? */
export function isBroughtBack(places: readonly Place[], place: Place, src: Ip): boolean {
  return hostsOf(places, src).some((one) => one.place === place) && isLeftToNetwork(places);
}

const answers = oncePerPlaces(() => new Map<string | number, readonly Holder[]>());

/** Hosts behind which the address stands, on a veth pair of its own. On bridges stand the pods of flannel and others, whose lost routes look the same. */
function hostsOf(places: readonly Place[], ip: Ip): readonly Holder[] {
  const known = answers(places);
  const before = known.get(ipKey(ip));
  if (before !== undefined) return before;
  const found = places.filter(({ ns }) => ns.name === null).flatMap((place) => behind(place, ip));
  known.set(ipKey(ip), found);
  return found;
}

function behind(place: Place, ip: Ip): readonly Holder[] {
  const answer = lookupRoute(place, towardsOf(ip));
  if (answer.kind !== 'route' || answer.route.type !== 'unicast') return [];
  const [hop, second] = answer.hops;
  if (hop?.dev == null || hop.via !== null || second !== undefined || leadsOut(place, hop.dev)) return [];
  const details = linkOf(place, hop.dev)?.details ?? null;
  const alone = answer.route.dst.length === widths[ip.family];
  return alone && details?.kind === 'other' && details.type === 'veth' ? [{ place, dev: hop.dev }] : [];
}

/** What stands on a veth pair itself, as a machine in a container does, has its uplink there. */
const leadsOut = ({ ns }: Place, dev: string) =>
  ns.routes.rows.some(({ dst, nexthops }) => dst.length === 0 && nexthops.some((hop) => hop.dev === dev));

const widths = { 4: 32, 6: 128 } as const;

const globalOn = (place: Place, dev: string): readonly Address[] =>
  addressesOn(place.ns, dev).filter(({ scope, ip }) => scope === 'global' && !isLinkLocal(ip));

/** Networks of the device that hold the address. */
function networksOn(place: Place, dev: string, ip: Ip): readonly Prefix[] {
  return globalOn(place, dev)
    .filter((row) => row.ip.family === ip.family)
    .map((row) => prefixOf(row.ip, row.prefixLength))
    .filter((network) => network.length < widths[ip.family] && prefixContains(network, ip));
}

const isByDefault = (answer: RouteAnswer) => answer.kind === 'route' && answer.route.dst.length === 0;

/** Each asks about the pods of so many others: what is true of a cluster they show. */
const mostAsked = 4;

/** Two hosts with pods at least; none has a tunnel, or a route of its own to the pods of another. */
const isLeftToNetwork = oncePerPlaces((places) => {
  const hosts = places.filter(({ ns }) => ns.name === null);
  if (hosts.some(hasTunnel)) return false;
  const having = hosts.map((place) => ({ place, pods: podsOf(place) })).filter(({ pods }) => pods.length > 0);
  const ways = having.flatMap(({ place }, at) =>
    Array.from({ length: Math.min(mostAsked, having.length - 1) }, (_, step) => having[(at + step + 1) % having.length])
      .flatMap((other) => other?.pods ?? [])
      .map((pod) => lookupRoute(place, towardsOf(pod)))
      .filter((answer) => answer.kind !== 'route' || answer.hops.some(({ via }) => via !== null)),
  );
  return ways.length > 0 && ways.every(isByDefault);
});

/** Tunnels to other nodes; a VPN beside them (tun, WireGuard) is none of the pods'. */
function hasTunnel({ ns }: Place): boolean {
  return ns.links.rows.some(
    ({ details, flags }) => (details?.kind === 'vxlan' || details?.kind === 'tunnel') && flags.includes('UP'),
  );
}

/** One of each family. */
function podsOf(place: Place): readonly Ip[] {
  const alone = place.ns.routes.rows.filter(
    ({ dst, type, table, nexthops: [hop] }) =>
      type === 'unicast' && table === 'main' && hop?.via === null && dst.length === widths[dst.ip.family],
  );
  return families.flatMap((family) => {
    const found = alone.find(({ dst }) => dst.ip.family === family && behind(place, dst.ip).length > 0);
    return found === undefined ? [] : [found.dst.ip];
  });
}

const families: readonly Family[] = [4, 6];
