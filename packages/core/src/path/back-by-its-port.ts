/**
 * A Service that leads whoever stands behind a bridge back to itself: br_netfilter, where it is at work, passes the translated frame on as the bridge would, and no
 * port sends out what came in by it unless it is in hairpin mode. net/bridge/br_netfilter_hooks.c br_nf_pre_routing_finish, br_forward.c should_deliver.
 */
import { sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { portsOf } from '../snapshot/rows-by.js';
import { ending } from '../verdict/disposition.js';
import { bridgeNetfilter } from './bridge.js';
import { linkOf } from './frame.js';
import type { Place } from './place.js';
import { finish, leaveOpen, note, type World } from './world.js';

/** null: it is not so, or the port lets it out. By which port it came in is not known: it came in by the bridge. */
export function backByItsPort(place: Place, world: World): World | null {
  const { exit, hops, skb } = world;
  const [first, another] = hops;
  if (exit === null || world.answering || first === undefined || another !== undefined) return null;
  const sender = first.connection?.original.src;
  if (first.iif !== exit.dev || sender === undefined || !sameIp(sender, exit.towards)) return null;
  if (linkOf(place, exit.dev)?.details?.kind !== 'bridge') return null;
  const shown = bridgeNetfilter(place, skb.family, exit.dev);
  const ports = portsOf(place.ns, exit.dev);
  if (shown === 'off' || ports.every(({ port }) => port?.hairpin === true)) return null;
  const who = formatIp(exit.towards);
  if (shown === 'on' && ports.every(({ port }) => port?.hairpin === false)) {
    const what = `${who} is behind the port that the frame came in by, and no port of ${exit.dev} is in hairpin mode`;
    const evidence = ports.map(({ span, name }) => ({ span, why: `port ${name}` }));
    return finish(note(world, place.name, 'bridge', what, evidence), ending('dropped'));
  }
  const text = `whether ${exit.dev} sends a frame out by the port that it came in by is not known`;
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}
