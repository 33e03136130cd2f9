/** nf_conntrack_confirm as the last step of INPUT and POSTROUTING: the connection enters the table. net/netfilter/nf_conntrack_core.c. */

import { type Connection, draftConnection, withConnection } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { apartByZone, hasTwoZones, mayClash, takenBy } from './known-connection.js';
import type { Place } from './place.js';
import { assume, finish, leaveOpen, note, type World, withPacket } from './world.js';

export function confirm(place: Place, world: World): World {
  const { ct } = world.skb;
  if (ct === null || ct.confirmed) return world;
  const met = takenBy(place, world, ct, ct.reply, true);
  if (met !== null) return meet(place, world, met);
  const hidden = hasTwoZones(ct) ? takenBy(place, world, ct, ct.reply, false) : null;
  if (hidden === null) return enter(world, ct);
  const { yes, because, assumed } = apartByZone(place);
  if (because.length > 0) return finish(leaveOpen(world, because), ending('undetermined'));
  const told = assume(world, assumed);
  return yes ? enter(told, ct) : meet(place, told, hidden);
}

function meet({ name }: Place, world: World, older: Connection): World {
  if (mayClash.has(older.proto) && !older.srcNat && !older.dstNat) {
    const text =
      'the table holds another connection for such answers: what becomes of the packet depends on whether nat rules were asked about that one';
    return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
  }
  const what = 'the table holds another connection for such answers: the packet is lost';
  return finish(note(world, name, 'conntrack', what), ending('dropped'));
}

function enter(world: World, ct: Connection): World {
  const confirmed = draftConnection(ct);
  confirmed.confirmed = true;
  return withPacket(world, withConnection(world.skb, confirmed));
}
