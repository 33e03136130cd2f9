/** Who is at the other end: which captured namespace receives what leaves a device, and what is assumed of hosts that were not captured. */

import { type Ip, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { prefixContains, prefixOf } from '../inet/prefix.js';
import { lookupRoute } from '../route/lookup.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { type AssumeMode, type Place, placeOf } from './place.js';
import type { Exit } from './world.js';

/** Every namespace of the snapshot. */
export function placesOf(snapshot: Pick<Snapshot, 'nodes'>, assume: AssumeMode): readonly Place[] {
  return snapshot.nodes.flatMap((node) => [node.host, ...node.namespaces].map((ns) => placeOf(node, ns, assume)));
}

export interface Holder {
  readonly place: Place;
  readonly dev: string;
}

/** The namespace that holds the address on an interface of its own (not lo). */
export function holderOf(places: readonly Place[], ip: Ip): Holder | null {
  for (const place of places) {
    const row = place.ns.addresses.rows.find(
      (address) => address.dev !== 'lo' && address.trust !== 'claimed' && sameIp(address.ip, ip),
    );
    if (row !== undefined) return { place, dev: row.dev };
  }
  return null;
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
  | { readonly kind: 'tunnel'; readonly type: string }
  /** A host that was not captured: the destination itself, or a gateway on the way. */
  | { readonly kind: 'outside'; readonly gateway: boolean };

/** What stands at the far end of a frame that leaves `place`. */
export function beyond(places: readonly Place[], place: Place, exit: Exit, dst: Ip): Beyond {
  const tunnel = tunnelKind(place, exit.dev);
  if (tunnel !== null) return { kind: 'tunnel', type: tunnel };
  const others = places.filter((other) => other !== place);
  const direct = holderOf(others, exit.towards);
  if (direct !== null) return { kind: 'place', holder: direct, assumption: null };
  const gateway = !sameIp(exit.towards, dst);
  const far = gateway
    ? holderOf(
        others.filter((other) => other.ns.name === null),
        dst,
      )
    : null;
  if (far === null) return { kind: 'outside', gateway };
  const text = `the gateway ${formatIp(exit.towards)} was not captured; it is taken to pass packets on to ${formatIp(dst)}`;
  return { kind: 'place', holder: far, assumption: text };
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
