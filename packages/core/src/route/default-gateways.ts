/** Several default routes, of one metric or of one for some TOS beside one for all: a packet of the node itself takes the one whose gateway seems alive. net/ipv4/fib_semantics.c fib_select_default. */
import type { Place } from '../path/place.js';
import type { Route } from '../snapshot/route.js';
import { gatewayNeighbour } from './gateway-neighbour.js';

/** The route that is taken whatever the kernel chose the last time; null where that matters. */
export function liveDefault(place: Place, routes: readonly Route[]): Route | null {
  const states = routes.map((route) => stateOf(place, route));
  if (states[0] === 'reachable') return routes[0] ?? null;
  if (states.includes('unknown') || states.filter((state) => state === 'absent').length > mostAbsent) return null;
  const before = [-1, ...routes.keys()];
  const chosen = new Set(eitherWay(states).flatMap((way) => before.map((last) => choose(way, last))));
  const [only] = chosen;
  return chosen.size === 1 && only !== undefined ? (routes[only] ?? null) : null;
}

/** Each doubles the ways to look at. */
const mostAbsent = 5;

/** `ip neigh` does not print entries of state NOARP: a gateway that it lacks may be one of them. ip-neighbour(8). */
function eitherWay(states: readonly GatewayState[]): readonly (readonly GatewayState[])[] {
  return states.reduce<readonly (readonly GatewayState[])[]>(
    (ways, state) =>
      ways.flatMap((way) =>
        state === 'absent'
          ? [
              [...way, state],
              [...way, 'valid' as const],
            ]
          : [[...way, state]],
      ),
    [[]],
  );
}

type GatewayState = 'absent' | 'reachable' | 'valid' | 'incomplete' | 'failed' | 'unknown';

const valid = new Set(['PERMANENT', 'NOARP', 'PROBE', 'STALE', 'DELAY']);

function stateOf({ ns }: Place, route: Route): GatewayState {
  const [hop] = route.nexthops;
  const entry = hop === undefined ? undefined : gatewayNeighbour(ns, hop);
  if (entry === undefined) return ns.neighbours.state === 'complete' ? 'absent' : 'unknown';
  if (entry.nud === 'REACHABLE') return 'reachable';
  if (entry.nud === 'INCOMPLETE') return 'incomplete';
  return valid.has(entry.nud ?? '') ? 'valid' : 'failed';
}

/** `last`: the place in the list of the route that was chosen the last time, -1 for none. A gateway that is only thought to be there gives way then. */
function choose(states: readonly GatewayState[], last: number): number {
  let resort = -1;
  for (const [order, state] of states.entries()) {
    if (state === 'absent' || state === 'reachable' || (state === 'valid' && order !== last)) return order;
    if (state === 'valid' || (resort < 0 && order > last && state !== 'incomplete')) resort = order;
  }
  return Math.max(resort, 0);
}
