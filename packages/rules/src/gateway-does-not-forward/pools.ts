/** Pods of an IPPool with natOutgoing leave their node with their own addresses: Felix keeps a set of such pools, and one rule that masquerades by it. */
import {
  type Evidence,
  type Family,
  formatIp,
  formatPrefix,
  ip4,
  ip6,
  type KubeIpPool,
  type Node,
  type Origin,
  type Prefix,
  prefixContains,
  prefixesOverlap,
  type Snapshot,
} from '@coldtrace/core';
import { fieldOfObject, partOf } from '../facts/part-of.js';
import { isWhole, rulesOf, tablesNamed } from '../facts/table-rules.js';
import { membersOf, type OutgoingRule, outgoingRules, poolObjects } from '../ippool-overlaps-host-network/pools.js';
import { ownerOfLink } from '../owner/owner.js';
import type { Client } from './clients.js';
import { judge, type Obstacle } from './obstacles.js';
import { podNetworks } from './pods.js';
import { poolFix, type WayIn } from './pool-fix.js';
import type { Context } from './statement.js';
import { entryTo } from './unled.js';

interface Pool {
  readonly cidr: Prefix;
  /** That natOutgoing is on. */
  readonly asked: Evidence;
}

export function checkPools(cx: Context): void {
  const objects = poolObjects(cx.snapshot);
  const told = objects.flatMap((pool) => (pool.natOutgoing === true ? [toldPool(cx.snapshot, pool)] : []));
  for (const node of cx.snapshot.nodes) {
    const written = writtenPools(node).filter(({ cidr }) => !objects.some((one) => prefixesOverlap(one.cidr, cidr)));
    if (told.length + written.length === 0) continue;
    const pods = calicoPods(cx.snapshot, node);
    for (const pool of [...told, ...written]) {
      const some = pods.find(({ ip }) => prefixContains(pool.cidr, ip));
      if (some !== undefined && isWhole(node.host, pool.cidr.ip.family, 'nat')) checkPool(cx, node, pool, some);
    }
  }
}

function toldPool(snapshot: Snapshot, pool: KubeIpPool & { readonly cidr: Prefix }): Pool {
  const span = fieldOfObject(snapshot, pool, 'natOutgoing', 'true');
  const why = `what pods of ${formatPrefix(pool.cidr)} send beyond the pools is to be masqueraded`;
  return { cidr: pool.cidr, asked: { span, why } };
}

/** What Felix has made of pools that the API was not asked for: it writes those with natOutgoing to a set. */
function writtenPools({ host }: Node): readonly Pool[] {
  const names = new Set(outgoingRules(host).map(({ sources }) => sources));
  return host.ipsets.rows
    .filter(({ name }) => names.has(name))
    .flatMap(membersOf)
    .map(({ prefix, evidence: { span, why } }) => ({
      cidr: prefix,
      asked: { span, why: `${why}: what its pods send beyond the pools is to be masqueraded` },
    }));
}

/** Pods that the API or a neighbour entry shows, else those that Felix has written a route to. */
function calicoPods(snapshot: Snapshot, node: Node): readonly Client[] {
  const known = podNetworks(snapshot, node).filter(({ dev }) => ownerOfLink(dev) === 'Calico');
  const routed = node.host.routes.rows.flatMap(({ type, dst, nexthops: [hop], span }): readonly Client[] => {
    const dev = hop?.dev ?? null;
    const isPod = type === 'unicast' && dst.length === (dst.ip.family === 4 ? 32 : 128) && hop?.via === null;
    if (!isPod || dev === null || !/^cali/.test(dev)) return [];
    const origin: Origin = { kind: 'entering', node, ns: node.host, dev, src: dst.ip };
    const evidence = [{ span, why: `${formatIp(dst.ip)} stands behind ${dev}` }];
    return [{ name: `pod ${formatIp(dst.ip)}`, ip: dst.ip, origin, evidence, doubt: null }];
  });
  return [...known.map(({ clients: [pod] }) => pod), ...routed];
}

function checkPool(cx: Context, node: Node, pool: Pool, pod: Client): void {
  const { family } = pool.cidr.ip;
  const ip = family === 4 ? ip4(0x08080808) : ip6(0x20014860, 0x48600000, 0, 0x8888);
  const { blocked } = judge(cx.snapshot, node, pod, { ip, port: 443 }, cx.assume);
  const [obstacle] = blocked?.obstacles ?? [];
  if (blocked === null || obstacle?.kind !== 'unmasked') return;
  const rule = outgoingRules(node.host).find((one) => one.family === family);
  if (rule === undefined && !masqueradesByRules(cx.snapshot, node, family)) return;
  const written: Written = {
    rule,
    lacking: rule === undefined ? null : setLacking(node, rule, pool),
    entry: rule === undefined ? null : entryOf(node, rule),
  };
  const assumptions = [...new Set(blocked.assumptions.map(({ text }) => text))];
  cx.report('pool', {
    certainty: !node.named ? 'possible' : assumptions.length === 0 ? 'proven' : 'likely',
    node: node.name,
    subject: `${formatPrefix(pool.cidr)} natOutgoing`,
    data: {
      gateway: node.name,
      network: formatPrefix(pool.cidr),
      dev: obstacle.oif ?? '?',
      source: formatIp(obstacle.source),
      why: whyOf(written, pool),
    },
    evidence: evidenceOf(cx.snapshot, pool, written, obstacle, pod.evidence),
    assumptions,
    path: blocked.path,
    fix: poolFix(cx.snapshot, node, pool.cidr, { lacking: written.lacking?.name ?? null, entry: written.entry }),
  });
}

/** Felix may do it by nftables or eBPF instead, of which iptables-save shows nothing: its own chain stands here and is empty, or other nodes have the rule. */
function masqueradesByRules({ nodes }: Snapshot, node: Node, family: Family): boolean {
  const chains = tablesNamed(node.host, family, 'nat').flatMap(({ table }) => table.chains);
  const own = chains.find(({ name }) => name === 'cali-nat-outgoing');
  if (own !== undefined) return own.rules.length === 0;
  return nodes.some(({ host }) => outgoingRules(host).some((one) => one.family === family));
}

type Lacking = NonNullable<ReturnType<typeof setLacking>>;

/** The captured set of the rule, where no member of it is the pool. */
function setLacking({ host }: Node, { sources }: OutgoingRule, { cidr }: Pool) {
  const set = host.ipsets.rows.find(({ name }) => name === sources);
  return set === undefined || membersOf(set).some(({ prefix }) => prefixesOverlap(prefix, cidr)) ? null : set;
}

/** What Felix has of it all: its rule, and what keeps that from being asked. */
interface Written {
  readonly rule: OutgoingRule | undefined;
  readonly lacking: Lacking | null;
  readonly entry: WayIn | null;
}

function entryOf({ host }: Node, { chain, family, rule }: OutgoingRule): WayIn | null {
  for (const { table, ruleset } of tablesNamed(host, family, 'nat')) {
    if (![...rulesOf(table, '--match-set')].some((one) => one.rule === rule)) continue;
    const entry = entryTo(table, chain);
    return entry === null ? null : { ...entry, variant: ruleset.variant };
  }
  return null;
}

function whyOf({ rule, lacking, entry }: Written, { cidr }: Pool): string {
  if (lacking !== null) return `${lacking.name} does not hold ${formatPrefix(cidr)}`;
  if (entry?.led === false) return `no rule leads to ${entry.chain}`;
  return rule === undefined ? 'no rule masquerades by a set of pools' : 'another rule decides before';
}

function evidenceOf(
  snapshot: Snapshot,
  { asked }: Pool,
  { rule, lacking, entry }: Written,
  obstacle: Obstacle,
  pod: readonly Evidence[],
): readonly Evidence[] {
  return [
    asked,
    ...(lacking === null
      ? []
      : [{ span: partOf(snapshot, lacking.span, lacking.name), why: 'the set of such pools does not hold it' }]),
    ...(rule === undefined ? [] : [{ span: rule.rule.span, why: `masquerades the members of ${rule.sources}` }]),
    ...(entry?.span == null || entry.led ? [] : [{ span: entry.span, why: 'no rule leads to this chain' }]),
    ...(rule === undefined || lacking === null ? obstacle.evidence : []),
    ...pod,
  ];
}
