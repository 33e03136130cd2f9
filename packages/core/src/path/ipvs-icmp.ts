/**
 * ICMP errors about what IPVS balances: a client's goes on to the server whose answer it quotes, a server's back with the virtual address.
 * net/netfilter/ipvs/ip_vs_core.c ip_vs_in_icmp, ip_vs_out_icmp, ip_vs_forward_icmp.
 */
import { isIcmpError } from '../conntrack/first-packet.js';
import { trackingOf } from '../conntrack/tracking.js';
import { sameIp } from '../inet/ip.js';
import { proto } from '../inet/proto.js';
import { type IpvsConnection, isAnswer, isRequest } from '../ipvs/connection.js';
import { destinationOf, entriesOfAnswer, entryOfRequest } from '../ipvs/entries.js';
import { findService } from '../ipvs/service.js';
import type { Hook } from '../netfilter/hook.js';
import { alter, type QuotedPacket, type Skb } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { rewriteAnswer } from './ipvs-answer.js';
import { unlessBackup } from './ipvs-backup.js';
import { ipvsConnectionOf } from './ipvs-earlier.js';
import { connectionOf, isTracked, serverNotKnown } from './ipvs-known.js';
import { type Routes, sendToServer } from './ipvs-send.js';
import { eachSetting } from './ipvs-setting.js';
import type { Place } from './place.js';
import { advance, finish, forkOpen, leaveOpen, type World } from './world.js';

/** Destination unreachable, source quench, time exceeded: redirects and parameter problems go the way of all others. */
const handled4: ReadonlySet<number> = new Set([3, 4, 11]);

/** The packet that would have been answered by the quoted one. */
function turned(skb: Skb, { src, dst, sport, dport, proto }: QuotedPacket): Skb {
  return alter(skb, { src: dst, dst: src, sport: dport, dport: sport, proto, icmp: null, quoted: undefined });
}

/** What is to be done with the error, in the connection that was found for it. */
type Handling = (world: World, connection: IpvsConnection) => readonly World[];

/** null: the packet is no error about a balanced connection, and goes the way of all others. */
export function icmpError(place: Place, world: World, hook: Hook, routes: Routes): readonly World[] | null {
  const { skb } = world;
  if (skb.quoted === undefined || !isIcmpError(skb)) return null;
  if (skb.family === 4 && !handled4.has(skb.icmp?.type ?? -1)) return null;
  if (hook === 'INPUT' && isAboutOwnTunnel(place, skb.quoted)) return taken(world);
  const packet = turned(skb, skb.quoted);
  const back = () =>
    answered(place, world, packet, (live, connection) =>
      advance(unlessUnverified(place, live, connection), (one) => rewriteAnswer(place, one, hook, connection, routes)),
    );
  const on = () => toServer(place, world, packet, hook, routes);
  return hook === 'FORWARD' ? (on() ?? back()) : (back() ?? on());
}

/** What IPVS itself has sent into a tunnel came back: of which connection that was, the question does not tell. IPv6 does not look. */
function isAboutOwnTunnel({ ns }: Place, { proto: upper, dst }: QuotedPacket): boolean {
  if (upper !== proto.ipencap) return false;
  return ns.ipvs.rows.some(({ servers }) =>
    servers.some(({ forwarding, ip }) => forwarding === 'tunnel' && sameIp(ip, dst)),
  );
}

function taken(world: World): readonly World[] {
  const text = 'whether the ICMP error is about a connection that IPVS sends through a tunnel is not told';
  const [other, own] = forkOpen(world, [{ dump: null, text }]);
  return [other, finish(own, ending('dropped'))];
}

/** IPVS takes the sum of ICMPv6 without addresses for wrong: only what conntrack or the device has checked before goes on. net/netfilter/ipvs/ip_vs_core.c handle_response_icmp. */
function unlessUnverified(place: Place, world: World, { method }: IpvsConnection): readonly World[] {
  const { family, ctState } = world.skb;
  if (family === 4 || method !== 'masq') return [world];
  if (trackingOf(place.ns, family) === 'on' && ctState !== 'UNTRACKED') return [world];
  const text = 'whether the device has checked the sum of the ICMPv6 error, which IPVS takes for wrong, is not known';
  const [taken, lost] = forkOpen(world, [{ dump: null, text }]);
  return [taken, finish(lost, ending('dropped'))];
}

/** A server, or a router on the way to it, complains about what the client sent. */
function answered(place: Place, world: World, packet: Skb, handle: Handling): readonly World[] | null {
  const known = ipvsConnectionOf(place, world, (connection) => isAnswer(packet, connection));
  if (known !== undefined) return handle(world, known);
  for (const entry of entriesOfAnswer(place.ns, packet)) {
    const destination = destinationOf(place.ns, entry);
    if (destination.kind !== 'server') return [serverNotKnown(place, world)];
    if (!isAnswer(packet, connectionOf(place, entry, destination.server, true))) continue;
    return isTracked(place, world, entry, destination).flatMap(({ world: live, on }) =>
      handle(live, connectionOf(place, entry, destination.server, on)),
    );
  }
  return null;
}

/** The client, or a router on the way to it, complains about what the server answered. */
function toServer(place: Place, world: World, packet: Skb, hook: Hook, routes: Routes): readonly World[] | null {
  if (hook === 'INPUT' && world.skb.pktType !== 'host') return null;
  const handle: Handling = (live, connection) => {
    const stays = hook === 'OUTPUT' && live.skb.family === 6 && connection.method !== 'masq';
    return stays ? [live] : unlessBackup(place, live, (one) => sendToServer(place, one, hook, connection, routes));
  };
  const known = ipvsConnectionOf(place, world, (connection) => isRequest(packet, connection));
  if (known !== undefined) return handle(world, known);
  const entry = entryOfRequest(place.ns, packet);
  if (entry === undefined) return scheduled(place, world, packet);
  const destination = destinationOf(place.ns, entry);
  if (destination.kind !== 'server') return [serverNotKnown(place, world)];
  return isTracked(place, world, entry, destination).flatMap(({ world: live, on }) =>
    handle(live, connectionOf(place, entry, destination.server, on)),
  );
}

/** With schedule_icmp set a connection is made for the error's sake, where the quoted packet is a virtual address's. */
function scheduled(place: Place, world: World, packet: Skb): readonly World[] | null {
  if (findService(place.ns.ipvs.rows, packet, 0) === undefined) return null;
  return eachSetting(place, world, 'schedule_icmp').map(({ world: live, on }) => (on ? open(live) : live));
}

function open(world: World): World {
  const reason = {
    dump: null,
    text: 'to which server IPVS sends an ICMP error about no connection of its own is not modelled',
  };
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}
