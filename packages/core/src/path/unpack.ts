/** The far end of a tunnel: the outer packet has passed INPUT, and what it carries comes in by the tunnel's device. vxlan_core.c vxlan_rcv, net/ipv4/ip_tunnel.c ip_tunnel_lookup. */
import { sameIp } from '../inet/ip.js';
import { isUnspecified } from '../inet/ip-kind.js';
import { formatMac, sameMac } from '../inet/mac.js';
import { alter, type Skb } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import { ending } from '../verdict/disposition.js';
import { mayBeTunnel } from './frame.js';
import { ingress } from './ingress.js';
import { missing, type Place } from './place.js';
import { snooped } from './snoop.js';
import { type Carried, change, finish, leaveOpen, note, type World } from './world.js';

export function unpack(place: Place, world: World): readonly World[] {
  const { carried, skb } = world;
  if (carried === undefined) return [world];
  const candidates = place.ns.links.rows.filter(({ flags, trust }) => trust !== 'claimed' && flags.includes('UP'));
  const devices = devicesOf(candidates, skb, carried);
  const [device, another] = devices;
  if (device === undefined) return [nobody(place, world)];
  if (another !== undefined) return [unsettled(place, world, devices)];
  if (isEcho(device, carried)) return [echoed(place, world, device)];
  const { before, inner } = carried;
  const { carried: _taken, ...rest } = world;
  const unpacked: World = {
    ...rest,
    end: null,
    skb: alter(inner, { setChanges: skb.setChanges, seen: skb.seen }),
    ...(before === undefined ? {} : { carried: before }),
  };
  const what = `${device.name} takes the packet out of the one from its tunnel`;
  const told = note(unpacked, place.name, carried.kind, what, [{ span: device.span, why: `device ${device.name}` }]);
  const taken = snooped(place, told, device, skb);
  // A program writes the packet anew: no mark comes with it.
  return taken.end !== null ? [taken] : ingress(place, taken, device.name, carried.kind === 'udp' ? 0 : skb.mark);
}

/** vxlan_set_mac: a frame with the device's own hardware address as its source is taken for one that came round. */
function isEcho({ mac }: Link, { kind, inner: { srcMac } }: Carried): boolean {
  return kind === 'vxlan' && mac !== null && srcMac !== null && sameMac(mac, srcMac);
}

function echoed(place: Place, world: World, { name, mac, span }: Link): World {
  const what = `${name} of ${place.name} drops the frame: its sender has the same hardware address${mac === null ? '' : `, ${formatMac(mac)}`}`;
  const told = note(change(world, { end: null }), place.name, 'vxlan', what, [{ span, why: `device ${name}` }]);
  return finish(told, ending('dropped'));
}

/** One, where it is settled. */
function devicesOf(candidates: readonly Link[], skb: Skb, carried: Carried): readonly Link[] {
  switch (carried.kind) {
    case 'vxlan':
      return vxlanOf(candidates, skb, carried.vni);
    case 'ipip':
      return ipipOf(candidates, skb);
    case 'udp':
      return candidates.filter(({ name }) => name === carried.dev).slice(0, 1);
  }
}

function vxlanOf(links: readonly Link[], { dport, dst }: Skb, vni: number): readonly Link[] {
  const fitting = links.find(
    ({ details }) =>
      details?.kind === 'vxlan' &&
      (details.id === vni || details.external === true) &&
      details.dstport === dport &&
      (details.local === null || details.local.family === dst.family),
  );
  return fitting === undefined ? [] : [fitting];
}

/**
 * A tunnel of the device that it came by goes before all others; then the tunnel of both addresses, of the remote one, of the local one, and the one for all.
 * Of several like that it depends on which was made first.
 */
function ipipOf(links: readonly Link[], { src, dst, iif }: Skb): readonly Link[] {
  const graded = links.flatMap((link) => {
    const { details } = link;
    if (details?.kind !== 'tunnel' || details.type !== 'ipip') return [];
    const remote = details.remote === null || isUnspecified(details.remote) ? null : sameIp(details.remote, src);
    const local = details.local === null || isUnspecified(details.local) ? null : sameIp(details.local, dst);
    if (remote === false || local === false) return [];
    const bound = details.dev !== null && details.dev === iif;
    return [{ link, grade: (bound ? 4 : 0) + (remote === true ? 2 : 0) + (local === true ? 1 : 0) }];
  });
  const best = Math.max(-1, ...graded.map(({ grade }) => grade));
  return graded.filter(({ grade }) => grade === best).map(({ link }) => link);
}

function unsettled(place: Place, world: World, devices: readonly Link[]): World {
  const names = devices.map(({ name }) => name).join(' and ');
  const text = `which of ${names} of ${place.name} takes the packet depends on which was made first`;
  return finish(leaveOpen(change(world, { end: null }), [{ dump: null, text }]), ending('undetermined'));
}

function nobody(place: Place, world: World): World {
  const kind = world.carried?.kind ?? 'tunnel';
  if (place.ns.links.state !== 'complete' || place.ns.links.rows.some(mayBeTunnel)) {
    const reason = missing(
      place,
      'ip-link',
      `whether ${place.name} has the ${kind} device of this tunnel is not known`,
    );
    return finish(leaveOpen(change(world, { end: null }), [reason]), ending('undetermined'));
  }
  const what = `${place.name} has no ${kind} device for the packet`;
  return finish(note(change(world, { end: null }), place.name, kind, what), ending('dropped'));
}
