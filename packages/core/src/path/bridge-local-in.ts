/** A frame for everybody or a group, where br_netfilter has shown it and the bridge passes it up. net/bridge/br_netfilter_hooks.c br_nf_local_in, br_input.c. */
import { alter } from '../packet/skb.js';
import { ending } from '../verdict/disposition.js';
import { confirm } from './confirm-step.js';
import { linkOf } from './frame.js';
import { since } from './kernel-release.js';
import type { Place } from './place.js';
import { advance, assume, finish, forkOpen, leaveOpen, note, type World, withPacket } from './world.js';

/** The copies that went out share its connection, so the bridge lets that enter the table first: whatever becomes of the packet, and too early for SNAT in INPUT. */
export function passUp(
  place: Place,
  world: World,
  bridge: string,
  stack: (world: World) => readonly World[],
): readonly World[] {
  const { ct } = world.skb;
  const promiscuous = linkOf(place, bridge)?.flags.includes('PROMISC') === true;
  if (ct === null || (ct.confirmed && !promiscuous)) return stack(world);
  const release = since(place, 6, 8, 'where a bridge settles the connection of a group frame before it passes it up');
  const settle = (live: World) => advance([promiscuous ? forget(place, live, bridge) : confirm(place, live)], stack);
  if (release.because.length > 0) {
    const [newer, older] = forkOpen(world, release.because);
    return [...settle(newer), ...stack(older)];
  }
  return release.yes ? settle(assume(world, release.assumed)) : stack(world);
}

/** A promiscuous bridge takes the connection off what it passes up. */
function forget(place: Place, world: World, bridge: string): World {
  if (world.skb.ct?.confirmed === true) {
    const text = `what ${bridge}, which is promiscuous, passes up has lost a connection that copies of the frame keep`;
    return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
  }
  const skb = alter(world.skb, { ctState: 'INVALID', ct: null });
  return note(withPacket(world, skb), place.name, 'bridge', `${bridge} is promiscuous: the frame loses its connection`);
}
