/** IPVS at its three hooks: answers get their virtual address back, then requests are given to a server. net/netfilter/ipvs/ip_vs_core.c. */
import { type IpvsConnection, isAnswer, isRequest } from '../ipvs/connection.js';
import type { Hook } from '../netfilter/hook.js';
import { rewriteAnswer } from './ipvs-answer.js';
import { balance } from './ipvs-new.js';
import { type Routes, sendToServer } from './ipvs-send.js';
import { refuseStrays } from './ipvs-stray.js';
import type { Place } from './place.js';
import { advance, type World } from './world.js';

export function ipvs(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] {
  const { skb } = world;
  if (skb.ipvs !== undefined && skb.ipvs !== null) return [world];
  const answered = ipvsConnectionOf(place, world, (connection) => isAnswer(skb, connection));
  if (answered !== undefined) return rewriteAnswer(place, world, hook, answered, routes);
  const live = refuseStrays(place, world);
  if (hook === 'FORWARD' || (hook === 'INPUT' && skb.pktType !== 'host')) return live;
  return advance(live, (one) => request(place, one, hook, routes));
}

function request(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] {
  const known = ipvsConnectionOf(place, world, (connection) => isRequest(world.skb, connection));
  if (known !== undefined) return sendToServer(place, world, hook, known, routes);
  return balance(place, world).flatMap(({ world: live, connection }) =>
    connection === null || live.end !== null ? [live] : sendToServer(place, live, hook, connection, routes),
  );
}

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
