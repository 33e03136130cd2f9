/** What stops a client's packets at its gateway, one obstacle after the other: each is taken away in the model to see what stands behind it. */
import {
  type AssumeMode,
  type Evidence,
  formatIp,
  type Ip,
  isPrivate,
  type Node,
  type Outcome,
  placeOf,
  prefixContains,
  prefixOf,
  type Reason,
  type Snapshot,
  type Step,
  sameIp,
  sysctl,
  type XtablesVariant,
} from '@coldtrace/core';
import { traceOnce } from '../connections/trace-once.js';
import { isWhole, tablesNamed } from '../facts/table-rules.js';
import type { Client } from './clients.js';
import { withoutObstacle } from './without-obstacle.js';

interface Found {
  /** The request is stopped, or the answer to it. */
  readonly way: 'there' | 'back';
  readonly evidence: readonly Evidence[];
  /** The device by which the stopped packet came to the gateway, and by which it would leave. */
  readonly iif: string | null;
  readonly oif: string | null;
}

interface InChain {
  readonly variant: XtablesVariant | null;
  readonly table: string;
  readonly chain: string;
}

export type Obstacle = Found &
  (
    | { readonly kind: 'forwarding-off'; readonly key: string; readonly general: boolean }
    | ({ readonly kind: 'policy' } & InChain)
    | ({ readonly kind: 'rule'; readonly index: number } & InChain)
    /** `ended`: a rule of nat POSTROUTING lets them pass as they are, so that no rule behind it is asked. */
    | { readonly kind: 'unmasked'; readonly source: Ip; readonly ended: boolean }
    /** SNAT gives them a private source that no answer finds; `holder`: the device of the gateway that has it. */
    | { readonly kind: 'missourced'; readonly source: Ip; readonly holder: string | null }
  );

export interface Blocked {
  readonly obstacles: readonly [Obstacle, ...Obstacle[]];
  readonly path: readonly Step[];
  readonly assumptions: readonly Reason[];
}

export interface Judgement {
  readonly blocked: Blocked | null;
  /** What leaves it open whether the packets pass. */
  readonly because: readonly Reason[];
}

export interface Target {
  readonly ip: Ip;
  readonly port: number;
}

const mostObstacles = 5;

export function judge(
  snapshot: Snapshot,
  gateway: Node,
  client: Client,
  target: Target,
  assume: AssumeMode,
): Judgement {
  const first = stopOf(snapshot, gateway, client, target, assume);
  if ('because' in first) return { blocked: null, because: first.because };
  const obstacles: [Obstacle, ...Obstacle[]] = [first.obstacle];
  let world = snapshot;
  let last = first.obstacle;
  while (obstacles.length < mostObstacles && last.kind !== 'unmasked' && last.kind !== 'missourced') {
    world = withoutObstacle(world, gateway.name, last, client.ip);
    const next = stopOf(world, gateway, client, target, assume);
    if ('because' in next || isSame(next.obstacle, last)) break;
    obstacles.push(next.obstacle);
    last = next.obstacle;
  }
  return { blocked: { obstacles, path: first.path, assumptions: first.assumptions }, because: [] };
}

function isSame(x: Obstacle, y: Obstacle): boolean {
  return x.kind === y.kind && x.way === y.way && x.iif === y.iif;
}

type Stop =
  | { readonly obstacle: Obstacle; readonly path: readonly Step[]; readonly assumptions: readonly Reason[] }
  | { readonly because: readonly Reason[] };

/** Every way that the packet can go must end at the gateway, and for one reason. */
function stopOf(snapshot: Snapshot, gateway: Node, client: Client, target: Target, assume: AssumeMode): Stop {
  const { outcomes } = traceOnce(snapshot, {
    from: originIn(snapshot, client),
    to: target,
    proto: 6,
    sport: null,
    assume,
  });
  const found = outcomes.map((outcome) => obstacleOf(snapshot, gateway, client, outcome));
  const [obstacle] = found;
  const [outcome] = outcomes;
  if (obstacle?.kind === 'unmasked' && !knowsPostrouting(snapshot, gateway.name, client.ip.family))
    return {
      because: [{ dump: 'iptables-save', text: `the rules of nat POSTROUTING of ${gateway.name} were not captured` }],
    };
  if (obstacle != null && outcome !== undefined && found.every((one) => one?.kind === obstacle.kind))
    return { obstacle, path: pathOf(outcome), assumptions: outcomes.flatMap(({ assumptions }) => assumptions) };
  return { because: outcomes.flatMap(({ because }) => because) };
}

/** Are all rules there that could hide a source? */
function knowsPostrouting({ nodes }: Snapshot, name: string, family: 4 | 6): boolean {
  const ns = nodes.find((node) => node.name === name)?.host;
  if (ns === undefined || isWhole(ns, family, 'nat')) return ns !== undefined;
  return tablesNamed(ns, family, 'nat').some(({ table }) =>
    table.chains.some((chain) => chain.name === 'POSTROUTING' && chain.collected && chain.partial !== true),
  );
}

function pathOf({ steps, reply }: Outcome): readonly Step[] {
  return [...steps, ...(reply?.steps ?? [])];
}

/** The same namespace in a changed snapshot. */
function originIn(snapshot: Snapshot, { origin }: Client): Client['origin'] {
  const node = snapshot.nodes.find(({ name }) => name === origin.node.name) ?? origin.node;
  const ns = [node.host, ...node.namespaces].find(({ name }) => name === origin.ns.name) ?? origin.ns;
  return { ...origin, node, ns };
}

function obstacleOf(snapshot: Snapshot, gateway: Node, client: Client, outcome: Outcome): Obstacle | null {
  const { disposition, steps, reply } = outcome;
  if (disposition === 'dropped' || disposition === 'rejected') return stoppedAt(snapshot, gateway, 'there', steps);
  if (disposition !== 'forwarded' && disposition !== 'delivered') return null;
  if (reply === null || reply.disposition === 'delivered' || reply.disposition === 'undetermined') return null;
  const back = reply.disposition === 'dropped' || reply.disposition === 'rejected';
  return (back ? stoppedAt(snapshot, gateway, 'back', reply.steps) : null) ?? badSource(gateway, client, outcome);
}

function stoppedAt(snapshot: Snapshot, { name }: Node, way: 'there' | 'back', steps: readonly Step[]): Obstacle | null {
  const last = steps.filter(({ stage }) => stage !== 'error').at(-1);
  if (last === undefined || last.node !== name) return null;
  const node = snapshot.nodes.find((one) => one.name === name);
  const packet = last.claim?.packet ?? null;
  const found = { way, iif: packet?.iif ?? null, oif: packet?.oif ?? null, evidence: last.evidence };
  if (last.stage === 'forward' && node !== undefined) return forwardingOff(node, found, packet?.family ?? 4);
  const { claim, stage } = last;
  const hook = stage.split('/')[1] ?? '';
  if (hook !== 'FORWARD' && hook !== 'PREROUTING') return null;
  if (claim?.kind !== 'policy' && claim?.kind !== 'applies') return null;
  const { variant, table } = claim;
  return claim.kind === 'policy'
    ? { ...found, kind: 'policy', variant, table, chain: claim.hook }
    : { ...found, kind: 'rule', variant, table, chain: claim.chain, index: claim.index };
}

/** IPv4 asks the device that the packet came in by, which follows ip_forward unless it was set on its own; IPv6 asks all. */
function forwardingOff(node: Node, found: Found, family: 4 | 6): Obstacle | null {
  const place = placeOf(node, node.host, 'none');
  const general = sysctl(place, family === 4 ? 'net/ipv4/ip_forward' : 'net/ipv6/conf/all/forwarding');
  const own = sysctl(place, `net/ipv${family}/conf/${found.iif ?? ''}/forwarding`);
  const alone = family === 4 && general.value !== null && general.value !== '0';
  const decides = family === 4 && own.value !== null ? own : general;
  if (decides.value === null ? !general.known : decides.value !== '0') return null;
  const key =
    alone || (family === 4 && general.value === null && own.value === '0')
      ? `net.ipv4.conf.${found.iif ?? ''}.forwarding`
      : family === 4
        ? 'net.ipv4.ip_forward'
        : 'net.ipv6.conf.all.forwarding';
  const why = (which: typeof own, text: string) => which.evidence.map(({ span }) => ({ span, why: text }));
  const evidence = alone
    ? [...why(own, `what comes in by ${found.iif} is not passed on`), ...why(general, 'forwarding is on in general')]
    : [...why(general, 'nothing is passed on'), ...why(own, `nor what comes in by ${found.iif}`)];
  return { ...found, kind: 'forwarding-off', key, general: !alone, evidence };
}

/** The packet goes on into the internet with an address that no answer finds: the client's own private one, or one that a rule gave it. */
function badSource(gateway: Node, client: Client, { final, steps, reply }: Outcome): Obstacle | null {
  const passed = steps.filter(({ node }) => node === gateway.name);
  if (passed.length === 0 || isPrivate(final.dst)) return null;
  const leaving = passed.findLast(({ stage }) => stage === 'egress') ?? passed.at(-1);
  const { iif = null, oif = null } = leaving?.claim?.packet ?? {};
  const asked = passed.filter(({ stage }) => stage === 'nat/POSTROUTING');
  const found = { way: 'there', iif, oif, source: final.src } as const;
  if (sameIp(final.src, client.ip)) return isPrivate(final.src) ? unmasked(found, asked) : null;
  if (reply?.steps.at(-1)?.stage !== 'reply') return null;
  // A public address may be led to the gateway from beyond its own network.
  const near = gateway.host.addresses.rows.some(
    ({ dev, ip, prefixLength }) => dev === oif && prefixContains(prefixOf(ip, prefixLength), final.src),
  );
  return near || isPrivate(final.src) ? missourced(gateway, found, asked) : null;
}

type Leaving = Omit<Found, 'evidence'> & { readonly source: Ip };

function unmasked(found: Leaving, asked: readonly Step[]): Obstacle {
  const ended = asked.length > 0 && !asked.some(({ claim }) => claim?.kind === 'policy');
  const source = formatIp(found.source);
  const told = ended ? asked.slice(-1) : asked.filter(({ claim }) => claim?.kind !== 'applies');
  const why = ended ? `lets ${source} pass as it is, before any rule behind it` : `none of these hides ${source}`;
  const evidence = told
    .flatMap(({ evidence }) => evidence)
    .map(({ span }) => ({ span, why }))
    .slice(0, 2);
  return { ...found, kind: 'unmasked', ended, evidence };
}

/** Where no rule of the gateway gave it, another node's did, which is not this one's fault. */
function missourced({ host }: Node, found: Leaving, asked: readonly Step[]): Obstacle | null {
  const rule = asked.findLast(({ claim }) => claim?.kind === 'applies');
  if (rule === undefined) return null;
  const own = host.addresses.rows.find(({ ip }) => sameIp(ip, found.source));
  const why = `gives them the source ${formatIp(found.source)}`;
  const evidence = [
    ...rule.evidence.map(({ span }) => ({ span, why })).slice(0, 1),
    ...(own === undefined ? [] : [{ span: own.span, why: `an address of ${own.dev}` }]),
  ];
  return { ...found, kind: 'missourced', holder: own?.dev ?? null, evidence };
}
