/** The balanced connections that earlier packets of a question have made. net/netfilter/ipvs/ip_vs_conn.c. */
import type { IpvsConnection } from '../ipvs/connection.js';
import type { Place } from './place.js';
import type { World } from './world.js';

/** A connection made on this namespace by an earlier packet of the same talk. */
export function ipvsConnectionOf(
  place: Place,
  world: World,
  belongs: (connection: IpvsConnection) => boolean,
): IpvsConnection | undefined {
  for (const { place: name, ipvs: connection } of world.hops) {
    if (name !== place.name || connection === undefined || connection === null || connection.onePacket) continue;
    if (belongs(connection)) return connection;
  }
  return undefined;
}
