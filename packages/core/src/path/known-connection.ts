/** The connection that a tuple belongs to: one that this question's packets made, or an entry of the captured table. */
import { directionIn, sameTuple } from '../conntrack/connection.js';
import { connectionOf, entryOf } from '../conntrack/entries.js';
import { isBalanced } from '../ipvs/entries.js';
import { alterConnection, type Connection, type ConnZone } from '../packet/skb.js';
import type { ConnTuple } from '../snapshot/conntrack.js';
import type { Evidence } from '../verdict/step.js';
import type { Place } from './place.js';
import type { World } from './world.js';

export interface KnownConnection {
  /** Its direction is that of the tuple asked about. */
  readonly connection: Connection;
  readonly evidence: readonly Evidence[];
}

export function findConnection(
  place: Place,
  { hops }: World,
  l4: number,
  tuple: ConnTuple,
  zone: ConnZone,
): KnownConnection | null {
  for (let at = hops.length - 1; at >= 0; at--) {
    const hop = hops[at];
    if (hop?.place !== place.name || hop.connection === null) continue;
    const direction = directionIn(hop.connection, l4, tuple, zone);
    if (direction === null) continue;
    return hop.connection.deleted ? null : { connection: alterConnection(hop.connection, { direction }), evidence: [] };
  }
  const known = entryOf(place.ns, l4, tuple, zone);
  if (known === undefined) return null;
  const connection = connectionOf(known);
  const evidence = [{ span: known.entry.span, why: 'its connection' }];
  // What IPVS has sent elsewhere no rule has translated.
  const untouched = connection.dstNat && isBalanced(place.ns, known.entry);
  return { connection: untouched ? alterConnection(connection, { dstNat: false }) : connection, evidence };
}

/** The connection, another than `ct`, which is new, that packets with this tuple belong to. An old one that its first packet had found is gone. */
export function takenBy(place: Place, world: World, ct: Connection, tuple: ConnTuple): Connection | null {
  const found = findConnection(place, world, ct.proto, tuple, ct.zone);
  if (found === null) return null;
  const replaced = findConnection(place, world, ct.proto, ct.original, ct.zone);
  const gone = replaced !== null && sameTuple(replaced.connection.original, found.connection.original);
  return gone ? null : found.connection;
}
