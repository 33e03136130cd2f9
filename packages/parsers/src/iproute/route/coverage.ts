/** Which tables of which family a route dump speaks for (ip-route(8): `show` alone is table main; `table all` is every table). */
import { type Family, formatPrefix, type Prefix, type RouteCoverage } from '@coldtrace/core';
import type { IpCommand } from '../command.js';
import { tableName } from './names.js';

interface RouteScope {
  /** Table of the rows that print none. */
  readonly table: string;
  readonly covers: readonly RouteCoverage[];
  /** The command selected some rows of the table only. */
  readonly filtered: boolean;
  /** Neither command nor file name told; the rows did. */
  readonly inferred: boolean;
}

/** What the rows show of it. */
interface RowsSeen {
  readonly families: ReadonlySet<Family>;
  /** Some row prints `table …`: only a dump of all tables does. */
  readonly printsTables: boolean;
  /** Every row is of the kinds that only table local holds. */
  readonly onlyLocal: boolean;
}

const selectors = new Set(['table', 'id']);

export function routeScope(command: IpCommand | null, seen: RowsSeen): RouteScope {
  const told = command !== null && isRouteObject(command.object) ? command : null;
  const table = told === null ? null : tableArgument(told);
  const asked = told?.family ?? null;
  if (table === 'all' || (table === null && seen.printsTables)) {
    // Both families are printed unless one is asked for. A family without any row is not claimed: busybox prints IPv4 alone.
    const families = asked === null ? familiesOf(seen, null) : [asked];
    return scopeOf('main', 'all', families, told);
  }
  if (table !== null) return scopeOf(table, [table], familiesOf(seen, asked), told);
  if (seen.onlyLocal && !told?.typed) return scopeOf('local', ['local'], familiesOf(seen, asked), told);
  return scopeOf('main', ['main'], familiesOf(seen, asked), told);
}

/** `ip route` without rows is an empty IPv4 table; rows of both families are two outputs one after the other. */
function familiesOf(seen: RowsSeen, asked: Family | null): readonly Family[] {
  if (asked !== null) return [asked];
  return seen.families.size === 0 ? [4] : [...seen.families].sort();
}

function scopeOf(
  table: string,
  tables: RouteCoverage['tables'],
  families: readonly Family[],
  told: IpCommand | null,
): RouteScope {
  const covers = families.map((family) => ({ family, tables }));
  return { table, covers, filtered: told?.typed === true && isFiltered(told), inferred: told === null };
}

/** What a row of IPv6 shows of where it belongs. */
interface RowWords {
  readonly dst: Prefix | 'default' | null;
  readonly metric: number | null;
  readonly table: string | null;
  readonly protocol: string | null;
  readonly pref: string | null;
}

/**
 * BusyBox's `ip -6 route` shows the routes of every table without it, those of groups of table local too, and never who added one or its
 * preference, which iproute2 shows of what the kernel adds itself.
 */
export function hidesTables(rows: readonly RowWords[]): boolean {
  if (rows.some(({ table, protocol, pref }) => table !== null || protocol !== null || pref !== null)) return false;
  return rows.some(({ dst, metric }) => metric === 256 && dst !== 'default' && dst !== null && isOfKernel(dst));
}

const everyDevice = ['fe80::/64', 'ff00::/8'];

/** The two routes that the kernel gives every device with IPv6. */
const isOfKernel = (dst: Prefix): boolean => everyDevice.includes(formatPrefix(dst));

function isRouteObject(object: string): boolean {
  return object !== '' && ('route'.startsWith(object) || object === 'routes');
}

function tableArgument(command: IpCommand): string | null {
  const at = command.args.findIndex((word) => word === 'table' || word === 'tab' || word === 't');
  if (at < 0) return null;
  const word = command.args[at + 1];
  const name = word !== undefined && selectors.has(word) ? command.args[at + 2] : word;
  if (name === undefined) return null;
  return name === '0' || name === 'unspec' ? 'all' : tableName(name);
}

function isFiltered(command: IpCommand): boolean {
  const { args } = command;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word !== 'table' && word !== 'tab' && word !== 't') return true;
    at += selectors.has(args[at + 1] ?? '') ? 2 : 1;
    if (args[at] === 'cache') return true;
  }
  return false;
}
