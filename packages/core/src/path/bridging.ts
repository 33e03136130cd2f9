/** A frame comes in by a port of a bridge: up into the stack or on to other ports, shown to iptables where br_netfilter is at work. net/bridge. */

import { type Ip, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { formatMac, isGroupMac, isZeroMac, type Mac } from '../inet/mac.js';
import { alter, type Skb } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import { ending } from '../verdict/disposition.js';
import type { Evidence } from '../verdict/step.js';
import { bridgeNetfilter, isForwarding, type Onward, onward } from './bridge.js';
import { answererBehind } from './bridge-neighbour.js';
import { floodOut, leaveByPort } from './bridge-out.js';
import { routeIn, routeOn } from './forward.js';
import { linkOf } from './frame.js';
import { runHook } from './hook-run.js';
import { unlessLockedOut } from './locked-port.js';
import { neighbourOf } from './neighbour.js';
import { missing, type Place } from './place.js';
import { leavesBridge, routeRedirected } from './route-input.js';
import { takenIn } from './wire-check.js';
import { advance, assume, finish, forkOpen, leaveOpen, note, type World, withPacket } from './world.js';

export function enterPort(place: Place, world: World, device: string, bridge: string): readonly World[] {
  const port = linkOf(place, device);
  if (port === undefined) return [world];
  const refused = refusedAtOnce(place, world, device, bridge);
  if (refused !== null) return [refused];
  const learns = port.port?.state === 'learning';
  if (!isForwarding(port) && !learns) return [lost(place, world, `port ${device} of ${bridge} does not forward`)];
  const plainly = (live: World) => unshown(place, live, port, bridge, learns);
  const filtered = (live: World) => shown(place, live, port, bridge, learns);
  switch (bridgeNetfilter(place, world.skb.family, bridge)) {
    case 'on':
      return filtered(world);
    case 'off':
      return plainly(world);
    case 'unknown': {
      const reason = missing(place, 'sysctl', `whether br_netfilter shows ${device} is not known`);
      if (place.assume === 'defaults')
        return plainly(assume(world, [{ ...reason, text: `${reason.text}; a plain bridge is assumed` }]));
      const [on, off] = forkOpen(world, [reason]);
      return [...filtered(on), ...plainly(off)];
    }
  }
}

/** No bridge takes a frame whose sender is a group or nobody; frames for bridges alone go ways of their own. br_input.c br_handle_frame. */
function refusedAtOnce(place: Place, world: World, device: string, bridge: string): World | null {
  const { srcMac, dstMac } = world.skb;
  if (srcMac !== null && (isGroupMac(srcMac) || isZeroMac(srcMac)))
    return lost(place, world, `${formatMac(srcMac)} is no sender, so ${bridge} drops the frame`);
  if (dstMac === null || !isOfBridges(dstMac)) return null;
  const text = `what ${bridge} does with a frame for ${formatMac(dstMac)} that comes in by ${device} is not modelled`;
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}

/** 01:80:c2:00:00:00 to 0f. IEEE 802.1D section 7.12.6. */
function isOfBridges({ hi, lo }: Mac): boolean {
  return hi === 0x0180 && lo >>> 4 === 0xc200000;
}

function lost(place: Place, world: World, what: string): World {
  return finish(note(world, place.name, 'bridge', what), ending('dropped'));
}

/** Without br_netfilter the stack sees only what goes up. */
function unshown(place: Place, world: World, port: Link, bridge: string, learns: boolean): readonly World[] {
  if (learns) return [lost(place, world, `port ${port.name} of ${bridge} only learns addresses`)];
  const up = (live: World) =>
    taken(place, live, (good) => advance(runHook(place, good, 'PREROUTING'), (seen) => routeIn(place, seen)));
  return advance([unlessLockedOut(place, world, port, bridge)], (live) =>
    carry(place, live, port, { bridge, shown: false, up }),
  );
}

/** br_netfilter takes the frame through PREROUTING as a packet of the bridge, whomever it is for. br_netfilter_hooks.c br_nf_pre_routing. */
function shown(place: Place, world: World, port: Link, bridge: string, learns: boolean): readonly World[] {
  const { pktType } = world.skb;
  const visible = pktType === 'otherhost' ? 'host' : pktType;
  const entered: World = withPacket(world, alter(world.skb, { physIn: port.name, pktType: visible }));
  return advance(runHook(place, entered, 'PREROUTING'), (live) => {
    if (learns) return [lost(place, live, `port ${port.name} of ${bridge} only learns addresses`)];
    return advance([unlessLockedOut(place, live, port, bridge)], (passed) => {
      if (!sameIp(passed.skb.dst, world.skb.dst)) return redirected(place, passed, port, bridge);
      return carry(place, passed, port, {
        bridge,
        shown: true,
        up: (seen) => taken(place, seen, (good) => routeIn(place, good)),
      });
    });
  });
}

function taken(place: Place, world: World, stack: (world: World) => readonly World[]): readonly World[] {
  return advance([takenIn(place, world)], stack);
}

interface Carrying {
  readonly bridge: string;
  readonly shown: boolean;
  readonly up: (world: World) => readonly World[];
}

function carry(place: Place, world: World, port: Link, carrying: Carrying): readonly World[] {
  const { bridge } = carrying;
  const to = onward(place, bridge, port, world.skb);
  switch (to.kind) {
    case 'open':
      return [finish(leaveOpen(world, to.because), ending('undetermined'))];
    case 'up':
      return goUp(place, world, to, carrying);
    case 'ports':
      return onPorts(place, world, to.ports, carrying, to.evidence);
    case 'all':
      return floodOut(place, world, to.ports, carrying, carrying.up);
  }
}

function goUp(place: Place, world: World, to: Onward & { readonly kind: 'up' }, { bridge, up }: Carrying) {
  if (to.otherhost)
    return [lost(place, world, `the frame is addressed to another port of ${bridge} than it came in by`)];
  const skb: Skb = alter(world.skb, { pktType: 'host' });
  return up(note(withPacket(world, skb), place.name, 'bridge', `the frame is for ${bridge} itself`, to.evidence));
}

function onPorts(
  place: Place,
  world: World,
  ports: readonly Link[],
  carrying: Carrying,
  evidence: readonly { readonly span: Link['span']; readonly why: string }[],
): readonly World[] {
  const [only, another] = ports;
  if (only === undefined) return [lost(place, world, `no port of ${carrying.bridge} takes the frame`)];
  if (another !== undefined) return floodOut(place, world, ports, carrying, null);
  return leaveByPort(
    place,
    note(world, place.name, 'bridge', `the frame goes on to ${only.name}`, evidence),
    only,
    carrying,
  );
}

/** NAT changed the destination: what is routed back to the bridge stays on it, with the address of its new neighbour; all else goes up. */
function redirected(place: Place, world: World, port: Link, bridge: string): readonly World[] {
  const { pktType } = world.skb;
  const { ended, routed } = routeRedirected(place, withPacket(world, alter(world.skb, { pktType: 'host' })));
  return [
    ...ended,
    ...routed.flatMap((one) => {
      const { world: host, route, hop } = one;
      if (route.type !== 'unicast' || hop?.dev !== bridge)
        return taken(place, host, () => routeOn(place, leavesBridge(place, one)));
      const live: World = withPacket(host, alter(host.skb, { pktType }));
      const towards = hop.via ?? live.skb.dst;
      const found = aim(place, live, bridge, towards);
      if (found.kind === 'lost') return [found.world];
      const aimed = withPacket(found.world, alter(live.skb, { dstMac: found.lladdr }));
      const { evidence } = found;
      const told = note(aimed, place.name, 'bridge', `the packet stays on ${bridge}`, evidence);
      return carry(place, told, port, {
        bridge,
        shown: true,
        up: (seen) => taken(place, seen, (good) => routeIn(place, good)),
      });
    }),
  ];
}

type Aim =
  | {
      readonly kind: 'found';
      readonly world: World;
      readonly lladdr: Mac;
      readonly evidence: readonly Evidence[];
    }
  | { readonly kind: 'lost'; readonly world: World };

/** The hardware address of the new neighbour. An unknown one is asked for first, and the frame goes the same way then (br_nf_pre_routing_finish_bridge_slow). */
function aim(place: Place, world: World, bridge: string, towards: Ip): Aim {
  const neighbour = neighbourOf(place, bridge, towards);
  if (neighbour.kind === 'known' && neighbour.lladdr !== null)
    return { kind: 'found', world, lladdr: neighbour.lladdr, evidence: neighbour.evidence };
  const answerer = neighbour.kind === 'unasked' ? answererBehind(place, bridge, towards, world.skb.src) : null;
  if (answerer?.kind === 'answers') return { ...answerer, kind: 'found', world };
  if (answerer?.kind === 'nobody') {
    const what = `nobody behind ${bridge} answers for ${formatIp(towards)}`;
    const asked = note(world, place.name, 'neighbour', what, answerer.evidence);
    return { kind: 'lost', world: finish(asked, ending('neighbour-unresolved')) };
  }
  const taken = takenToAnswer(place, world, towards, neighbour);
  if (taken === null) return { kind: 'lost', world: unresolved(place, world, bridge, neighbour) };
  return { kind: 'found', ...taken, evidence: [] };
}

/** A captured namespace of the node is taken to answer. */
function takenToAnswer(
  place: Place,
  world: World,
  ip: Ip,
  { kind }: ReturnType<typeof neighbourOf>,
): { readonly world: World; readonly lladdr: Mac } | null {
  if (place.assume !== 'defaults' || (kind !== 'unasked' && kind !== 'missing')) return null;
  for (const { addresses, links } of place.node.namespaces) {
    const row = addresses.rows.find((one) => one.trust !== 'claimed' && sameIp(one.ip, ip));
    const lladdr = row === undefined ? null : (links.rows.find(({ name }) => name === row.dev)?.mac ?? null);
    if (lladdr === null) continue;
    const text = `${formatIp(ip)} is taken to answer with its hardware address ${formatMac(lladdr)}: ${place.name} shows no neighbour entry of it`;
    return { world: assume(world, [{ dump: kind === 'missing' ? 'ip-neigh' : null, text }]), lladdr };
  }
  return null;
}

function unresolved(place: Place, world: World, bridge: string, neighbour: ReturnType<typeof neighbourOf>): World {
  if (neighbour.kind === 'failed')
    return finish(
      note(world, place.name, 'neighbour', neighbour.what, neighbour.evidence),
      ending('neighbour-unresolved'),
    );
  const text = `by which port of ${bridge} the packet goes on depends on a neighbour that is not resolved yet`;
  const reason = neighbour.kind === 'missing' ? missing(place, 'ip-neigh', text) : { dump: null, text };
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}
