/** Who is at the other end: which captured namespace receives what leaves a device, and what is assumed of hosts that were not captured. */

import { type Ip, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import type { Mac } from '../inet/mac.js';
import { prefixContains, prefixOf } from '../inet/prefix.js';
import { lookupRoute } from '../route/lookup.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Reason } from '../tri.js';
import { bridgeNetfilter } from './bridge.js';
import { type AssumeMode, type Place, placeOf } from './place.js';
import { type FarEnd, farEndOf } from './veth.js';
import type { Exit } from './world.js';

/** Every namespace of the snapshot. */
export function placesOf(snapshot: Pick<Snapshot, 'nodes'>, assume: AssumeMode): readonly Place[] {
  return snapshot.nodes.flatMap((node) => [node.host, ...node.namespaces].map((ns) => placeOf(node, ns, assume)));
}

export interface Holder {
  readonly place: Place;
  readonly dev: string;
}

/** The namespaces that hold the address on an interface of their own (not lo). */
export function holdersOf(places: readonly Place[], ip: Ip): readonly Holder[] {
  return places.flatMap((place) => {
    const row = place.ns.addresses.rows.find(
      (address) => address.dev !== 'lo' && address.trust !== 'claimed' && sameIp(address.ip, ip),
    );
    return row === undefined ? [] : [{ place, dev: row.dev }];
  });
}

/** Kinds of devices that put the packet into another one. */
export function tunnelKind(place: Place, dev: string): string | null {
  const details = place.ns.links.rows.find((link) => link.name === dev)?.details ?? null;
  if (details === null) return null;
  if (details.kind === 'vxlan') return 'vxlan';
  if (details.kind === 'tunnel') return details.type;
  return details.kind === 'other' && ['wireguard', 'tun'].includes(details.type) ? details.type : null;
}

export type Beyond =
  /** A captured namespace takes it in. */
  | { readonly kind: 'place'; readonly holder: Holder; readonly assumption: string | null }
  /** Something that is not modelled stands in between. */
  | { readonly kind: 'open'; readonly because: readonly Reason[] }
  /** A host that was not captured: the destination itself, or a gateway on the way. */
  | { readonly kind: 'outside'; readonly gateway: boolean };

function open(text: string, dump: Reason['dump'] = null): Beyond {
  return { kind: 'open', because: [{ dump, text }] };
}

/** What stands at the far end of a frame that leaves `place`. */
export function beyond(places: readonly Place[], place: Place, exit: Exit, dst: Ip): Beyond {
  const tunnel = tunnelKind(place, exit.dev);
  if (tunnel !== null)
    return open(`what becomes of a packet in the ${tunnel} device ${exit.dev} of ${place.name} is not modelled`);
  const wire = farEndOf(places, place, exit.dev);
  if (wire !== null) return overWire(places, place, exit, wire);
  const others = places.filter((other) => other !== place);
  const direct = nearest(place, exit, holdersOf(others, exit.towards));
  if (direct !== null) return direct;
  const gateway = !sameIp(exit.towards, dst);
  const behind = gateway ? holdersOf(others, dst).filter((far) => far.place.ns.name === null) : [];
  const [far, another] = behind;
  if (another !== undefined) return severally(dst, behind);
  if (far === undefined) return { kind: 'outside', gateway };
  const text = `the gateway ${formatIp(exit.towards)} was not captured; it is taken to pass packets on to ${formatIp(dst)}`;
  return { kind: 'place', holder: far, assumption: text };
}

function severally(ip: Ip, holders: readonly Holder[]): Beyond {
  return open(`several captured namespaces hold ${formatIp(ip)}: ${holders.map(({ place }) => place.name).join(', ')}`);
}

/** Namespaces of the same node first: addresses of pods and of docker's networks are the same on many nodes. */
function nearest(place: Place, exit: Exit, holders: readonly Holder[]): Beyond | null {
  const here = holders.filter((holder) => holder.place.node === place.node);
  const hosts = holders.filter((holder) => holder.place.node !== place.node && holder.place.ns.name === null);
  const inside = here.length > 0 && (hosts.length === 0 || leadsInside(place, exit.dev));
  const candidates = inside ? here : here.length > 0 ? holders : hosts.length > 0 ? hosts : holders;
  const [only, another] = candidates;
  if (only === undefined) return null;
  return another === undefined
    ? { kind: 'place', holder: only, assumption: null }
    : severally(exit.towards, candidates);
}

function leadsInside(place: Place, dev: string): boolean {
  const details = place.ns.links.rows.find((row) => row.name === dev)?.details ?? null;
  return details?.kind === 'bridge' || (details?.kind === 'other' && details.type === 'veth');
}

/** Over a veth pair the other end takes the frame, or the bridge that the other end is a port of. */
function overWire(places: readonly Place[], place: Place, exit: Exit, wire: FarEnd | 'unclear'): Beyond {
  if (wire === 'unclear')
    return open(`which device is the other end of ${exit.dev} of ${place.name} is not clear`, 'ip-link');
  const far = wire.place;
  const holder = { place: far, dev: wire.link.name };
  const own = holdersOf([far], exit.towards).length > 0;
  if (own) return { kind: 'place', holder, assumption: null };
  if (wire.link.master !== null) return overBridge(places, place, exit, wire, wire.link.master);
  const entry = place.ns.neighbours.rows.find((row) => row.dev === exit.dev && sameIp(row.ip, exit.towards));
  const answered = entry !== undefined && sameMac(entry.lladdr, wire.link.mac);
  const text = `${far.name} is taken to answer for ${formatIp(exit.towards)} on ${wire.link.name}`;
  return { kind: 'place', holder, assumption: answered ? null : text };
}

function sameMac(x: Mac | null, y: Mac | null): boolean {
  return x !== null && y !== null && x.hi === y.hi && x.lo === y.lo;
}

function overBridge(
  places: readonly Place[],
  place: Place,
  exit: Exit,
  { place: far }: FarEnd,
  bridge: string,
): Beyond {
  const others = places.filter((other) => other !== place && other !== far && other.node === far.node);
  const holders = holdersOf(others, exit.towards);
  const filtered = bridgeNetfilter(far, exit.towards.family, bridge);
  if (filtered !== 'off') {
    const dump = filtered === 'unknown' ? 'sysctl' : null;
    return open(`the frame is bridged by ${bridge} of ${far.name}, where br_netfilter may show it to iptables`, dump);
  }
  const [only, another] = holders;
  if (another !== undefined) return severally(exit.towards, holders);
  if (only !== undefined) return { kind: 'place', holder: only, assumption: null };
  return open(`who is behind the bridge ${bridge} of ${far.name} for ${formatIp(exit.towards)} is not known`);
}

/** Does the address belong to a network that the device is part of? */
export function onLinkNetwork(place: Place, dev: string, ip: Ip): boolean {
  return place.ns.addresses.rows.some(
    (row) => row.dev === dev && row.ip.family === ip.family && prefixContains(prefixOf(row.ip, row.prefixLength), ip),
  );
}

/** The network behind the device has this node for its gateway (pods): nothing else of ours leads out by it. */
export function isDownstream(place: Place, dev: string, towards: Ip): boolean {
  const unspecified = { ...towards, a: 0, b: 0, c: 0, d: 0 };
  const question = {
    family: towards.family,
    dst: unspecified,
    src: null,
    iif: null,
    oif: null,
    mark: 0,
    tos: 0,
    proto: null,
    sport: null,
    dport: null,
    uid: 0,
    l3mdev: false,
  };
  const answer = lookupRoute(place, question);
  return answer.kind === 'route' && answer.hops.every((hop) => hop.dev !== dev);
}
