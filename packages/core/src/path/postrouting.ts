/** The last hook, then the neighbour: what it takes for the frame to leave. */
import { formatIp } from '../inet/ip-text.js';
import type { Link } from '../snapshot/link.js';
import { hasAddress, portsOf } from '../snapshot/rows-by.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import type { Evidence } from '../verdict/step.js';
import { linkOf } from './frame.js';
import { runHook } from './hook-run.js';
import { type NeighbourState, neighbourOf } from './neighbour.js';
import { noPortAsks, noPortTakes } from './own-bridge.js';
import { missing, type Place } from './place.js';
import { ownAddress } from './silence.js';
import { advance, assume, change, draftWorld, type Exit, finish, leaveOpen, note, type World } from './world.js';

/** `fits`: what is asked of the packet between the two. */
export function postrouting(place: Place, world: World, fits?: (world: World) => World): readonly World[] {
  return advance(runHook(place, world, 'POSTROUTING'), (live) =>
    fits === undefined ? [resolve(place, live)] : advance([fits(live)], (fitting) => [resolve(place, fitting)]),
  );
}

/** The neighbour entry of the next hop: a usable one, none (it is resolvable), or a failed one. */
function resolve(place: Place, world: World): World {
  const { exit } = world;
  if (exit === null) return world;
  const hops = world.hops.length === 0 ? [hopOf(place, world)] : [...world.hops, hopOf(place, world)];
  if (exit.dev === 'lo') return told(place, change(world, { hops }), exit, []);
  const link = linkOf(place, exit.dev);
  if (link !== undefined && isDead(link)) {
    const what = `${exit.dev} has no carrier: what it sends is lost`;
    const evidence = [{ span: link.span, why: link.flags.join(',') }];
    return finish(note(change(world, { hops }), place.name, 'egress', what, evidence), ending('dropped'));
  }
  const neighbour = neighbourOf(place, exit.dev, exit.towards);
  if (neighbour.kind === 'failed')
    return finish(
      note(change(world, { hops }), place.name, 'neighbour', neighbour.what, neighbour.evidence),
      ending('neighbour-unresolved'),
    );
  if (neighbour.kind === 'unasked' && isOwnServer(place, world, exit)) {
    const own = formatIp(exit.towards);
    const what = `nobody on ${exit.dev} answers for ${own}, which is an address of ${place.name}`;
    const told = note(change(world, { hops }), place.name, 'neighbour', what, ownAddress(place, own));
    return finish(told, ending('neighbour-unresolved'));
  }
  const kept = noPortTakes(place, exit, neighbour);
  if (kept === true) return keptBack(place, change(world, { hops }), exit, neighbour);
  const lladdr = neighbour.kind === 'known' ? neighbour.lladdr : null;
  const framed = draftWorld(world);
  framed.hops = hops;
  framed.exit = { dev: exit.dev, towards: exit.towards, lladdr };
  const passed = kept === false ? framed : unlessKept(place, framed, exit, kept.because);
  if (passed.end !== null) return passed;
  const left = told(place, passed, exit, neighbour.kind === 'known' ? neighbour.evidence : []);
  if (neighbour.kind !== 'missing' || needsNoNeighbour(link)) return left;
  if (place.assume === 'defaults') {
    const text = `${formatIp(exit.towards)} is taken to be resolvable on ${exit.dev}`;
    return assume(left, [missing(place, 'ip-neigh', text)]);
  }
  const open = missing(
    place,
    'ip-neigh',
    `whether ${formatIp(exit.towards)} is resolvable on ${exit.dev} is not known`,
  );
  return finish(leaveOpen(left, [open]), ending('undetermined'));
}

/** Whom nobody could be asked for has no neighbour. */
function keptBack(place: Place, world: World, exit: Exit, { kind }: NeighbourState): World {
  const what = `no port of ${exit.dev} lets the frame out`;
  const unasked = kind !== 'known' && noPortAsks(place, exit.dev);
  const told = note(world, place.name, 'bridge', what, portLines(place, exit.dev));
  return finish(told, ending(unasked ? 'neighbour-unresolved' : 'dropped'));
}

function portLines(place: Place, bridge: string): readonly Evidence[] {
  return portsOf(place.ns, bridge).map(({ name, span }) => ({ span, why: `port ${name}` }));
}

function unlessKept({ assume: mode }: Place, world: World, { dev }: Exit, because: readonly Reason[]): World {
  if (mode === 'none') return finish(leaveOpen(world, because), ending('undetermined'));
  return assume(
    world,
    because.map(({ dump, text }) => ({ dump, text: `${text}: a port of ${dev} is taken to let it out` })),
  );
}

/** A packet on its way out that IPVS has given to a server on this node keeps its old route. */
function isOwnServer({ ns }: Place, { skb: { ipvs } }: World, { towards }: Exit): boolean {
  return ipvs != null && hasAddress(ns, towards);
}

function told(place: Place, world: World, exit: Exit, evidence: readonly Evidence[]): World {
  if (world.probed) return world;
  const what = `the packet leaves by ${exit.dev} for ${formatIp(exit.towards)}`;
  return note(world, place.name, 'egress', what, evidence);
}

function isDead({ flags, details }: Link): boolean {
  return flags.includes('NO-CARRIER') || (details?.kind === 'other' && details.type === 'dummy');
}

function needsNoNeighbour(link: Link | undefined): boolean {
  return link?.flags.includes('NOARP') === true || link?.flags.includes('POINTOPOINT') === true;
}

export function hopOf(place: Place, world: World) {
  return {
    place: place.name,
    iif: world.skb.iif,
    oif: world.skb.oif,
    connection: world.skb.ct,
    ipvs: world.skb.ipvs?.connection ?? null,
  };
}
