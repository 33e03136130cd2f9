/** Whether any route, next hop or policy rule of a namespace has a realm. ip-route(8). */
import type { Family } from '../inet/ip.js';
import { policyRules } from '../route/policy-rules.js';
import { type Tri, unknown } from '../tri.js';
import { perPlace } from './per-place.js';
import type { Place } from './place.js';

export const hasRealms = perPlace((place: Place, family: Family): Tri => {
  const { rules, because } = policyRules(place, family);
  const routes = place.ns.routes.rows.filter((route) => route.family === family);
  const words = [...routes.flatMap(({ rest, nexthops }) => [...rest, ...nexthops.flatMap((hop) => hop.rest ?? [])])];
  const named = [...words, ...rules.flatMap(({ rest }) => rest)].some((word) => word.startsWith('realm'));
  const all = place.ns.routes.covers.some((cover) => cover.family === family && cover.tables === 'all');
  if (named) return true;
  return all && because.length === 0 ? false : unknown('whether routes have realms is not known', 'ip-route');
});
