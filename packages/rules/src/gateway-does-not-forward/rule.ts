/** A node that others send through does not pass their packets on: forwarding is off, a FORWARD chain drops them, or they leave unmasked. */
import {
  type DumpId,
  gapOf,
  ip4,
  ip6,
  isLoopback,
  isPrivate,
  type Node,
  placeOf,
  type Reason,
  type Snapshot,
  sysctl,
} from '@coldtrace/core';
import { defineRule } from '../define-rule.js';
import { withRoutedAddresses } from '../facts/routed-addresses.js';
import { isWhole } from '../facts/table-rules.js';
import { ownerOfLink } from '../owner/owner.js';
import { type Client, type Clientele, clienteles, mayBeGateway } from './clients.js';
import { checkClosed } from './closed.js';
import { reportDenied } from './denied.js';
import { checkFlannelPods } from './flannel-pods.js';
import { checkLogged } from './logged.js';
import { type Blocked, judge, type Obstacle, type Target } from './obstacles.js';
import { checkPools } from './pools.js';
import { isVain, packetsBeyond } from './sightings.js';
import { type Context, messages, ownerOf, report } from './statement.js';
import { checkUnledChains } from './unled-chains.js';
import { withUplink } from './uplink.js';

export const gatewayDoesNotForward = defineRule({
  id: 'gateway-does-not-forward',
  severity: 'error',
  summary:
    'A node that is the gateway of others does not forward their packets, or forwards them without masquerading.',
  needs: ['ip-route', 'ip-addr', 'sysctl', 'iptables-save'],
  decidesBy: ['ip-route', 'sysctl', 'iptables-save'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) {
      const captured = { snapshot: cx.snapshot, node };
      const guessed = mayBeGateway(cx.snapshot, node);
      if (guessed) cx.notEvaluated(node.name, ['ip-addr']);
      const standing = guessed ? withRoutedAddresses(captured) : captured;
      const stopped = clienteles(standing.snapshot, standing.node).flatMap((clientele) =>
        check(cx, standing.snapshot, clientele, guessed ? routedDoubt(node) : null),
      );
      for (const { clientele, target, fault } of together(stopped)) report(cx, clientele, target, fault);
    }
    checkPools(cx);
    checkFlannelPods(cx);
    checkUnledChains(cx);
    checkLogged(cx);
    checkClosed(cx);
  },
});

const mostTried = 3;

interface Stopped {
  readonly clientele: Clientele;
  readonly target: Target;
  readonly fault: Blocked;
}

/** Pods that each have a device of their own are stopped by one cause: that is told once. */
function together(all: readonly Stopped[]): readonly Stopped[] {
  const told = new Map<string, Stopped>();
  for (const [at, one] of all.entries()) {
    const cause = isOnePod(one.clientele)
      ? `${one.clientele.family} ${one.fault.obstacles.map(causeOf).join()}`
      : `${at}`;
    const before = told.get(cause);
    const clients = [...(before?.clientele.clients ?? []), ...one.clientele.clients] as const;
    const [first = one.clientele.clients[0], ...rest] = clients;
    const led = before ?? one;
    told.set(cause, { ...led, clientele: { ...led.clientele, clients: [first, ...rest] } });
  }
  return [...told.values()];
}

const isOnePod = ({ inside, network, family }: Clientele) => inside && network.length === (family === 4 ? 32 : 128);

function causeOf(obstacle: Obstacle): string {
  const where =
    obstacle.kind === 'forwarding-off'
      ? obstacle.key
      : 'table' in obstacle
        ? `${obstacle.table} ${obstacle.chain}`
        : '';
  return `${obstacle.kind} ${obstacle.way} ${where}`;
}

/** The client whose packets' way rests on the fewest assumptions speaks for all. */
function check(cx: Context, standing: Snapshot, clientele: Clientele, guess: Reason | null): readonly Stopped[] {
  const target = targetOf(standing, clientele);
  const { snapshot, doubt } = withUplink(standing, clientele);
  const open: Reason[] = [];
  let best: { readonly fault: Blocked; readonly client: Client } | null = null;
  for (const client of clientele.clients.slice(0, mostTried)) {
    const { blocked, because } = judge(snapshot, clientele.gateway, client, target, cx.assume);
    const fault = blocked === null ? null : faultOf(standing, clientele, blocked);
    if (fault !== null && (best === null || doubts(fault, client) < doubts(best.fault, best.client)))
      best = { fault, client };
    if (best !== null && doubts(best.fault, best.client) === 0) break;
    open.push(...because);
  }
  const missing = missingOf(clientele);
  if (best !== null)
    return [{ clientele: ledBy(clientele, best.client), target, fault: withDoubts(best.fault, [doubt, guess]) }];
  if (missing.length > 0) {
    reportDenied(cx, clientele);
    cx.notEvaluated(clientele.gateway.name, missing);
  } else if (open[0] !== undefined) cx.notEvaluated(clientele.gateway.name, dumpsOf(open[0]), open[0].text);
  return [];
}

function dumpsOf({ dump }: Reason): readonly DumpId[] {
  return dump === null ? [] : [dump];
}

function withDoubts(fault: Blocked, doubts: readonly (Reason | null)[]): Blocked {
  return { ...fault, assumptions: [...doubts.filter((doubt) => doubt !== null), ...fault.assumptions] };
}

function routedDoubt({ name, host }: Node): Reason {
  return {
    dump: 'ip-addr',
    text: `the addresses of ${name} are those that its routes name ${gapOf(name, host, 'ip-addr')}`,
  };
}

function doubts({ assumptions }: Blocked, { doubt }: Client): number {
  return assumptions.length + (doubt === null ? 0 : 1);
}

function ledBy(clientele: Clientele, client: Client): Clientele {
  return { ...clientele, clients: [client, ...clientele.clients.filter((other) => other !== client)] };
}

/**
 * What a rule drops of pods' packets is a network policy's matter, and where their addresses are known on is the network's. A policy that a firewall has
 * set for the whole node is nobody's intention for pods.
 */
function faultOf({ nodes }: Snapshot, clientele: Clientele, blocked: Blocked): Blocked | null {
  const { gateway, inside, family } = clientele;
  if (!inside) return blocked;
  const ofFlannel = gateway.host.links.rows.some(({ name }) => ownerOfLink(name) === 'flannel');
  // Of flannel's pods flannel-subnet-unreachable and connection-fails know more, where there is another node to reach.
  if (ofFlannel && (nodes.length > 1 || reachesPeers(gateway))) return null;
  const [first, ...rest] = blocked.obstacles.filter(
    (obstacle) =>
      (obstacle.kind === 'forwarding-off' && !ofFlannel) ||
      (obstacle.kind === 'policy' && (ofFlannel || ownerOf(gateway, family, obstacle) !== null)),
  );
  return first === undefined || first !== blocked.obstacles[0] ? null : { ...blocked, obstacles: [first, ...rest] };
}

function reachesPeers({ host }: Node): boolean {
  return host.routes.rows.some(({ nexthops }) =>
    nexthops.some(({ dev, via }) => via !== null && dev !== null && ownerOfLink(dev) === 'flannel'),
  );
}

/** Without these a gateway that seems to forward may not. */
function missingOf({ gateway, family }: Clientele): readonly DumpId[] {
  const { host } = gateway;
  const setting = sysctl(
    placeOf(gateway, host, 'none'),
    family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding',
  );
  const rules = isWhole(host, family, 'filter') && isWhole(host, family, 'nat');
  return [
    ...(host.routes.state === 'absent' ? (['ip-route'] as const) : []),
    ...(setting.value === null && !setting.known ? (['sysctl'] as const) : []),
    ...(rules ? [] : [family === 4 ? ('iptables-save' as const) : ('ip6tables-save' as const)]),
  ];
}

/** What somebody tried in vain, or was seen to go there, else a well-known address of the internet. */
function targetOf(snapshot: Snapshot, clientele: Clientele): Target {
  const { nodes, observations } = snapshot;
  const { family } = clientele;
  for (const row of [...nodes.flatMap((node) => node.observations), ...observations]) {
    if (!isVain(row) || row.ip?.family !== family) continue;
    if (!isPrivate(row.ip) && !isLoopback(row.ip)) return { ip: row.ip, port: row.port ?? 443 };
  }
  const [seen] = packetsBeyond(snapshot, clientele);
  if (seen !== undefined) return { ip: seen.dst, port: seen.dport ?? 443 };
  return { ip: family === 4 ? ip4(0x08080808) : ip6(0x20014860, 0x48600000, 0, 0x8888), port: 443 };
}
