/** Calico pool overlaps the host network: pods reach hosts there with their own addresses, and the answers may not come back. */
import {
  type DumpId,
  type Evidence,
  formatIp,
  formatPrefix,
  type Node,
  type Prefix,
  prefixesOverlap,
  type Snapshot,
} from '@coldtrace/core';
import { defineRule, type RuleContext } from '../define-rule.js';
import { type HostNetwork, hostNetworks } from '../facts/host-networks.js';
import { fieldOfObject, partOf } from '../facts/part-of.js';
import { isWhole } from '../facts/table-rules.js';
import type { Certainty } from '../finding.js';
import { type Demonstration, demonstrate, dialledText } from './demonstration.js';
import { poolFix } from './fix.js';
import { usesSets } from './nodes.js';
import { isUnanswered, overlapOfObjects } from './objects.js';
import { membersOf, type OutgoingRule, objectMember, outgoingRules, type PoolMember, poolObjects } from './pools.js';
import { type Sightings, sightings } from './sightings.js';

const messages = {
  unanswered:
    'Pod network {pool} overlaps host network {network}: pod {pod} calls {dialled}, reaches {target} with its own address and gets no answer',
  answered:
    'Pod network {pool} overlaps host network {network}: pods reach {network} with their own addresses, and only extra routes bring the answers back',
  overlap: 'Pod network {pool} overlaps host network {network}: traffic of pods to {network} is not masqueraded',
  objects: 'IPPool {name} holds the node address {address}: traffic of pods to that network is not masqueraded',
  seen: 'IPPool {name} holds the node address {address}: pod {pod} reaches {target} with its own address and gets no answer',
} as const;

type Context = RuleContext<keyof typeof messages>;

export const ippoolOverlapsHostNetwork = defineRule({
  id: 'ippool-overlaps-host-network',
  severity: 'error',
  summary:
    'The network of the pods overlaps the network of the hosts, so pods call hosts with addresses that hosts cannot answer.',
  needs: ['iptables-save', 'ipset-list', 'ip-addr', 'ip-route', 'ippools'],
  messages,
  check: (cx) => {
    const found: Found = new Map();
    for (const node of cx.snapshot.nodes) checkNode(cx, node, found);
    for (const one of found.values()) reportOverlap(cx, one);
    checkObjects(cx, new Set(found.keys()));
  },
});

/** By pool and host network: of all nodes that have both, the one that shows most. */
type Found = Map<string, Case>;

function checkNode(cx: Context, node: Node, found: Found): void {
  const rules = outgoingRules(node.host);
  if (rules.length === 0) {
    if (!isWhole(node.host, 4, 'nat') && poolObjects(cx.snapshot).length === 0)
      cx.notEvaluated(node.name, ['iptables-save', 'ipset-list']);
    return;
  }
  if (node.host.addresses.state === 'absent') {
    cx.notEvaluated(node.name, ['ip-addr']);
    return;
  }
  const missing: DumpId[] = [];
  for (const rule of rules) {
    const members = exemptMembers(cx.snapshot, node, rule);
    if (members === null) missing.push('ipset-list');
    else for (const network of hostNetworks(node.host)) judge(cx, node, rule, members, network, found);
  }
  if (missing.length > 0) cx.notEvaluated(node.name, ['ipset-list']);
}

/** The networks to which nothing is masqueraded: from the set, else from the API's pools, else unknown. */
function exemptMembers(snapshot: Snapshot, node: Node, rule: OutgoingRule): readonly PoolMember[] | null {
  const set = node.host.ipsets.rows.find((row) => row.name === rule.exempt);
  if (set !== undefined) return membersOf(set);
  const pools = poolObjects(snapshot);
  return pools.length === 0 ? null : pools.map(objectMember);
}

function judge(
  cx: Context,
  node: Node,
  rule: OutgoingRule,
  members: readonly PoolMember[],
  network: HostNetwork,
  found: Found,
): void {
  const member = members.find(({ prefix }) => prefix.length > 0 && prefixesOverlap(prefix, network.prefix));
  if (member === undefined) return;
  const subject = `${formatPrefix(member.prefix)} ${formatPrefix(network.prefix)}`;
  const known = found.get(subject);
  if (known !== undefined && fails(known)) return;
  const area = { pods: podNetworks(cx.snapshot, node, rule, member), exempt: member.prefix, network: network.prefix };
  const shown = demonstrate(cx.snapshot, node, { ...area, masquerades: rule.rule }, cx.assume);
  const seen = sightings(cx.snapshot, [node], area);
  if (shown !== null && !shown.unmasked && shown.trace.verdict === 'works' && seen.confirming.length === 0) return;
  const one = { node, rule, member, network, shown, seen, subject };
  if (known === undefined || weight(one) > weight(known)) found.set(subject, one);
}

function fails({ shown }: Pick<Case, 'shown'>): boolean {
  return shown?.unmasked === true && shown.trace.verdict === 'fails';
}

/** A connection that fails says more than one that is answered, that than what was seen, and that than the overlap alone. */
function weight(one: Case): number {
  if (fails(one)) return 4;
  if (one.shown?.unmasked === true) return 3;
  return one.seen.confirming.length > 0 ? 2 : one.shown === null ? 0 : 1;
}

/** Networks of pods: what the rule masquerades at all, else the pools of the API, else the overlapping network itself. */
function podNetworks(snapshot: Snapshot, node: Node, rule: OutgoingRule, member: PoolMember): readonly Prefix[] {
  const sources = node.host.ipsets.rows.find((set) => set.name === rule.sources);
  const known = sources === undefined ? poolObjects(snapshot).map(objectMember) : membersOf(sources);
  return known.length === 0 ? [member.prefix] : known.map(({ prefix }) => prefix);
}

interface Case {
  readonly node: Node;
  readonly rule: OutgoingRule;
  readonly member: PoolMember;
  readonly network: HostNetwork;
  readonly shown: Demonstration | null;
  readonly seen: Sightings;
  readonly subject: string;
}

function reportOverlap(cx: Context, found: Case): void {
  const { node, member, network, shown, seen } = found;
  const outcome = shown?.trace.outcomes[0];
  const failing = fails(found);
  const works = shown?.unmasked === true && shown.trace.verdict === 'works';
  const unanswered = failing || (!works && seen.confirming.length > 0 && seen.contradicting.length === 0);
  const assumptions = [
    ...(shown?.assumption == null ? [] : [shown.assumption]),
    ...[...(outcome?.assumptions ?? []), ...(outcome?.because ?? [])].map(({ text }) => text),
  ];
  const message = unanswered && shown !== null ? 'unanswered' : works ? 'answered' : 'overlap';
  cx.report(message, {
    severity: unanswered ? 'error' : 'warning',
    certainty: certaintyOf(found, failing || works, assumptions),
    node: node.name,
    subject: found.subject,
    data: {
      pool: formatPrefix(member.prefix),
      network: formatPrefix(network.prefix),
      dev: network.address.dev,
      rule: found.rule.chain,
      ...(shown === null
        ? {}
        : { pod: formatIp(shown.pod), dialled: dialledText(shown), target: formatIp(shown.target) }),
    },
    evidence: evidenceOf(cx.snapshot, found),
    assumptions,
    path: shown?.unmasked === true ? shown.path : [],
    fix: poolFix(cx.snapshot, member.prefix, poolName(cx.snapshot, member)),
  });
}

function certaintyOf(found: Case, traced: boolean, assumptions: readonly string[]): Certainty {
  const { rule, member, network, seen } = found;
  const trusted =
    [rule.rule.trust, network.address.trust].every((trust) => (trust ?? 'captured') === 'captured') && !member.repaired;
  if (!found.node.named) return 'possible';
  return trusted && member.from === 'set' && traced && assumptions.length === 0 && seen.contradicting.length === 0
    ? 'proven'
    : 'likely';
}

function evidenceOf(snapshot: Snapshot, { node, rule, member, network, seen }: Case): readonly Evidence[] {
  const sources = node.host.ipsets.rows.find((set) => set.name === rule.sources);
  const covering =
    sources === undefined ? [] : membersOf(sources).filter(({ prefix }) => prefixesOverlap(prefix, member.prefix));
  const pools = poolObjects(snapshot).filter(({ cidr }) => prefixesOverlap(cidr, member.prefix));
  return [
    {
      span: partOf(snapshot, rule.rule.span, `! --match-set ${rule.exempt} dst`),
      why: `masquerades only what goes to none of ${rule.exempt}`,
    },
    { ...member.evidence, why: `${member.evidence.why}: traffic to ${formatPrefix(member.prefix)} keeps its source` },
    {
      span: partOf(snapshot, network.address.span, formatIp(network.address.ip)),
      why: `host network ${formatPrefix(network.prefix)} on ${network.address.dev} lies in it`,
    },
    ...covering.slice(0, 1).map(({ evidence }) => evidence),
    ...pools.slice(0, 1).map((pool) => poolEvidence(snapshot, pool)),
    ...seen.confirming,
    ...seen.contradicting,
  ];
}

/** The line of the object that says the network. */
function poolEvidence(snapshot: Snapshot, pool: Parameters<typeof objectMember>[0]): Evidence {
  return { ...objectMember(pool).evidence, span: fieldOfObject(snapshot, pool, 'cidr', formatPrefix(pool.cidr)) };
}

function poolName(snapshot: Snapshot, member: PoolMember): string {
  const pool = poolObjects(snapshot).find(({ cidr }) => prefixesOverlap(cidr, member.prefix));
  return pool === undefined ? installedName(member.prefix) : nameOf(pool);
}

/** What Calico calls the pool that it makes at its installation. */
function installedName({ ip }: Prefix): string {
  return `default-ipv${ip.family}-ippool`;
}

/** Of what grep or jsonpath left, the name is not known. */
function nameOf({ meta, cidr }: ReturnType<typeof poolObjects>[number]): string {
  return meta.name === '' ? installedName(cidr) : meta.name;
}

function checkObjects(cx: Context, told: ReadonlySet<string>): void {
  if (told.size > 0 && cx.snapshot.nodes.some(usesSets)) return;
  const found = overlapOfObjects(cx.snapshot, (cidr) =>
    [...told].some((subject) => subject.startsWith(`${formatPrefix(cidr)} `)),
  );
  if (found === null) return;
  const { pool, held, seen } = found;
  const unanswered = isUnanswered(found);
  const cidr = formatPrefix(pool.cidr);
  cx.report(unanswered ? 'seen' : 'objects', {
    severity: unanswered ? 'error' : 'warning',
    certainty: 'likely',
    node: null,
    subject: `${cidr} ${formatIp(held.ip)}`,
    data: {
      pool: cidr,
      name: pool.meta.name === '' ? cidr : `${pool.meta.name} (${cidr})`,
      address: formatIp(held.ip),
      ...(seen.ends === null ? {} : { pod: formatIp(seen.ends.pod), target: formatIp(seen.ends.target) }),
    },
    evidence: [poolEvidence(cx.snapshot, pool), held.evidence, ...seen.confirming, ...seen.contradicting],
    assumptions: ['the rules and sets of the nodes, which would show what becomes of a connection, were not captured'],
    fix: poolFix(cx.snapshot, pool.cidr, nameOf(pool)),
  });
}
