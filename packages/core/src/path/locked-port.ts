/** A port that is locked takes frames from those senders alone that the forwarding database has behind it (`bridge link set dev DEV locked on`). net/bridge/br_input.c br_handle_frame_finish. */
import { formatMac } from '../inet/mac.js';
import { lookupFdb } from '../neigh/fdb.js';
import type { Link } from '../snapshot/link.js';
import { fdbFor } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import type { Place } from './place.js';
import { finish, leaveOpen, note, type World } from './world.js';

/** `world`, or its end at the port. */
export function unlessLockedOut(place: Place, world: World, port: Link, bridge: string): World {
  if (port.port?.locked !== true) return world;
  const { srcMac } = world.skb;
  if (srcMac === null)
    return open(world, [
      { dump: null, text: `which hardware address the frame at ${port.name} comes from is not said` },
    ]);
  const found = lookupFdb(place, bridge, srcMac);
  if (found.kind === 'open') return open(world, found.because);
  const isBehind = found.kind === 'port' && found.dev === port.name;
  // What a locked port has seen and nobody has let in.
  if (isBehind && !fdbFor(place.ns, srcMac).some(({ dev, flags }) => dev === port.name && flags.includes('locked')))
    return world;
  const what = `port ${port.name} of ${bridge} is locked, and ${formatMac(srcMac)} is not let in`;
  const evidence = [{ span: port.span, why: `port ${port.name}` }];
  return finish(note(world, place.name, 'bridge', what, evidence), ending('dropped'));
}

function open(world: World, because: readonly Reason[]): World {
  return finish(leaveOpen(world, because), ending('undetermined'));
}
