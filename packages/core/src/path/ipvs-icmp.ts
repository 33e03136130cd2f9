/** ICMP errors about what IPVS balances: whose connection they quote is told, where they go is not modelled. net/netfilter/ipvs/ip_vs_core.c ip_vs_in_icmp, ip_vs_out_icmp. */
import { isIcmpError } from '../conntrack/first-packet.js';
import { isAnswer, isForwarded, isRequest } from '../ipvs/connection.js';
import { entriesOfAnswer, entryOfRequest } from '../ipvs/entries.js';
import { findService } from '../ipvs/service.js';
import { alter, type QuotedPacket, type Skb } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { ipvsConnectionOf } from './ipvs-earlier.js';
import { eachSetting } from './ipvs-setting.js';
import type { Place } from './place.js';
import { finish, leaveOpen, type World } from './world.js';

/** The packet that would have been answered by the quoted one. */
function turned(skb: Skb, { src, dst, sport, dport, proto }: QuotedPacket): Skb {
  return alter(skb, { src: dst, dst: src, sport: dport, dport: sport, proto, icmp: null });
}

/** null: the packet is no error about a balanced connection, and goes the way of all others. */
export function icmpError(place: Place, world: World): readonly World[] | null {
  const { skb } = world;
  if (skb.quoted === undefined || !isIcmpError(skb)) return null;
  const packet = turned(skb, skb.quoted);
  const { ns } = place;
  const known =
    entryOfRequest(ns, packet) !== undefined ||
    entriesOfAnswer(ns, packet).length > 0 ||
    ipvsConnectionOf(
      place,
      world,
      (one) => isRequest(packet, one) || isAnswer(packet, one) || isForwarded(packet, one),
    ) !== undefined;
  if (known) return [open(world)];
  // The quoted packet would have to be a virtual address's: its connection is made for the error's sake.
  if (findService(ns.ipvs.rows, packet, 0) === undefined) return null;
  return eachSetting(place, world, 'schedule_icmp').map(({ world: live, on }) => (on ? open(live) : live));
}

function open(world: World): World {
  const reason = { dump: null, text: 'where IPVS sends an ICMP error about a connection of its own is not modelled' };
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}
