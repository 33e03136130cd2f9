/** What the node itself sends by a bridge: whether any port lets it out. net/bridge/br_device.c br_dev_xmit; br_forward.c br_flood, should_deliver. */
import { isGroupMac, type Mac } from '../inet/mac.js';
import { lookupFdb } from '../neigh/fdb.js';
import type { Link } from '../snapshot/link.js';
import { portsOf } from '../snapshot/rows-by.js';
import type { Tri } from '../tri.js';
import { addressIs } from './address-type.js';
import { floods, isForwarding } from './bridge.js';
import { linkOf } from './frame.js';
import type { NeighbourState } from './neighbour.js';
import { missing, type Place } from './place.js';
import type { Exit } from './world.js';

/** True: the bridge keeps the frame. Its own frames for groups and for all go out by every port, whatever the port says of those that it passes on. */
export function noPortTakes(place: Place, { dev, towards }: Exit, neighbour: NeighbourState): Tri {
  // Without ports it had no carrier (and that is asked before), so they were not captured.
  if (portsOf(place.ns, dev).length === 0) return false;
  if (linkOf(place, dev)?.details?.kind !== 'bridge') return mayBeBridge(place, dev);
  if (neighbour.kind === 'known') return neighbour.lladdr !== null && noPortFor(place, dev, neighbour.lladdr);
  if (neighbour.kind !== 'unasked' || somePort(place, dev, reachesWhoAnswers)) return false;
  const toAll = addressIs(place, towards, ['BROADCAST'], dev);
  return toAll === false ? unlessHidden(place, dev) : toAll === true ? none(place, dev, anyFrame) : toAll;
}

/** Nobody hears who holds an address. */
export function noPortAsks(place: Place, bridge: string): boolean {
  return !somePort(place, bridge, anyFrame);
}

const anyFrame = (port: Link): boolean => floods(port, 'own');
const unknownAddress = (port: Link): boolean => floods(port, 'flood');
/** Who answers is learned, where the port learns. */
const reachesWhoAnswers = (port: Link): boolean => unknownAddress(port) || port.port?.learning !== false;

function noPortFor(place: Place, bridge: string, lladdr: Mac): Tri {
  if (isGroupMac(lladdr)) return none(place, bridge, anyFrame);
  const found = lookupFdb(place, bridge, lladdr);
  switch (found.kind) {
    case 'local':
      return false;
    case 'port': {
      const to = linkOf(place, found.dev);
      return to !== undefined && !isForwarding(to);
    }
    case 'unknown-address':
      return none(place, bridge, unknownAddress);
    case 'open':
      return everyPort(place, bridge, unknownAddress) ? false : found;
  }
}

function none(place: Place, bridge: string, takes: (port: Link) => boolean): Tri {
  return somePort(place, bridge, takes) ? false : unlessHidden(place, bridge);
}

function somePort(place: Place, bridge: string, takes: (port: Link) => boolean): boolean {
  return portsOf(place.ns, bridge).some((port) => isForwarding(port) && takes(port));
}

/** An entry that was not captured may lead to any port. */
function everyPort(place: Place, bridge: string, takes: (port: Link) => boolean): boolean {
  return portsOf(place.ns, bridge).every((port) => isForwarding(port) && takes(port));
}

function unlessHidden(place: Place, bridge: string): Tri {
  if (place.ns.links.state === 'complete') return true;
  return { because: [missing(place, 'ip-link', `whether ${bridge} has more ports is not known`)] };
}

/** A device with members that does not show its kind. A bond says that it is a master, a bridge does not. */
function mayBeBridge(place: Place, dev: string): Tri {
  const link = linkOf(place, dev);
  if (link === undefined || link.details !== null || link.detailed === true || link.flags.includes('MASTER'))
    return false;
  const text = `whether ${dev} is a bridge, and which of its ports let out what the node sends, is not known`;
  return { because: [missing(place, 'ip-link', text)] };
}
