/** A server's answer gets the virtual address back as its source. net/netfilter/ipvs/ip_vs_core.c handle_response. */
import type { IpvsConnection } from '../ipvs/connection.js';
import type { Hook } from '../netfilter/hook.js';
import { alter, alterConnection, type Skb, withConnection } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import type { Routes } from './ipvs-send.js';
import { eachSetting } from './ipvs-setting.js';
import { endpoint } from './nat.js';
import type { Place } from './place.js';
import { finish, note, type World, withPacket } from './world.js';

export function rewriteAnswer(
  place: Place,
  world: World,
  hook: Hook,
  connection: IpvsConnection,
  { again }: Routes,
): readonly World[] {
  const { virtual, method } = connection;
  const becomes = method === 'masq' ? `: source becomes ${endpoint(virtual.ip, virtual.port)}` : '';
  const what = `an answer of a balanced connection${becomes}`;
  const told = note(withPacket(world, rewritten(world.skb, connection)), place.name, 'ipvs', what);
  // What is for this node keeps its way, and so does what has the virtual address already.
  if (hook === 'INPUT' || world.local || method !== 'masq') return [tracked(told, connection)];
  return eachSetting(place, told, 'snat_reroute').flatMap(({ world: live, on }) =>
    (on ? again(live).map(silent) : [live]).map((one) =>
      one.end === null ? tracked(hook === 'OUTPUT' ? seen(one, world.skb.oif) : one, connection) : one,
    ),
  );
}

function rewritten(skb: Skb, connection: IpvsConnection): Skb {
  const { ip, port } = connection.virtual;
  const ipvs = { role: 'answer', connection } as const;
  // An error comes from the virtual address too, whichever router sent it.
  if (skb.quoted !== undefined && connection.method === 'masq')
    return alter(skb, { src: ip, quoted: { ...skb.quoted, dst: ip, dport: port }, ipvs });
  return skb.quoted === undefined
    ? alter(skb, { src: ip, sport: skb.sport === null ? null : port, ipvs })
    : alter(skb, { ipvs });
}

/** The route is asked for before conntrack lets go of the packet. */
function tracked(world: World, { tracked: kept, virtual, method }: IpvsConnection): World {
  const { ct } = world.skb;
  if (ct === null) return world;
  if (!kept) return withPacket(world, alter(world.skb, { ctState: 'UNTRACKED', ct: null }));
  if (ct.confirmed || method !== 'masq' || ct.direction === 'reply') return world;
  const reply = { ...ct.reply, dst: virtual.ip, dport: ct.reply.dport === null ? null : virtual.port };
  return withPacket(world, withConnection(world.skb, alterConnection(ct, { reply })));
}

/** What follows in OUTPUT goes on seeing the device that the packet came to the hook with. */
function seen(world: World, oif: string | null): World {
  return withPacket(world, alter(world.skb, { oif }));
}

/** No way for it any more: nobody is told. */
function silent(world: World): World {
  return world.end === null || world.end.disposition === 'undetermined' ? world : finish(world, ending('dropped'));
}
