/** Route dumps speak for the tables they cover: `ip route` for main, `ip route show table all` for every one. */
import { type Family, formatPrefix, type Route, type RouteCoverage, type RouteDump } from '@coldtrace/core';
import { byAuthority, type Part } from './merge-rows.js';

export interface RoutePart extends Part<Route> {
  readonly covers: readonly RouteCoverage[];
}

export function mergeRoutes(parts: readonly RoutePart[]): RouteDump {
  if (parts.length === 0) return { state: 'absent', rows: [], sources: [], covers: [] };
  const sources = parts.map((part) => part.source);
  const state = parts.some((part) => part.complete) ? 'complete' : 'partial';
  const sorted = richestFirst(byAuthority(parts));
  const [only] = sorted;
  if (only !== undefined && sorted.length === 1)
    return { state, rows: only.rows, sources, covers: only.complete ? only.covers : [] };
  const covered = new Map<Family, 'all' | Set<string>>();
  const rows = new Map<string, Route>();
  for (const part of sorted) {
    const seen = new Map<string, number>();
    for (const row of part.rows) {
      if (isCovered(covered, row.family, row.table)) continue;
      const key = routeKey(row);
      const count = seen.get(key) ?? 0;
      seen.set(key, count + 1);
      const place = count === 0 ? key : `${key}#${count}`;
      const present = rows.get(place);
      if (present === undefined || (present.trust === 'claimed' && row.trust !== 'claimed')) rows.set(place, row);
    }
    if (part.complete) for (const one of part.covers) cover(covered, one);
  }
  return { state, rows: [...rows.values()], sources, covers: coverageOf(covered) };
}

/** net-tools and the file that it reads hide sources, scopes and `onlink`: what they show of a table counts only where iproute2's listing is not there. */
const hiding: ReadonlySet<string> = new Set(['nettools-route', 'proc-net-route']);

function richestFirst(parts: readonly RoutePart[]): readonly RoutePart[] {
  const poor = (part: RoutePart) => Number(part.complete && hiding.has(part.source.format));
  return [...parts].sort((left, right) => (left.complete === right.complete ? poor(left) - poor(right) : 0));
}

function isCovered(covered: ReadonlyMap<Family, 'all' | Set<string>>, family: Family, table: string): boolean {
  const tables = covered.get(family);
  return tables === 'all' || tables?.has(table) === true;
}

function cover(covered: Map<Family, 'all' | Set<string>>, { family, tables }: RouteCoverage): void {
  const present = covered.get(family);
  if (present === 'all') return;
  if (tables === 'all') covered.set(family, 'all');
  else covered.set(family, new Set([...(present ?? []), ...tables]));
}

function coverageOf(covered: ReadonlyMap<Family, 'all' | Set<string>>): readonly RouteCoverage[] {
  return [...covered].map(([family, tables]) => ({ family, tables: tables === 'all' ? 'all' : [...tables] }));
}

function routeKey(route: Route): string {
  const hops = route.nexthops.map((hop) => [hop.via, hop.dev, hop.weight]);
  const head = [route.table, route.type, formatPrefix(route.dst), route.tos, route.metric];
  return `${head.join(' ')} ${JSON.stringify([route.src, route.scope, hops])}`;
}
