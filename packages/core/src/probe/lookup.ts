/** What route lookups of probes share: a packet that stands for the question, and answers from the ways that routing goes. */
import { untouched } from '../packet/new-packet.js';
import type { Skb } from '../packet/skb.js';
import type { Place } from '../path/place.js';
import { type Routed, type Routing, routeWorld } from '../path/routing.js';
import { finish, type World } from '../path/world.js';
import { lookupRoute } from '../route/lookup.js';
import type { RouteQuestion } from '../route/question.js';
import { ending } from '../verdict/disposition.js';
import type { Answer, ProbeAnswer } from './answer.js';
import { answerOf, type Ended, foldLeaves } from './fold.js';
import { begin, leafOf } from './probed.js';
import type { ProbeRoute } from './question.js';

/** A packet with what the lookup looks at. */
export function standIn(route: ProbeRoute): Skb {
  return {
    family: route.family,
    src: route.src ?? { ...route.dst, a: 0, b: 0, c: 0, d: 0 },
    dst: route.dst,
    proto: route.proto ?? 0,
    sport: route.sport,
    dport: route.dport,
    tcp: null,
    icmp: null,
    fragment: null,
    ttl: 64,
    tos: route.tos,
    length: null,
    ...untouched,
    mark: route.mark,
    iif: route.iif,
  };
}

function questionOfRoute(route: ProbeRoute): RouteQuestion {
  const { family, dst, src, iif, oif, mark, tos, proto, sport, dport, uid } = route;
  return { family, dst, src, iif, oif, mark, tos, proto, sport, dport, uid };
}

/** Routes the question; `answer` says what a route that was found means. */
export function routed(
  place: Place,
  route: ProbeRoute,
  answer: (routed: Routed) => { readonly world: World; readonly ended: Ended },
): ProbeAnswer {
  const question = questionOfRoute(route);
  const { ended, routed: ways } = routeWorld(place, begin(standIn(route)), question);
  return folded({ ended: ended.map((world) => byNumber(place, question, world)), routed: ways }, answer);
}

/** The lookup's own error number, though a packet that came in would be answered by ICMP. */
function byNumber(place: Place, question: RouteQuestion, world: World): World {
  const answer = world.end?.disposition === 'undetermined' ? null : lookupRoute(place, question);
  return answer?.kind === 'error' ? finish(world, ending('unreachable', answer.errno)) : world;
}

export function folded(
  { ended, routed: found }: Routing,
  answer: (routed: Routed) => { readonly world: World; readonly ended: Ended },
): ProbeAnswer {
  const failed = ended.map((world) => ({ world, ended: failure(world) }));
  return answerOf(foldLeaves([...failed, ...found.map(answer)].map((one) => leafOf(one.world, one.ended))));
}

function failure({ end, because }: World): Ended {
  const errno = end?.rejectWith ?? null;
  if (end?.disposition === 'undetermined' || errno === null) return { kind: 'open', because, either: null };
  return answered({ outcome: 'unreachable', errno });
}

export function answered(answer: Answer): Ended {
  return { kind: 'answer', answer };
}
