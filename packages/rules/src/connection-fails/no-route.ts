/** A node that has no route to the Service's own address: connect(2) fails there, before the rules that would translate it. ip-route(8). */
import {
  type Evidence,
  formatIp,
  type Ip,
  type Node,
  type Outcome,
  prefixContains,
  type Route,
  type Snapshot,
} from '@coldtrace/core';
import type { Failure } from '../connections/fate.js';
import type { Connection } from '../connections/standard.js';
import { isRefusedAtOnce } from '../connections/traced.js';
import { entriesAt, type ServiceEntry } from '../facts/service-entries.js';
import { tablesNamed } from '../facts/table-rules.js';
import type { Fix } from '../finding.js';
import { networkRouteFix, serviceNetwork } from '../source-address-cannot-return/fix.js';
import { deviceTowards } from '../who/towards.js';
import type { Seen } from './seen.js';

export interface RefusedAtOnce {
  readonly node: Node;
  readonly entry: ServiceEntry;
}

/** null: it fails in another way. */
export function refusedAtOnce({ connection, trace }: Seen): RefusedAtOnce | null {
  if (!trace.outcomes.every((outcome) => isRefusedAtOnce(connection, outcome))) return null;
  const entry = entryOf(connection);
  return entry === undefined ? null : { node: connection.from.node, entry };
}

function entryOf({ from, to: { ip, port }, proto }: Connection): ServiceEntry | undefined {
  if (port === null) return undefined;
  const tables = tablesNamed(from.node.host, ip.family, 'nat');
  return tables
    .flatMap(({ table }) => entriesAt(table, { ip, port, proto }))
    .find(({ endpoints }) => endpoints.length > 0);
}

/** Which routes there are, where none leads on: the one that no policy rule asks for, else the first line of them. */
export function routesSeen(snapshot: Snapshot, { final }: Outcome, { last, direction }: Failure): readonly Evidence[] {
  if (last?.stage !== 'routing' || last.evidence.length > 0) return [];
  const node = snapshot.nodes.find(({ name }) => name === last.node);
  if (node === undefined) return [];
  const dst = direction === 'there' ? final.dst : null;
  const where = dst === null ? 'where the answer goes' : formatIp(dst);
  const routes = mainRoutes(node, final.dst.family);
  const unasked = routes.find((route) => leadsTo(route, dst));
  const why =
    unasked === undefined
      ? `the first route of ${last.node}: none leads to ${where}`
      : `leads to ${where}, but no policy rule has this packet ask table main for it`;
  return [unasked ?? routes[0]].flatMap((route) => (route === undefined ? [] : [{ span: route.span, why }]));
}

function mainRoutes({ host }: Node, family: 4 | 6): readonly Route[] {
  return host.routes.rows.filter(({ table, dst }) => table === 'main' && dst.ip.family === family);
}

/** null: wherever that is. */
function leadsTo({ dst }: Route, ip: Ip | null): boolean {
  return ip === null ? dst.length === 0 : prefixContains(dst, ip);
}

export function refusedEvidence({ entry }: RefusedAtOnce): Evidence {
  const why = `what would translate ${formatIp(entry.ip)} is asked only after a route to it was found`;
  return { span: entry.rule.span, why };
}

/** By the device that leads to the first endpoint; null where none does. */
export function refusedFix(snapshot: Snapshot, { node, entry }: RefusedAtOnce): Fix | null {
  // One more route in a table that is not asked would not help.
  if (mainRoutes(node, entry.ip.family).some((route) => leadsTo(route, entry.ip))) return null;
  const [endpoint] = entry.endpoints;
  const dev = endpoint === undefined ? null : deviceTowards(node.host, endpoint.ip);
  if (dev === null) return null;
  const restored = ` A default route does as well: where ${node.name} has lost its own, bring that back.`;
  return networkRouteFix(node, dev, '', serviceNetwork(snapshot, node, { entry }), restored);
}
