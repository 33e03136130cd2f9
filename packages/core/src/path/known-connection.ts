/** The connection that a tuple belongs to: one that this question's packets made, or an entry of the captured table. */
import { type Direction, directionIn, sameTuple } from '../conntrack/connection.js';
import { connectionOf, entryOf } from '../conntrack/entries.js';
import { proto } from '../inet/proto.js';
import { isBalanced } from '../ipvs/entries.js';
import { alterConnection, type Connection, type ConnZone } from '../packet/skb.js';
import type { ConnTuple } from '../snapshot/conntrack.js';
import type { Evidence } from '../verdict/step.js';
import { type Since, since } from './kernel-release.js';
import type { Place } from './place.js';
import type { World } from './world.js';

export interface KnownConnection {
  /** Its direction is that of the tuple asked about. */
  readonly connection: Connection;
  readonly evidence: readonly Evidence[];
}

export function findConnection(
  place: Place,
  world: World,
  l4: number,
  tuple: ConnTuple,
  zone: ConnZone,
): KnownConnection | null {
  if (zone.original === zone.reply || !apartByZone(place).yes) return lookUp(place, world, l4, tuple, zone);
  return lookUp(place, world, l4, tuple, zone, 'original') ?? lookUp(place, world, l4, tuple, zone, 'reply');
}

function lookUp(
  place: Place,
  { hops }: World,
  l4: number,
  tuple: ConnTuple,
  zone: ConnZone,
  only?: Direction,
): KnownConnection | null {
  for (let at = hops.length - 1; at >= 0; at--) {
    const hop = hops[at];
    if (hop?.place !== place.name || hop.connection === null) continue;
    const direction = directionIn(hop.connection, l4, tuple, zone, only);
    if (direction === null) continue;
    return hop.connection.deleted ? null : { connection: alterConnection(hop.connection, { direction }), evidence: [] };
  }
  const known = entryOf(place.ns, l4, tuple, zone, only);
  if (known === undefined) return null;
  const connection = connectionOf(known);
  const evidence = [{ span: known.entry.span, why: 'its connection' }];
  // What IPVS has sent elsewhere no rule has translated.
  const untouched = connection.dstNat && isBalanced(place.ns, known.entry);
  return { connection: untouched ? alterConnection(connection, { dstNat: false }) : connection, evidence };
}

/**
 * Since Linux 5.15 each direction of a connection stands in the table under its own zone: where those of a packet differ, its
 * own zone is looked through for first packets alone, then the answers' zone for answers alone. Before, the two stood together.
 * net/netfilter/nf_conntrack_core.c resolve_normal_ct, hash_conntrack_raw.
 */
export function apartByZone(place: Place): Since {
  return since(place, 5, 15, 'where connections are kept apart by their zones');
}

/**
 * The connection, another than `ct`, which is new, that packets with this tuple belong to. An old one that its first packet had
 * found is gone. `apart`: where the zones of `ct` differ, a connection the other way round is not met, as it is looked for among
 * those of the answers' zone. nf_conntrack_tuple_taken, __nf_conntrack_confirm.
 */
export function takenBy(
  place: Place,
  world: World,
  ct: Connection,
  tuple: ConnTuple,
  apart: boolean,
): Connection | null {
  const only = apart && hasTwoZones(ct) ? 'reply' : undefined;
  const found = lookUp(place, world, ct.proto, tuple, ct.zone, only);
  if (found === null) return null;
  const replaced = findConnection(place, world, ct.proto, ct.original, ct.zone);
  const gone = replaced !== null && sameTuple(replaced.connection.original, found.connection.original);
  return gone ? null : found.connection;
}

export function hasTwoZones({ zone }: Connection): boolean {
  return zone.original !== zone.reply;
}

/** Two connections with the same answers may stand in the table if they are of these, unless nat rules were asked about the older one, or it was translated. `allow_clash`. */
export const mayClash: ReadonlySet<number> = new Set([proto.udp, proto.udplite]);
