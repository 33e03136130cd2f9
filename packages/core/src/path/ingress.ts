/** A packet enters a namespace at a device: the frame's address, a bridge or bond above the device, PREROUTING. net/core/dev.c, net/ethernet/eth.c. */
import { alter, type Skb, unknownSkb } from '../packet/skb.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { masterOf } from './bridge.js';
import { enterPort } from './bridging.js';
import { hereFrom, routeIn } from './forward.js';
import { frameKind, isDown, linkOf } from './frame.js';
import { groupFrame6 } from './group-frame.js';
import { runHook } from './hook-run.js';
import { missing, type Place } from './place.js';
import { takerOf } from './stacked.js';
import { copyToEach } from './stacked-copies.js';
import { tellSenders } from './tell-sender.js';
import { takenIn, unlessOff } from './wire-check.js';
import { advance, assume, change, draftWorld, finish, leaveOpen, note, type World } from './world.js';

/** `mark`: what something before the hooks has put on the packet; nothing does unless the question says so. */
export function ingress(place: Place, world: World, device: string, mark = 0): readonly World[] {
  const link = linkOf(place, device);
  if (link !== undefined && isDown(link)) {
    const what = `${device} is down and takes nothing in`;
    const said = note(world, place.name, 'ingress', what, linkEvidence(place, device));
    return [finish(said, ending('dropped'))];
  }
  if (device === 'lo') return looped(place, world);
  const taker = takerOf(place, device, world.skb.dstMac);
  if (taker.kind === 'upper') return ingress(place, world, taker.name, mark);
  if (taker.kind === 'open') return [finish(leaveOpen(world, taker.because), ending('undetermined'))];
  if (taker.kind === 'itself') return enter(place, world, device, mark);
  return copyToEach(place, world, taker.names, (live, dev) =>
    dev === device ? enter(place, live, dev, mark) : ingress(place, live, dev, mark),
  );
}

function enter(place: Place, world: World, device: string, mark: number): readonly World[] {
  const master = masterOf(place, device);
  const dev = master.kind === 'none' || master.kind === 'open' ? device : master.name;
  const entered = enteredAt(place, world, device, dev, mark);
  const settled = master.kind === 'open' ? unclear(place, entered, master.because) : entered;
  if (settled.end !== null) return [settled];
  if (master.kind === 'aggregate' && !master.taken) {
    const what = `${dev} does not use its member ${device}`;
    return [finish(note(settled, place.name, 'ingress', what, linkEvidence(place, dev)), ending('dropped'))];
  }
  const ways = master.kind === 'bridge' ? enterPort(place, settled, device, master.name) : intoStack(place, settled);
  return tellSenders(place, ways);
}

function enteredAt(place: Place, world: World, device: string, dev: string, mark: number): World {
  const pktType = frameKind(world.skb.dstMac, linkOf(place, device)) ?? 'host';
  const skb = unknownSkb(world.skb, mark);
  skb.asker = askerAt(place, world);
  skb.iif = dev;
  skb.pktType = pktType;
  const entered = draftWorld(world);
  entered.exit = null;
  entered.stolen = false;
  entered.at = place.name;
  entered.local = false;
  entered.skb = skb;
  if (world.probed) return entered;
  const what = dev === device ? `the packet comes in at ${dev}` : `the packet comes in at ${device}, a port of ${dev}`;
  return note(entered, place.name, 'ingress', what, linkEvidence(place, dev));
}

/** Where the process waits that has sent the packet which this one answers. */
function askerAt(place: Place, { answering, hops, skb }: World): Skb['asker'] {
  const began = answering ? hops.find((hop) => hop.place === place.name) : undefined;
  if (began === undefined || began.iif !== null) return undefined;
  const { src: ip, sport: port } = began.connection?.original ?? { src: skb.dst, sport: skb.dport };
  return { ip, port };
}

/** A looped packet keeps its connection and mark; one from the wire starts without. */
function looped(place: Place, world: World): readonly World[] {
  const skb = alter(world.skb, { iif: 'lo', oif: null, physIn: null, physOut: null });
  const again: World = change(world, { exit: null, at: place.name, local: false, skb });
  const entered = note(again, place.name, 'ingress', 'the packet comes in at lo', linkEvidence(place, 'lo'));
  return advance([unlessOff(place, entered)], (begun) =>
    advance(runHook(place, begun, 'PREROUTING'), (live) => hereFrom(place, live)),
  );
}

/** What is for another host's hardware address never reaches the network layer, however the device came by it. */
function intoStack(place: Place, world: World): readonly World[] {
  const { skb } = world;
  if (frameKind(skb.dstMac, linkOf(place, skb.iif ?? '')) === null) {
    const reason = missing(place, 'ip-link', `whether the frame is addressed to ${skb.iif} is not known`);
    return [finish(leaveOpen(world, [reason]), ending('undetermined'))];
  }
  if (skb.pktType === 'otherhost') {
    const what = "the frame is addressed to another host's hardware address";
    return [finish(note(world, place.name, 'ingress', what), ending('dropped'))];
  }
  const taken = takenIn(place, world);
  if (taken.end !== null) return [taken];
  return advance([groupFrame6(place, taken)], (begun) =>
    advance(runHook(place, begun, 'PREROUTING'), (live) => routeIn(place, live)),
  );
}

function unclear(place: Place, world: World, because: readonly Reason[]): World {
  const certain = because.some(({ dump }) => dump === null);
  if (certain || place.assume === 'none') return finish(leaveOpen(world, because), ending('undetermined'));
  return assume(
    world,
    because.map((reason) => ({ ...reason, text: `${reason.text}; a plain one is assumed` })),
  );
}

export function linkEvidence(place: Place, dev: string) {
  const link = place.ns.links.rows.find((row) => row.name === dev);
  return link === undefined ? [] : [{ span: link.span, why: `interface ${dev}` }];
}
