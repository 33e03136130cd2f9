/**
 * A packet of the node's own leaves for a group: it needs no neighbour, and where the device listens to the group, a copy without the socket goes through
 * POSTROUTING before it and comes in again by that device. net/ipv4/ip_output.c ip_mc_output, net/ipv6/ip6_output.c.
 */
import { sameIp } from '../inet/ip.js';
import { isMulticast } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { alter, withConnection } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import { ending } from '../verdict/disposition.js';
import { sameCount } from './copies.js';
import { hereFrom } from './forward.js';
import { linkOf, mayBeTunnel } from './frame.js';
import { runHook } from './hook-run.js';
import { isLinkLocalGroup, membershipOf } from './membership.js';
import { anySwitch, type Switch } from './parameter.js';
import type { Place } from './place.js';
import { postrouting } from './postrouting.js';
import { advance, assume, change, finish, forkOpen, leaveOpen, note, type World } from './world.js';

/** What comes of the packet itself. */
export function leaveForGroup(place: Place, world: World): readonly World[] {
  const { exit, skb } = world;
  const { dst, oif, family, ttl } = skb;
  if (!world.probed) return [open(world, 'who hears what is sent to a group is not modelled')];
  if (oif === null || oif === 'lo') return [open(world, 'a route sends packets to a group over no device of a link')];
  if (!isPlain(linkOf(place, oif)))
    return [open(world, `what becomes of a packet to a group at ${oif} is not modelled`)];
  const member = membershipOf(place, oif, dst);
  if (member.kind === 'open') return [finish(leaveOpen(world, member.because), ending('undetermined'))];
  const daemon = family === 4 && !isLinkLocalGroup(dst) ? forwarded(place, oif) : untouched;
  if (daemon.because.length > 0) return [finish(leaveOpen(world, daemon.because), ending('undetermined'))];
  if (daemon.on) return [open(world, 'how a daemon routes multicast is not known')];
  const told = assume(world, [...member.assumed, ...daemon.assumed]);
  if (!member.joined) return onto(place, told);
  if (exit === null || !sameIp(exit.towards, dst))
    return [open(told, 'whether a packet to a group that goes to a gateway comes back is not modelled')];
  if (ttl === 0) return [open(told, 'how far a packet without a hop left comes is not modelled')];
  const one = copyFirst(place, told);
  // In which order they go is another in other releases.
  if (family === 6 && !sameCount(one, copyLast(place, told), {}))
    return [open(told, 'whether the packet or its copy for the node itself is asked first is not known')];
  return one;
}

const untouched = { on: false, assumed: [], because: [] };

/** A daemon that routes multicast of IPv4 gets all of it, whoever listens. */
function forwarded(place: Place, dev: string): Pick<Switch, 'on' | 'assumed' | 'because'> {
  return anySwitch(place, 'multicast forwarding', [`net/ipv4/conf/${dev}/mc_forwarding`]);
}

function open(world: World, text: string): World {
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}

/** Bridges and their ports, tunnels and devices on other devices do more with what is sent to a group. */
function isPlain(link: Link | undefined): boolean {
  if (link === undefined || link.master !== null || mayBeTunnel(link)) return false;
  const { details } = link;
  return details === null || details.kind === 'vlan' || (details.kind === 'other' && plain.has(details.type));
}

const plain: ReadonlySet<string> = new Set(['veth', 'bond', 'dummy']);

function copyFirst(place: Place, world: World): readonly World[] {
  return comesBack(place, world).flatMap((copy) =>
    advance([after(world, copy)], (live) => onto(place, live)).flatMap((sent) => withCopy(sent, copy)),
  );
}

function copyLast(place: Place, world: World): readonly World[] {
  return postrouting(place, world).flatMap((sent) => {
    if (sent.end !== null) return [sent];
    const before = change(sent, { skb: withConnection(world.skb, sent.skb.ct), exit: world.exit });
    return comesBack(place, before).flatMap((copy) =>
      unlessNarrow(place, [after(sent, copy)]).flatMap((live) => withCopy(live, copy)),
    );
  });
}

/** What is delivered and leaves has no single outcome. */
function withCopy(sent: World, copy: World): readonly World[] {
  if (copy.end?.disposition !== 'delivered' || sent.end?.disposition === 'undetermined') return [sent];
  const arrived = (one: World) => change(one, { end: copy.end, exit: null, local: true, skb: copy.skb });
  if (sent.end !== null) return [arrived(sent)];
  const text = 'the packet leaves for the group, and a copy of it is delivered on this node';
  const [here, there] = forkOpen(sent, [{ dump: null, text }]);
  return [arrived(here), there];
}

function onto(place: Place, world: World): readonly World[] {
  return unlessNarrow(place, postrouting(place, world));
}

/** What is for a group of this node alone goes no further. */
function unlessNarrow(place: Place, worlds: readonly World[]): readonly World[] {
  return advance(worlds, (live) => {
    const { dst } = live.skb;
    if (dst.family === 4 || !isMulticast(dst) || ((dst.a >>> 16) & 15) > 1) return [live];
    const what = `${formatIp(dst)} is a group of this node alone`;
    return [finish(note(live, place.name, 'egress', what), ending('dropped'))];
  });
}

/** The copy has no socket, and keeps connection and mark. */
function comesBack(place: Place, world: World): readonly World[] {
  const copy = change(world, { skb: alter(world.skb, { owner: null }) });
  return advance(runHook(place, copy, 'POSTROUTING'), (live) => {
    const { oif } = live.skb;
    const skb = alter(live.skb, { iif: oif, oif: null, pktType: 'loopback', template: undefined, socket: undefined });
    const entered = change(live, { exit: null, skb });
    return advance(runHook(place, entered, 'PREROUTING'), (back) => hereFrom(place, back));
  });
}

/** The packet as it was, with what has been told and done to sets and lists since; the two share their connection. */
function after(world: World, { trail, choices, weight, assumptions, because, end, skb }: World): World {
  const { ct, setChanges, seen } = skb;
  const told = change(world, { trail, choices, weight, assumptions, skb: alter(world.skb, { ct, setChanges, seen }) });
  const unclear = end?.disposition === 'undetermined' || end?.disposition === 'looped';
  return unclear ? finish(leaveOpen(told, because), ending('undetermined')) : told;
}
