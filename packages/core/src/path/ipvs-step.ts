/** IPVS at its three hooks: answers get their virtual address back, then requests are given to a server. net/netfilter/ipvs/ip_vs_core.c. */
import { isAnswer, isRequest } from '../ipvs/connection.js';
import { destinationOf, entriesOfAnswer, entryOfRequest } from '../ipvs/entries.js';
import type { Hook } from '../netfilter/hook.js';
import { ending } from '../verdict/disposition.js';
import { rewriteAnswer } from './ipvs-answer.js';
import { ipvsConnectionOf } from './ipvs-earlier.js';
import { icmpError } from './ipvs-icmp.js';
import { connectionOf, continued, isTracked } from './ipvs-known.js';
import { balance } from './ipvs-new.js';
import { type Routes, sendToServer } from './ipvs-send.js';
import { refuseStrays } from './ipvs-stray.js';
import { missing, type Place, sysctl } from './place.js';
import { advance, finish, forkOpen, leaveOpen, type World } from './world.js';

export function ipvs(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] {
  const { skb } = world;
  if (skb.ipvs !== undefined && skb.ipvs !== null) return [world];
  const error = icmpError(place, world);
  if (error !== null) return error;
  const answered = ipvsConnectionOf(place, world, (connection) => isAnswer(skb, connection));
  if (answered !== undefined) return rewriteAnswer(place, world, hook, answered, routes);
  const captured = capturedAnswer(place, world, hook, routes);
  if (captured !== null) return captured;
  const live = refuseStrays(place, world);
  if (hook === 'FORWARD' || (hook === 'INPUT' && skb.pktType !== 'host')) return live;
  return advance(live, (one) => unlessBackup(place, one, (active) => request(place, active, hook, routes)));
}

/** With `backup_only` set a node that stands by for another one (`ipvsadm --start-daemon backup`) takes no requests, which no dump shows. */
function unlessBackup(place: Place, world: World, take: (world: World) => readonly World[]): readonly World[] {
  if ((sysctl(place, 'net/ipv4/vs/backup_only').value ?? '0') === '0') return take(world);
  const text = `whether ${place.name} stands by as a backup of IPVS, which net.ipv4.vs.backup_only asks for, is not known`;
  const [active, backup] = forkOpen(world, [{ dump: null, text }]);
  return [...take(active), backup];
}

function request(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] {
  const known = ipvsConnectionOf(place, world, (connection) => isRequest(world.skb, connection));
  if (known !== undefined) return sendToServer(place, world, hook, known, routes);
  const entry = entryOfRequest(place.ns, world.skb);
  if (entry === undefined) return first(place, world, hook, routes);
  return continued(place, world, entry).flatMap((one) => {
    if (one.kind === 'ended' || one.world.end !== null) return [one.world];
    if (one.kind === 'new') return first(place, one.world, hook, routes);
    return sendToServer(place, one.world, hook, one.connection, routes);
  });
}

function first(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] {
  return balance(place, world).flatMap(({ world: live, connection }) =>
    connection === null || live.end !== null ? [live] : sendToServer(place, live, hook, connection, routes),
  );
}

/** The packet answers a connection that IPVS had when it was captured; null where it does not. */
function capturedAnswer(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] | null {
  for (const entry of entriesOfAnswer(place.ns, world.skb)) {
    const destination = destinationOf(place.ns, entry);
    if (destination.kind !== 'server') return [methodNotKnown(place, world)];
    if (!isAnswer(world.skb, connectionOf(place, entry, destination.server, true))) continue;
    return isTracked(place, world, entry, destination).flatMap(({ world: live, on }) =>
      rewriteAnswer(place, live, hook, connectionOf(place, entry, destination.server, on), routes),
    );
  }
  return null;
}

function methodNotKnown(place: Place, world: World): World {
  const reason = missing(place, 'ipvsadm', 'how IPVS reached the server of the connection is not known');
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}
