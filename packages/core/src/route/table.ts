/** Routing tables of a namespace: longest prefix first, then metric, in the order of the dump. net/ipv4/fib_trie.c, net/ipv6/ip6_fib.c. */
import type { Family, Ip } from '../inet/ip.js';
import { prefixContains, samePrefix } from '../inet/prefix.js';
import type { NetNs } from '../snapshot/node.js';
import type { Route } from '../snapshot/route.js';
import { derivedLocalRoutes } from './derived-local.js';

export interface RouteTable {
  /** By prefix length, longest first; within one length by metric. */
  readonly levels: readonly RouteLevel[];
  /** The dump speaks for the whole table. */
  readonly covered: boolean;
  /** Made from the addresses, or from what other routes show of them, because the dump does not show table local; never covered. */
  readonly derived: boolean;
}

export interface RouteLevel {
  readonly length: number;
  readonly routes: readonly Route[];
  /** The same routes, by a number that addresses of one prefix share. */
  readonly byPrefix: ReadonlyMap<number, readonly Route[]>;
}

interface Tables {
  readonly byName: ReadonlyMap<string, RouteTable>;
  readonly all: boolean;
}

const cache = new WeakMap<NetNs, Map<Family, Tables>>();

/** The named table; `covered` false when the snapshot says nothing of it. */
export function routeTable(ns: NetNs, family: Family, name: string): RouteTable {
  const tables = tablesOf(ns, family);
  const table = tables.byName.get(tableName(name));
  if (table !== undefined) return table;
  return { levels: [], covered: tables.all, derived: false };
}

const numbered: ReadonlyMap<string, string> = new Map([
  ['255', 'local'],
  ['254', 'main'],
  ['253', 'default'],
]);

/** `254` and `main` are one table. /etc/iproute2/rt_tables. */
export function tableName(name: string): string {
  return numbered.get(name) ?? name;
}

function tablesOf(ns: NetNs, family: Family): Tables {
  let byFamily = cache.get(ns);
  if (byFamily === undefined) {
    byFamily = new Map();
    cache.set(ns, byFamily);
  }
  const known = byFamily.get(family);
  if (known !== undefined) return known;
  const made = makeTables(ns, family);
  byFamily.set(family, made);
  return made;
}

function makeTables(ns: NetNs, family: Family): Tables {
  const groups = new Map<string, Route[]>();
  for (const route of ns.routes.rows) {
    if (route.family !== family || route.trust === 'claimed') continue;
    const name = tableName(route.table);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [route]);
    else group.push(route);
  }
  const coverage = ns.routes.covers.filter((cover) => cover.family === family);
  const all = coverage.some((cover) => cover.tables === 'all');
  const names = new Set(coverage.flatMap((cover) => (cover.tables === 'all' ? [] : cover.tables.map(tableName))));
  const byName = new Map<string, RouteTable>();
  for (const [name, routes] of groups)
    byName.set(name, { levels: levelsOf(routes), covered: all || names.has(name), derived: false });
  for (const name of names) if (!byName.has(name)) byName.set(name, { levels: [], covered: true, derived: false });
  if (!(byName.get('local')?.covered ?? all)) {
    const local = withDerived(groups.get('local') ?? [], ns, family);
    if (local.length > 0 || ns.addresses.state !== 'absent')
      byName.set('local', { levels: levelsOf(local), covered: false, derived: true });
  }
  return { byName, all };
}

/** Captured routes of a table local that is not all there, and those that its addresses must have. */
function withDerived(captured: readonly Route[], ns: NetNs, family: Family): readonly Route[] {
  const derived = derivedLocalRoutes(ns, family);
  return [...captured, ...derived.filter((route) => !captured.some((seen) => samePrefix(seen.dst, route.dst)))];
}

function levelsOf(routes: readonly Route[]): RouteTable['levels'] {
  const levels = new Map<number, Route[]>();
  for (const route of routes) {
    const level = levels.get(route.dst.length);
    if (level === undefined) levels.set(route.dst.length, [route]);
    else level.push(route);
  }
  return [...levels.entries()]
    .sort(([x], [y]) => y - x)
    .map(([length, level]) => levelOf(length, stableByMetric(level)));
}

function levelOf(length: number, routes: readonly Route[]): RouteLevel {
  const byPrefix = new Map<number, Route[]>();
  for (const route of routes) {
    const key = prefixKey(route.dst.ip, length);
    const group = byPrefix.get(key);
    if (group === undefined) byPrefix.set(key, [route]);
    else group.push(route);
  }
  return { length, routes, byPrefix };
}

/** Prefixes of IPv6 may share a number: whoever asks compares the address too. */
function prefixKey(ip: Ip, length: number): number {
  if (ip.family === 4) return bitsOfWord(ip.a, length);
  const high = bitsOfWord(ip.a, length) ^ Math.imul(bitsOfWord(ip.b, length - 32), 0x85ebca6b);
  return high ^ Math.imul(bitsOfWord(ip.c, length - 64), 0xc2b2ae35) ^ bitsOfWord(ip.d, length - 96);
}

/** The first so many bits of a word, 32 at most. */
function bitsOfWord(word: number, length: number): number {
  if (length <= 0) return 0;
  return length >= 32 ? word | 0 : word & (-1 << (32 - length));
}

function stableByMetric(routes: readonly Route[]): readonly Route[] {
  return routes
    .map((route, index) => ({ route, index }))
    .sort((x, y) => y.route.tos - x.route.tos || x.route.metric - y.route.metric || x.index - y.index)
    .map(({ route }) => route);
}

/** The routes of a table that cover the address, longest prefix first. */
export function coveringRoutes({ levels }: RouteTable, ip: Ip): readonly Route[] {
  const found: Route[] = [];
  for (const { length, byPrefix } of levels) {
    const group = byPrefix.get(prefixKey(ip, length));
    if (group !== undefined) for (const route of group) if (prefixContains(route.dst, ip)) found.push(route);
  }
  return found;
}
