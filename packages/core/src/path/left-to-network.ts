/**
 * Clusters that leave their pods' packets to the network between the nodes, as those of cloud providers do (VPC routes, alias ranges, addresses of the
 * subnet that a card holds beside its own): no node has a way of its own to the pods of another, so the gateway of the default route leads there.
 * ip-route(8); https://cloud.google.com/vpc/docs/alias-ip, https://docs.aws.amazon.com/eks/latest/userguide/pod-networking.html.
 */
import { type Ip, ipKey, sameIp } from '../inet/ip.js';
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
  const [only, another] = hostsOf(places, dst).filter((one) => !one.bridged || isSibling(one, place));
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
  const own = hostsOf(places, src).find((one) => one.place === place);
  if (own === undefined || !isLeftToNetwork(places)) return false;
  return !own.bridged || places.some((other) => other.ns.name === null && isSibling(own, other));
}

interface PodHost extends Holder {
  /** By a bridge: networks of docker's and of virtual machines stand behind such, too. */
  readonly bridged: boolean;
}

const answers = oncePerPlaces(() => new Map<string | number, readonly PodHost[]>());

/** Hosts behind which the address stands, on the veth pair of one pod or on a bridge. */
function hostsOf(places: readonly Place[], ip: Ip): readonly PodHost[] {
  const known = answers(places);
  const before = known.get(ipKey(ip));
  if (before !== undefined) return before;
  const found = places.filter(({ ns }) => ns.name === null).flatMap((place) => behind(place, ip));
  known.set(ipKey(ip), found);
  return found;
}

function behind(place: Place, ip: Ip): readonly PodHost[] {
  const answer = lookupRoute(place, towardsOf(ip));
  if (answer.kind !== 'route' || answer.route.type !== 'unicast') return [];
  const [hop, second] = answer.hops;
  if (hop?.dev == null || hop.via !== null || second !== undefined || leadsOut(place, hop.dev)) return [];
  const details = linkOf(place, hop.dev)?.details ?? null;
  if (details?.kind === 'bridge') return [{ place, dev: hop.dev, bridged: true }];
  const alone = answer.route.dst.length === widths[ip.family];
  return alone && details?.kind === 'other' && details.type === 'veth' ? [{ place, dev: hop.dev, bridged: false }] : [];
}

/** One range for all nodes is at most so many bits wider than the part of each. */
const mostShared = 12;

/** An address plan gave both a bridge of this name, with networks of one size out of one range; LXD and others draw theirs anywhere. */
function isSibling({ place, dev }: PodHost, other: Place): boolean {
  if (linkOf(other, dev)?.details?.kind !== 'bridge') return false;
  const theirs = globalOn(other, dev);
  return globalOn(place, dev).some(({ ip, prefixLength }) =>
    theirs.some(
      (row) =>
        row.ip.family === ip.family &&
        row.prefixLength === prefixLength &&
        prefixContains(prefixOf(ip, Math.max(0, prefixLength - mostShared)), row.ip) &&
        !prefixContains(prefixOf(ip, prefixLength), row.ip),
    ),
  );
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
      .filter((pod) => !pod.bridged || isSibling(pod, place))
      .map(({ ip }) => lookupRoute(place, towardsOf(ip)))
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

/** One pod behind a veth pair, and an address of each bridge's network. */
function podsOf(place: Place): readonly (PodHost & { readonly ip: Ip })[] {
  const alone = place.ns.routes.rows.filter(
    ({ dst, type, table, nexthops: [hop] }) =>
      type === 'unicast' && table === 'main' && hop?.via === null && dst.length === widths[dst.ip.family],
  );
  const routed = firstOf(alone, ({ dst }) => behind(place, dst.ip).map((one) => ({ ...one, ip: dst.ip })));
  const bridged = place.ns.addresses.rows
    .filter(({ dev, scope }) => scope === 'global' && linkOf(place, dev)?.details?.kind === 'bridge')
    .map(({ dev, ip, prefixLength }) => ({ place, dev, bridged: true, ip: besideOf(prefixOf(ip, prefixLength), ip) }));
  return [...routed, ...bridged];
}

function firstOf<Row, Found>(rows: readonly Row[], find: (row: Row) => readonly Found[]): readonly Found[] {
  for (const row of rows) {
    const found = find(row);
    if (found.length > 0) return found;
  }
  return [];
}

/** An address of the network that is not the bridge's own. */
function besideOf({ ip }: Prefix, own: Ip): Ip {
  const shifted = (by: number) => (ip.family === 4 ? { ...ip, a: (ip.a + by) >>> 0 } : { ...ip, d: (ip.d + by) >>> 0 });
  const [first, second] = [shifted(2), shifted(3)];
  return sameIp(first, own) ? second : first;
}
