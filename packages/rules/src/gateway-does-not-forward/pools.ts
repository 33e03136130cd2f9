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
  type Prefix,
  prefixContains,
  prefixesOverlap,
  prefixOf,
  type Snapshot,
} from '@coldtrace/core';
import { apiNameOf } from '../facts/api-nodes.js';
import { fieldOfObject, partOf } from '../facts/part-of.js';
import { isWhole, tablesNamed } from '../facts/table-rules.js';
import type { Fix } from '../finding.js';
import { membersOf, type OutgoingRule, outgoingRules, poolObjects } from '../ippool-overlaps-host-network/pools.js';
import { ownerOfLink } from '../owner/owner.js';
import type { Clientele } from './clients.js';
import { judge, type Obstacle } from './obstacles.js';
import { podNetworks } from './pods.js';
import type { Context } from './statement.js';

type Pool = KubeIpPool & { readonly cidr: Prefix };

export function checkPools(cx: Context): void {
  const pools = poolObjects(cx.snapshot).filter(({ natOutgoing }) => natOutgoing === true);
  if (pools.length === 0) return;
  for (const node of cx.snapshot.nodes) {
    const pods = podNetworks(cx.snapshot, node).filter(({ dev }) => ownerOfLink(dev) === 'Calico');
    for (const pool of pools) {
      const some = pods.find(({ clients: [pod] }) => prefixContains(pool.cidr, pod.ip));
      if (some !== undefined && isWhole(node.host, pool.cidr.ip.family, 'nat')) checkPool(cx, node, pool, some);
    }
  }
}

function checkPool(cx: Context, node: Node, pool: Pool, { clients: [pod] }: Clientele): void {
  const { family } = pool.cidr.ip;
  const ip = family === 4 ? ip4(0x08080808) : ip6(0x20014860, 0x48600000, 0, 0x8888);
  const { blocked } = judge(cx.snapshot, node, pod, { ip, port: 443 }, cx.assume);
  const [obstacle] = blocked?.obstacles ?? [];
  if (blocked === null || obstacle?.kind !== 'unmasked') return;
  const rule = outgoingRules(node.host).find((one) => one.family === family);
  if (rule === undefined && !masqueradesByRules(cx.snapshot, node, family)) return;
  const lacking = rule === undefined ? null : setLacking(node, rule, pool);
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
      why: whyOf(rule, lacking, pool),
    },
    evidence: evidenceOf(cx.snapshot, pool, rule, lacking, obstacle, pod.evidence),
    assumptions,
    path: blocked.path,
    fix: lacking === null ? byFelix(apiNameOf(cx.snapshot, node)) : byHand(node, pool, lacking.name),
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

function whyOf(rule: OutgoingRule | undefined, lacking: Lacking | null, { cidr }: Pool): string {
  if (lacking !== null) return `${lacking.name} does not hold ${formatPrefix(cidr)}`;
  return rule === undefined ? 'no rule masquerades by a set of pools' : 'another rule decides before';
}

function evidenceOf(
  snapshot: Snapshot,
  pool: Pool,
  rule: OutgoingRule | undefined,
  lacking: Lacking | null,
  obstacle: Obstacle,
  pod: readonly Evidence[],
): readonly Evidence[] {
  const asked = fieldOfObject(snapshot, pool, 'natOutgoing', 'true');
  return [
    { span: asked, why: `what pods of ${formatPrefix(pool.cidr)} send beyond the pools is to be masqueraded` },
    ...(lacking === null
      ? []
      : [{ span: partOf(snapshot, lacking.span, lacking.name), why: 'the set of such pools does not hold it' }]),
    ...(rule === undefined ? [] : [{ span: rule.rule.span, why: `masquerades the members of ${rule.sources}` }]),
    ...(rule === undefined || lacking === null ? obstacle.evidence : []),
    ...pod,
  ];
}

function byHand(node: Node, { cidr }: Pool, set: string): Fix {
  const member = formatPrefix(prefixOf(cidr.ip, cidr.length));
  return {
    steps: [
      {
        node: node.name,
        command: `ipset add ${set} ${member}`,
        disrupts: "nothing: new connections of pods beyond the pools get the node's address",
        undo: `ipset del ${set} ${member}`,
      },
    ],
    persist: `Felix fills ${set} from the IPPool objects: restart calico-node on ${node.name}, and read its log where the set stays as it is.`,
    notes: 'Felix removes what it did not add where its own view of the pools is another one.',
    verified: null,
  };
}

function byFelix(name: string): Fix {
  return {
    steps: [
      {
        node: null,
        command: `kubectl -n kube-system delete pod -l k8s-app=calico-node --field-selector spec.nodeName=${name}`,
        disrupts: 'routes and rules stay while calico-node starts anew',
        undo: 'none needed',
      },
    ],
    persist: 'Felix writes its rules anew when it starts, and again after others removed them.',
    notes:
      'Where the operator installed Calico, its namespace is calico-system. What Felix writes is not simulated; compare with a capture from afterwards (coldtrace diff).',
    verified: null,
  };
}
