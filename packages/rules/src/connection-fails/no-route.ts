/** A node that has no route to the Service's own address: connect(2) fails there, before the rules that would translate it. ip-route(8). */
import { type Evidence, formatIp, type Node, type Outcome, type Snapshot, type Step } from '@coldtrace/core';
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

/** Which routes there are, where none leads on: the first line of them. */
export function routesSeen(
  { nodes }: Snapshot,
  { disposition, final }: Outcome,
  last: Step | null,
): readonly Evidence[] {
  if (disposition !== 'no-route') return [];
  const node = nodes.find(({ name }) => name === last?.node);
  const route = node?.host.routes.rows.find(({ table, dst }) => table === 'main' && dst.ip.family === final.dst.family);
  if (node === undefined || route === undefined) return [];
  return [{ span: route.span, why: `the first route of ${node.name}: none leads to ${formatIp(final.dst)}` }];
}

export function refusedEvidence({ entry }: RefusedAtOnce): Evidence {
  const why = `what would translate ${formatIp(entry.ip)} is asked only after a route to it was found`;
  return { span: entry.rule.span, why };
}

/** By the device that leads to the first endpoint; null where none does. */
export function refusedFix(snapshot: Snapshot, { node, entry }: RefusedAtOnce): Fix | null {
  const [endpoint] = entry.endpoints;
  const dev = endpoint === undefined ? null : deviceTowards(node.host, endpoint.ip);
  if (dev === null) return null;
  const restored = ` A default route does as well: where ${node.name} has lost its own, bring that back.`;
  return networkRouteFix(node, dev, '', serviceNetwork(snapshot, node, { entry }), restored);
}
