/**
 * Lookups whose answer depends on the destination and little else are made once for each destination: under the standard policy rules, where no route of the
 * family asks for a TOS or a source. net/ipv4/fib_trie.c fib_table_lookup, net/ipv6/route.c fib6_table_lookup.
 */
import { type Family, ipKey } from '../inet/ip.js';
import { perPlace } from '../path/per-place.js';
import type { Place } from '../path/place.js';
import type { Route } from '../snapshot/route.js';
import { areStandard, policyRules } from './policy-rules.js';
import type { RouteAnswer, RouteQuestion } from './question.js';

/** Answers to questions that differ in nothing but the destination. */
interface Remembered {
  readonly byAddress: Map<number | string, RouteAnswer>;
  /** Destinations of one route share one answer, where it is the same. */
  readonly byRoute: Map<Route, RouteAnswer>;
}

/** So many destinations are kept; then all are forgotten. */
const mostKept = 8192;

export function remembered(
  place: Place,
  question: RouteQuestion,
  search: (place: Place, question: RouteQuestion) => RouteAnswer,
): RouteAnswer {
  if (!isPlain(place, question.family)) return search(place, question);
  const { byAddress, byRoute } = sortOf(place, question);
  const key = ipKey(question.dst);
  const known = byAddress.get(key);
  if (known !== undefined) return known;
  const answer = shared(byRoute, search(place, question));
  if (byAddress.size >= mostKept) byAddress.clear();
  byAddress.set(key, answer);
  return answer;
}

const isPlain = perPlace((place: Place, family: Family): boolean => {
  const { rules, because } = policyRules(place, family);
  if (because.length > 0 || !areStandard(rules, family)) return false;
  return place.ns.routes.rows.every((route) => route.family !== family || (route.tos === 0 && route.src === null));
});

/** Whatever else the search looks at. */
function sortOf(place: Place, { family, oif, iif, src, strict, reverse }: RouteQuestion): Remembered {
  // Default routes take turns for packets that the node sends by no certain device.
  if (family === 4) return sorts[4](place, oif ?? (iif === null && reverse !== true ? takingTurns : ''));
  return sorts[6](place, `${oif} ${iif} ${src === null} ${strict === true} ${reverse === true}`);
}

/** No device has such a name. */
const takingTurns = '/';

const sorts = { 4: perPlace(unasked), 6: perPlace(unasked) };

function unasked(_place: Place, _sort: string): Remembered {
  return { byAddress: new Map(), byRoute: new Map() };
}

function shared(byRoute: Remembered['byRoute'], found: RouteAnswer): RouteAnswer {
  if (found.kind !== 'route') return found;
  const known = byRoute.get(found.route);
  if (known === undefined) byRoute.set(found.route, found);
  return known?.kind === 'route' && areAlike(known, found) ? known : found;
}

type Found = RouteAnswer & { readonly kind: 'route' };

/** The route's own line is the evidence of both. */
function areAlike(x: Found, y: Found): boolean {
  return (
    x.table === y.table &&
    x.hops.length === y.hops.length &&
    x.hops.every((hop, at) => hop === y.hops[at]) &&
    x.assumptions.length === y.assumptions.length &&
    x.assumptions.every(({ text }, at) => text === y.assumptions[at]?.text)
  );
}
