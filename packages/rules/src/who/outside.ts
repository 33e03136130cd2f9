/** A client beyond the snapshot: at which device of which node its packets come in. */
import {
  type Family,
  formatIp,
  type Ip,
  lookupRoute,
  type NetNs,
  type NextHop,
  type Node,
  type Origin,
  parseIp,
  placeOf,
  type Reason,
  type Snapshot,
  sameIp,
  towardsOf,
} from '@coldtrace/core';
import { refuse, type WhoAnswer } from './end.js';
import { balancedNodes } from './serving.js';
import { deviceTowards, holderOf } from './towards.js';

/** Addresses that nobody has: RFC 5737 and RFC 3849 keep them for documents. */
const strangers: Readonly<Record<Family, string>> = { 4: '203.0.113.7', 6: '2001:db8::7' };

/** The node is the one that holds the address, else one that serves it, else the one before a pod that was not captured, else the first, or the captured router before it; the device is the one by which it would answer. */
export function outsideOrigin(snapshot: Snapshot, src: Ip | null, towards: Ip | null): WhoAnswer<Origin> {
  if (towards === null) return refuse('traffic from outside needs to know whom it is for');
  const client = src ?? parseIp(strangers[towards.family]);
  if (client === null) return refuse(`no address stands for a client of ${formatIp(towards)}`);
  const led =
    holderOf(snapshot, towards)?.node ?? balancedNodes(snapshot, towards)[0] ?? leading(snapshot, towards, client);
  const nearest = led ?? snapshot.nodes[0];
  if (nearest === undefined) return refuse('the snapshot holds no node');
  const node = outermost(snapshot, nearest, client);
  const dev = wayBack(node, client)?.dev ?? onlyDevice(node.host);
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
  const taken = ledThere(node, dev, towards);
  const entering = { kind: 'entering', node, ns: node.host, dev, src: client, taken } as const;
  const beside = led === undefined ? anotherWay(snapshot, node, client, towards) : null;
  return { ok: true, value: beside === null ? entering : { ...entering, beside }, who };
}

/** The one node that leads there without a gateway, and elsewhere than to the client. */
function leading({ nodes }: Snapshot, towards: Ip, client: Ip): Node | undefined {
  const found = nodes.filter((node) => {
    const dev = deviceTowards(node.host, towards);
    return dev !== null && dev !== wayBack(node, client)?.dev;
  });
  return found.length === 1 ? found[0] : undefined;
}

/** An address that nobody holds, as that of a load balancer, may lead to any node. */
function anotherWay(snapshot: Snapshot, node: Node, client: Ip, towards: Ip): Reason | null {
  if (snapshot.nodes.every((other) => outermost(snapshot, other, client) === node)) return null;
  const text = `no captured node holds ${formatIp(towards)}; what is for it is taken to come to ${node.name} and to no other node`;
  return { dump: null, text };
}

function wayBack(node: Node, client: Ip): NextHop | null {
  const answer = lookupRoute(placeOf(node, node.host, 'defaults'), towardsOf(client));
  return answer.kind === 'route' ? (answer.hops[0] ?? null) : null;
}

/** Whoever stands outside comes by the routers that were captured, and these say themselves where they send it. */
function outermost(snapshot: Snapshot, nearest: Node, client: Ip): Node {
  const passed = [nearest];
  for (let node = nearest; ; ) {
    const via = wayBack(node, client)?.via ?? null;
    const router = snapshot.nodes.find(
      ({ host }) => via !== null && host.addresses.rows.some((row) => row.dev !== 'lo' && sameIp(row.ip, via)),
    );
    if (router === undefined || passed.includes(router)) return node;
    passed.push(router);
    node = router;
  }
}

/** Routers know the network that a device stands in. Of any other, as that of the pods, nothing captured says that they send it this way. */
function ledThere({ name, host }: Node, dev: string, towards: Ip): readonly Reason[] {
  if (deviceTowards(host, towards) === dev) return [];
  const text = `nothing shows that anybody outside has a route to ${formatIp(towards)}; it is taken to lead to ${dev} of ${name}`;
  return [{ dump: null, text }];
}

/** Without routes: the one device that has a wire. */
function onlyDevice({ links }: NetNs): string | null {
  const wired = links.rows.filter(
    ({ type, details, master }) => type === 'ether' && details === null && master === null,
  );
  return wired.length === 1 ? (wired[0]?.name ?? null) : null;
}
