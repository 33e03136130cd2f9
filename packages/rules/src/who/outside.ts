/** A client beyond the snapshot: at which device of which node its packets come in. */
import {
  type Family,
  formatIp,
  type Ip,
  lookupRoute,
  type NetNs,
  type Node,
  type Origin,
  parseIp,
  placeOf,
  type Snapshot,
  towardsOf,
} from '@coldtrace/core';
import { refuse, type WhoAnswer } from './end.js';
import { balancedNodes } from './serving.js';
import { holderOf } from './towards.js';

/** Addresses that nobody has: RFC 5737 and RFC 3849 keep them for documents. */
const strangers: Readonly<Record<Family, string>> = { 4: '203.0.113.7', 6: '2001:db8::7' };

/** The node is the one that holds the address, else one that serves it, else the first; the device is the one by which it would answer. */
export function outsideOrigin(snapshot: Snapshot, src: Ip | null, towards: Ip | null): WhoAnswer<Origin> {
  if (towards === null) return refuse('traffic from outside needs to know whom it is for');
  const client = src ?? parseIp(strangers[towards.family]);
  if (client === null) return refuse(`no address stands for a client of ${formatIp(towards)}`);
  const node = holderOf(snapshot, towards)?.node ?? balancedNodes(snapshot, towards)[0] ?? snapshot.nodes[0];
  if (node === undefined) return refuse('the snapshot holds no node');
  const dev = deviceBack(node, client) ?? onlyDevice(node.host);
  if (dev === null)
    return refuse(
      `node ${node.name} shows no route to ${formatIp(client)}: say where it comes in with iface:${node.name}/DEV and --src`,
    );
  const who = {
    kind: 'outside',
    name: 'outside',
    node: node.name,
    iface: dev,
    address: formatIp(client),
    port: null,
  } as const;
  return { ok: true, value: { kind: 'entering', node, ns: node.host, dev, src: client }, who };
}

function deviceBack(node: Node, client: Ip): string | null {
  const answer = lookupRoute(placeOf(node, node.host, 'defaults'), towardsOf(client));
  return answer.kind === 'route' ? (answer.hops[0]?.dev ?? null) : null;
}

/** Without routes: the one device that has a wire. */
function onlyDevice({ links }: NetNs): string | null {
  const wired = links.rows.filter(
    ({ type, details, master }) => type === 'ether' && details === null && master === null,
  );
  return wired.length === 1 ? (wired[0]?.name ?? null) : null;
}
