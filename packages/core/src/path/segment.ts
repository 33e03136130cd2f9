/** Everything that one frame can reach without being routed: over veth pairs, and through bridges to their other ports. */
import { type Mac, sameMac } from '../inet/mac.js';
import { lookupFdb } from '../neigh/fdb.js';
import { portsOf } from '../snapshot/rows-by.js';
import { floods, isForwarding, masterOf } from './bridge.js';
import { linkOf } from './frame.js';
import type { Place } from './place.js';
import { type FarEnd, farEndOf } from './veth.js';
import type { Exit } from './world.js';

/** A device that takes in what the segment carries. */
export interface Member {
  readonly place: Place;
  readonly dev: string;
}

export interface Wire {
  readonly dev: string;
  readonly far: FarEnd;
}

/** The devices by which a frame can leave: the ports that the bridge chose or has, or the device itself. */
export function outletsOf(place: Place, exit: Exit): readonly string[] {
  if (exit.ports !== undefined) return exit.ports;
  if (linkOf(place, exit.dev)?.details?.kind !== 'bridge') return [exit.dev];
  const found = exit.lladdr === undefined || exit.lladdr === null ? null : lookupFdb(place, exit.dev, exit.lladdr);
  if (found?.kind === 'port') return [found.dev];
  const flooded = found?.kind === 'unknown-address';
  return portsOf(place.ns, exit.dev)
    .filter((row) => isForwarding(row) && (!flooded || floods(row, 'flood')))
    .map(({ name }) => name);
}

/** The captured far ends of those devices; `unclear` where several devices fit. */
export function wiresOf(places: readonly Place[], place: Place, exit: Exit): readonly Wire[] | 'unclear' {
  const wires: Wire[] = [];
  for (const dev of outletsOf(place, exit)) {
    const far = farEndOf(places, place, dev);
    if (far === 'unclear') return far;
    if (far !== null) wires.push({ dev, far });
  }
  return wires;
}

export interface Segment {
  readonly members: readonly Member[];
  /** Nobody hears it who was not captured. */
  readonly closed: boolean;
}

/** Who hears what goes out by the wire. */
export function membersBehind(places: readonly Place[], { far }: Wire): Segment {
  const members: Member[] = [];
  let closed = true;
  const seen = new Set<string>();
  const arrive = (place: Place, dev: string): void => {
    const key = `${place.name} ${dev}`;
    if (seen.has(key)) return;
    seen.add(key);
    closed &&= place.ns.links.state === 'complete' && place.ns.addresses.state === 'complete';
    const master = masterOf(place, dev);
    if (master.kind === 'bridge') {
      members.push({ place, dev: master.name });
      for (const port of portsOf(place.ns, master.name)) {
        const next = port.name === dev ? null : farEndOf(places, place, port.name);
        if (next !== null && next !== 'unclear') arrive(next.place, next.link.name);
        else if (port.name !== dev) closed = false;
      }
    } else members.push({ place, dev: master.kind === 'none' ? dev : master.name });
  };
  arrive(far.place, far.link.name);
  return { members, closed };
}

export function hasMac({ place, dev }: Member, mac: Mac): boolean {
  const own = linkOf(place, dev)?.mac ?? null;
  return own !== null && sameMac(own, mac);
}
