/**
 * Realms of IPv4: those of the route that a packet takes, of the policy rule that led there, and of the way back to its sender.
 * ip-route(8); net/ipv4/route.c set_class_tag, include/net/ip_fib.h fib_combine_itag.
 */
import type { Family } from '../inet/ip.js';
import { policyRules } from '../route/policy-rules.js';
import type { RouteAnswer } from '../route/question.js';
import { tableName } from '../route/table.js';
import type { PolicyRule } from '../snapshot/policy-rule.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { type Tri, unknown } from '../tri.js';
import { perPlace } from './per-place.js';
import type { Place } from './place.js';

/** Whether any route, next hop or policy rule has one. */
export const hasRealms = perPlace((place: Place, family: Family): Tri => {
  const { rules, because } = policyRules(place, family);
  const routes = place.ns.routes.rows.filter((route) => route.family === family);
  const words = [...routes.flatMap(({ rest, nexthops }) => [...rest, ...nexthops.flatMap((hop) => hop.rest ?? [])])];
  const named = [...words, ...rules.flatMap(({ rest }) => rest)].some((word) => word.startsWith('realm'));
  const all = place.ns.routes.covers.some((cover) => cover.family === family && cover.tables === 'all');
  if (named) return true;
  return all && because.length === 0 ? false : unknown('whether routes have realms is not known', 'ip-route');
});

/** Realm of the source in the upper half, of the destination in the lower one; undefined: not known. */
export type RealmTag = number | undefined;

type Found = RouteAnswer & { readonly kind: 'route' };

/** What the route out gives a packet: each half by the route, or else by the rule. */
export function tagOfRoute(place: Place, { route, table }: Found, hop: NextHop | undefined): RealmTag {
  return filled(ofWay(route, hop), tagOfRules(place, table).tag);
}

/** What the way back to the sender gives it. */
export function tagOfSender(place: Place, { route, hops, table }: Found): RealmTag {
  const own = ofWay(route, hops[0]);
  const rule = tagOfRules(place, table).tag;
  if (own === undefined || rule === undefined) return undefined;
  return ((own << 16 === 0 ? rule << 16 : own << 16) | (rule >>> 16)) >>> 0;
}

/** Halves that are empty are filled. */
export function filled(tag: RealmTag, more: RealmTag): RealmTag {
  if (tag === undefined || more === undefined) return undefined;
  const lower = (tag & 0xffff) === 0 ? more & 0xffff : 0;
  const upper = tag >>> 16 === 0 ? (more & 0xffff0000) >>> 0 : 0;
  return (tag | lower | upper) >>> 0;
}

function ofWay({ rest }: Route, hop: NextHop | undefined): RealmTag {
  return readTag([...(hop?.rest ?? []), ...rest]);
}

/** What a way out was first found by stays with it: where rules of one table differ, that is history. */
const tagOfRules = perPlace((place: Place, table: string): { readonly tag: RealmTag } => {
  const tags = policyRules(place, 4)
    .rules.filter(leadsTo(table))
    .map(({ rest }) => readTag(rest));
  return { tag: tags.every((tag) => tag === tags[0]) ? (tags.length === 0 ? 0 : tags[0]) : undefined };
});

function leadsTo(table: string): (rule: PolicyRule) => boolean {
  return ({ action }) => action.kind === 'lookup' && tableName(action.table) === table;
}

function readTag(words: readonly string[]): RealmTag {
  const [, value] = words.find((word) => word.startsWith('realm'))?.split(' ') ?? [];
  if (value === undefined) return 0;
  const [first = '', second] = value.split('/');
  const [from, to] = second === undefined ? [0, realmOf(first)] : [realmOf(first), realmOf(second)];
  return from === undefined || to === undefined ? undefined : ((from << 16) | to) >>> 0;
}

/** Names are of the node's own /etc/iproute2/rt_realms, but for one. */
function realmOf(text: string): number | undefined {
  if (text === 'cosmos') return 0;
  return /^(?:\d+|0x[0-9a-f]+)$/.test(text) ? Number(text) & 0xffff : undefined;
}
