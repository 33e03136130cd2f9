/** The routing decision as a stage: asks the lookup, records its lines, and branches over nexthops by weight. */
import type { Ip } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { lookupRoute } from '../route/lookup.js';
import type { RouteAnswer, RouteQuestion } from '../route/question.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { ending } from '../verdict/disposition.js';
import { fraction } from '../verdict/fraction.js';
import { anySwitch } from './parameter.js';
import type { Place } from './place.js';
import { assume, finish, forkByChance, leaveOpen, note, type World } from './world.js';

export interface Routed {
  readonly world: World;
  readonly route: Route;
  readonly hop: NextHop | undefined;
}

/** Worlds that ended, and the routed ones. */
export interface Routing {
  readonly ended: readonly World[];
  readonly routed: readonly Routed[];
}

export function questionOf(world: World, given: Partial<RouteQuestion> = {}): RouteQuestion {
  const { skb } = world;
  return {
    family: skb.family,
    dst: skb.dst,
    src: skb.src,
    iif: skb.iif,
    oif: skb.owner?.dev ?? null,
    mark: skb.mark,
    tos: skb.tos,
    proto: skb.proto,
    sport: skb.sport,
    dport: skb.dport,
    ...(skb.openPort === undefined ? {} : { openPort: skb.openPort }),
    uid: skb.owner?.uid ?? null,
    l3mdev: false,
    ...given,
  };
}

export function routeWorld(place: Place, world: World, question: RouteQuestion): Routing {
  const answer = lookupRoute(place, question);
  const informed = assume(world, answer.assumptions);
  switch (answer.kind) {
    case 'open':
      return only(
        finish(leaveOpen(say(place, informed, answer, 'the route is open'), answer.because), ending('undetermined')),
      );
    case 'error':
      return only(failed(place, informed, answer, question));
    case 'route': {
      const spread = answer.hops.length > 1 ? spreading(place, informed, answer) : informed;
      if (spread.end !== null) return only(spread);
      return { ended: [], routed: choices(place, spread, answer, question.dst) };
    }
  }
}

/** Among several ways the weights decide, unless the state of neighbours has a say too. net/ipv4/fib_semantics.c, nexthop.c. */
function spreading(place: Place, world: World, { route }: RouteAnswer & { readonly kind: 'route' }): World {
  const asks = anySwitch(place, 'fib_multipath_use_neigh', ['net/ipv4/fib_multipath_use_neigh']);
  const byNeighbours = route.nhid !== null || (route.family === 4 && asks.on);
  const text = 'which way of a route is taken depends on what the kernel thinks of its gateways';
  if (byNeighbours) return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
  if (route.family === 6) return world;
  return asks.because.length > 0
    ? finish(leaveOpen(world, asks.because), ending('undetermined'))
    : assume(world, asks.assumed);
}

function only(world: World): Routing {
  return { ended: [world], routed: [] };
}

function say(place: Place, world: World, answer: RouteAnswer, what: string): World {
  return note(world, place.name, 'routing', what, answer.evidence);
}

/** A process gets an error number; forwarded packets are answered by an ICMP error, blackholes by nothing. */
function failed(
  place: Place,
  world: World,
  answer: RouteAnswer & { readonly kind: 'error' },
  question: RouteQuestion,
): World {
  const told = say(
    place,
    world,
    answer,
    `no way to ${formatIp(question.dst)}: ${answer.type === 'none' ? 'no route' : answer.type}`,
  );
  const disposition = answer.type === 'none' ? 'no-route' : 'unreachable';
  if (question.iif === null) return finish(told, ending(disposition, answer.errno));
  if (answer.type === 'blackhole') return finish(told, ending('dropped'));
  return finish(told, ending(disposition, icmpErrors[question.family][answer.errno]));
}

/** What a sender is told whose packet cannot be passed on. net/ipv4/route.c ip_error, net/ipv6/route.c ip6_pkt_drop. */
const icmpErrors = {
  4: { ENETUNREACH: 'icmp 3/0', EHOSTUNREACH: 'icmp 3/1', EACCES: 'icmp 3/13', EINVAL: null },
  6: { ENETUNREACH: 'icmpv6 1/0', EHOSTUNREACH: 'icmpv6 1/0', EACCES: 'icmpv6 1/1', EINVAL: null },
};

function choices(
  place: Place,
  world: World,
  answer: RouteAnswer & { readonly kind: 'route' },
  dst: Ip,
): readonly Routed[] {
  const { route, hops } = answer;
  const total = hops.reduce((sum, hop) => sum + hop.weight, 0);
  if (hops.length <= 1)
    return [{ world: say(place, world, answer, described(route, hops[0], dst)), route, hop: hops[0] }];
  const sides = forkByChance(
    world,
    hops.map((hop) => fraction(hop.weight, total)),
  );
  return hops.flatMap((hop, index) => {
    const side = sides[index];
    return side === undefined ? [] : [{ world: say(place, side, answer, described(route, hop, dst)), route, hop }];
  });
}

function described(route: Route, hop: NextHop | undefined, dst: Ip): string {
  if (route.type === 'local') return `${formatIp(dst)} is an address of this node`;
  const via = hop?.via === null || hop === undefined ? '' : ` via ${formatIp(hop.via)}`;
  return `${formatIp(dst)} goes${via} dev ${hop?.dev ?? '?'}`;
}
