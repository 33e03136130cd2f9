/** The last hook, then the neighbour: what it takes for the frame to leave. */

import { sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { ending } from '../verdict/disposition.js';
import { runHook } from './hook-run.js';
import { missing, type Place } from './place.js';
import { advance, assume, finish, note, type World } from './world.js';

export function postrouting(place: Place, world: World): readonly World[] {
  return advance(runHook(place, world, 'POSTROUTING'), (live) => [resolve(place, live)]);
}

const unusable = new Set(['FAILED', 'INCOMPLETE']);

/** The neighbour entry of the next hop: a usable one, none (it is resolvable), or a failed one. */
function resolve(place: Place, world: World): World {
  const { exit } = world;
  if (exit === null) return world;
  const entry = place.ns.neighbours.rows.find(
    (row) => row.dev === exit.dev && sameIp(row.ip, exit.towards) && !row.proxy,
  );
  const remembered = { ...world, hops: [...world.hops, hopOf(place, world)] };
  if (entry !== undefined && entry.nud !== null && unusable.has(entry.nud)) {
    const what = `neighbour ${formatIp(exit.towards)} on ${exit.dev} is ${entry.nud}`;
    return finish(
      note(remembered, place.name, 'neighbour', what, [{ span: entry.span, why: entry.nud }]),
      ending('neighbour-unresolved'),
    );
  }
  const evidence = entry === undefined ? [] : [{ span: entry.span, why: 'neighbour entry of the next hop' }];
  const told = note(
    remembered,
    place.name,
    'egress',
    `the packet leaves by ${exit.dev} for ${formatIp(exit.towards)}`,
    evidence,
  );
  if (entry !== undefined || place.ns.neighbours.state === 'complete') return told;
  return assume(told, [
    missing(place, 'ip-neigh', `${formatIp(exit.towards)} is taken to be resolvable on ${exit.dev}`),
  ]);
}

export function hopOf(place: Place, world: World) {
  return { place: place.name, iif: world.skb.iif, oif: world.skb.oif, connection: world.skb.ct };
}
