/** IPVS at its three hooks: answers get their virtual address back, then requests are given to a server. net/netfilter/ipvs/ip_vs_core.c. */
import type { Family } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import { asItsKeys, isAnswer, isRequest } from '../ipvs/connection.js';
import { destinationOf, entriesOfAnswer, entryOfRequest } from '../ipvs/entries.js';
import type { Hook } from '../netfilter/hook.js';
import type { Skb } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { rewriteAnswer } from './ipvs-answer.js';
import { unlessBackup } from './ipvs-backup.js';
import { ipvsConnectionOf } from './ipvs-earlier.js';
import { icmpError } from './ipvs-icmp.js';
import { connectionOf, continued, isTracked, serverNotKnown } from './ipvs-known.js';
import { balance } from './ipvs-new.js';
import { type Routes, sendToServer } from './ipvs-send.js';
import { refuseStrays } from './ipvs-stray.js';
import { since } from './kernel-release.js';
import { perPlace } from './per-place.js';
import type { Place } from './place.js';
import { advance, assume, finish, forkOpen, note, type World } from './world.js';

export function ipvs(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] {
  const { skb } = world;
  if (skb.ipvs !== undefined && skb.ipvs !== null) return [world];
  if (!outlivesServices(place, skb.family)) return balanced(place, world, hook, routes);
  const { yes, assumed, because } = since(place, 5, 9, 'where IPVS sees no packets without a service');
  if (because.length === 0) return yes ? [assume(world, assumed)] : balanced(place, world, hook, routes);
  const [passed, seen] = forkOpen(world, because);
  return [passed, ...balanced(place, seen, hook, routes)];
}

/** There are connections of the family, and no service any more: the last one took the hooks with it. net/netfilter/ipvs/ip_vs_ctl.c ip_vs_unregister_hooks. */
const outlivesServices = perPlace(({ ns: { ipvs: services, ipvsConnections } }: Place, family: Family): boolean => {
  if (services.state !== 'complete' || ipvsConnections.rows.every(({ client }) => client.ip.family !== family))
    return false;
  return services.rows.every(({ key }) => (key.kind === 'address' ? key.ip : key).family !== family);
});

function balanced(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] {
  const { skb } = world;
  if (isPiece(skb)) return [held(place, world)];
  const error = icmpError(place, world, hook, routes);
  if (error !== null) return error;
  const answered = ipvsConnectionOf(place, world, (connection) => isAnswer(asItsKeys(skb), connection));
  if (answered !== undefined) return rewriteAnswer(place, world, hook, answered, routes);
  const captured = capturedAnswer(place, world, hook, routes);
  if (captured !== null) return captured;
  const live = refuseStrays(place, world);
  if (hook === 'FORWARD' || (hook === 'INPUT' && skb.pktType !== 'host')) return live;
  return advance(live, (one) => unlessBackup(place, one, (active) => request(place, active, hook, routes)));
}

/** What of a packet that IPVS looks at comes to it in pieces; IPv6 is put together before. */
function isPiece({ family, fragment, proto: upper }: Skb): boolean {
  return family === 4 && fragment !== null && (fragment.offset > 0 || fragment.more) && gathered.has(upper);
}

const gathered: ReadonlySet<number> = new Set([proto.icmp, proto.tcp, proto.udp, proto.sctp]);

function held(place: Place, world: World): World {
  const what = 'IPVS holds the fragment until the rest of its packet has come';
  return finish(note(world, place.name, 'ipvs', what), ending('dropped'));
}

function request(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] {
  const packet = asItsKeys(world.skb);
  const known = ipvsConnectionOf(place, world, (connection) => isRequest(packet, connection));
  if (known !== undefined) return sendToServer(place, world, hook, known, routes);
  const entry = entryOfRequest(place.ns, packet);
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
  const packet = asItsKeys(world.skb);
  for (const entry of entriesOfAnswer(place.ns, packet)) {
    const destination = destinationOf(place.ns, entry);
    if (destination.kind !== 'server') return [serverNotKnown(place, world)];
    if (!isAnswer(packet, connectionOf(place, entry, destination.server, true))) continue;
    return isTracked(place, world, entry, destination).flatMap(({ world: live, on }) =>
      rewriteAnswer(place, live, hook, connectionOf(place, entry, destination.server, on), routes),
    );
  }
  return null;
}
