/** A rule that masquerades for the internet also catches what pods send to pods of other nodes: servers there see the node's address and not the pod's. */
import {
  type DumpId,
  type Evidence,
  formatIp,
  formatPrefix,
  type Ip,
  type Node,
  prefixContains,
  type Reason,
  type Snapshot,
  sameIp,
} from '@coldtrace/core';
import { type Party, podParty } from '../connections/party.js';
import { defineRule, type RuleContext } from '../define-rule.js';
import { partOf } from '../facts/part-of.js';
import { routeTo } from '../facts/route-to.js';
import { showsRoutes } from '../facts/routes-shown.js';
import { isWhole, type PlacedRule, rulesOf, tablesNamed } from '../facts/table-rules.js';
import type { Certainty } from '../finding.js';
import { leaseOf } from '../flannel/common.js';
import { flannelDevices, flannelNodes } from '../flannel/flannel-node.js';
import { ownerOfLink } from '../owner/owner.js';
import { ownerOfRule } from '../owner/rule-owner.js';
import { type Masked, maskedByRule, maskedData } from './by-rule.js';
import { checkConfigured } from './configured.js';
import { exemptFix } from './fix.js';
import { type Hidden, hiddenBy } from './hidden.js';
import { type Target, targetsOf } from './pod-network.js';

const messages = {
  hidden:
    'Pods of {node} reach pods of other nodes as {source}: rule {index} of {chain} masquerades what leaves by {dev} too, so {server} does not see {pod}',
  configured:
    'docker of {node} is started with --ip-masq: it masquerades what pods of {subnet} send by any device but docker0, so pods of other nodes in {network} do not see their addresses',
  byRule:
    'Rule {index} of {chain} on {node} masquerades what pods of {subnet} send by any device but {bridge}: pods of other nodes in {network} do not see their addresses',
} as const;

export type Context = RuleContext<keyof typeof messages>;

export const masqueradeHidesPodSource = defineRule({
  id: 'masquerade-hides-pod-source',
  severity: 'warning',
  summary: 'A masquerading rule meant for the internet also hides the addresses of pods from pods of other nodes.',
  needs: ['iptables-save', 'ip-addr', 'ip-route', 'subnet-env'],
  decidesBy: ['iptables-save', 'ip6tables-save'],
  messages,
  check: (cx) => {
    for (const node of cx.snapshot.nodes) {
      for (const family of [4, 6] as const) checkNode(cx, node, family);
      checkConfigured(cx, node);
    }
  },
});

const mostTargets = 4;

/** Pods outside of the node's own subnet get no answer but by masquerading: flannel-bridge-outside-subnet tells. */
function isElsewhere(snapshot: Snapshot, node: Node, pod: Ip): boolean {
  const one = flannelNodes(snapshot).find((known) => known.node === node);
  const subnet = one === undefined ? null : leaseOf(one, pod.family);
  return subnet !== null && subnet.source !== 'route' && !prefixContains(subnet.value, pod);
}

function checkNode(cx: Context, node: Node, family: 4 | 6): void {
  const pod = podParty(cx.snapshot, node, family);
  if (pod !== null && hasAddress(pod) && isElsewhere(cx.snapshot, node, pod.ip)) return;
  const targets: Target[] = [];
  if (pod !== null && hasAddress(pod))
    for (const target of targetsOf(cx.snapshot, node, pod.ip)) if (targets.push(target) === mostTargets) break;
  if (pod === null || !hasAddress(pod) || targets.length === 0) {
    const missing = family === 4 ? neededOf(node) : [];
    if (missing.length > 0) cx.notEvaluated(node.name, missing);
    const masked = maskedByRule(cx.snapshot, node, family);
    if (masked !== null) reportByRule(cx, node, masked);
    return;
  }
  const missing = new Set<DumpId>();
  for (const target of targets) {
    const answer = hiddenBy(cx.snapshot, node, pod, target, cx.assume);
    if (answer.hidden !== null) {
      report(cx, node, answer.hidden);
      return;
    }
    for (const dump of answer.missing) missing.add(dump);
  }
  for (const dump of family === 4 ? neededOf(node) : []) missing.add(dump);
  if (!isWhole(node.host, family, 'nat')) missing.add(family === 4 ? 'iptables-save' : 'ip6tables-save');
  if (missing.size > 0) cx.notEvaluated(node.name, [...missing].sort());
}

/** What tells of pods and of the way to others, where flannel or a rule for a bridge says that there are some. */
function neededOf(node: Node): readonly DumpId[] {
  const { host, settings } = node;
  const routed = showsRoutes(host, 4);
  if (host.addresses.state !== 'absent' && routed) return [];
  const flannel = settings.some(({ source }) => source === 'subnet.env') || flannelDevices(node).length > 0;
  const bridged = tablesNamed(host, 4, 'nat').some(({ table }) => [...rulesOf(table, 'MASQUERADE')].some(isForBridge));
  if (!flannel && !bridged) return [];
  return [
    ...(host.addresses.state === 'absent' ? (['ip-addr'] as const) : []),
    ...(routed ? [] : (['ip-route'] as const)),
  ];
}

function isForBridge({ rule: { header, target } }: PlacedRule): boolean {
  const { oif } = header;
  return oif?.invert === true && ownerOfLink(oif.name) !== null && target?.kind === 'known';
}

function hasAddress(party: Party): party is Party & { readonly ip: Ip } {
  return party.ip !== null;
}

function report(cx: Context, node: Node, hidden: Hidden): void {
  const { pod, target, source, dev, chain, index, rule, outcome } = hidden;
  const seen = sightings(cx.snapshot, node, hidden);
  const owner = ownerOfRule(chain, rule);
  const assumptions = [
    ...new Set([
      ...(target.assumption === null ? [] : [target.assumption]),
      ...towardsRule(outcome.assumptions, target.node !== null).map(({ text }) => text),
      ...(source === null ? outcome.because.map(({ text }) => text) : []),
    ]),
  ];
  cx.report('hidden', {
    certainty: certaintyOf(node, hidden, assumptions),
    node: node.name,
    subject: `${chain.name} ${dev}`,
    data: {
      node: node.name,
      pod: formatIp(pod.ip),
      source: source === null ? `the address of ${dev}` : formatIp(source),
      server:
        target.node === null
          ? `a pod of ${formatPrefix(target.network)}`
          : `${formatIp(target.ip)} on ${target.node.name}`,
      chain: chain.name,
      index,
      dev,
      owner: owner ?? '',
    },
    evidence: evidenceOf(cx.snapshot, node, hidden, seen),
    assumptions,
    path: outcome.steps,
    fix: exemptFix(node, hidden, owner),
  });
}

/** Nothing tells of the way that packets take; that it is not by the bridge of the node's own pods is all that is needed. */
function reportByRule(cx: Context, node: Node, masked: Masked): void {
  const { placed, bridge, network } = masked;
  cx.report('byRule', {
    certainty: 'possible',
    node: node.name,
    subject: `${placed.chain.name} ${bridge}`,
    data: { node: node.name, ...maskedData(masked) },
    evidence: [
      {
        span: partOf(cx.snapshot, placed.rule.span, `! -o ${bridge}`),
        why: 'also for what goes to pods of other nodes',
      },
      network.evidence,
    ],
    assumptions: [
      `${node.name} sends what is for pods of other nodes by another device than ${bridge} (${node.name}: ip-route, ip-addr are not in the snapshot)`,
    ],
  });
}

/** What the answer rests on says nothing about the source that the server sees. */
function towardsRule(assumptions: readonly Reason[], captured: boolean): readonly Reason[] {
  return captured ? assumptions.filter(({ text }) => !/ is taken to answer /.test(text)) : assumptions;
}

function certaintyOf(node: Node, { rule, source }: Hidden, assumptions: readonly string[]): Certainty {
  if (!node.named || source === null) return 'possible';
  return assumptions.length === 0 && (rule.trust ?? 'captured') === 'captured' ? 'proven' : 'likely';
}

function evidenceOf(
  snapshot: Snapshot,
  node: Node,
  { rule, dev, source, target }: Hidden,
  seen: readonly Evidence[],
): readonly Evidence[] {
  const test = rule.header.oif?.invert === true ? `! -o ${rule.header.oif.name} -j ` : '-j ';
  const address = node.host.addresses.rows.find((row) => source !== null && row.dev === dev && sameIp(row.ip, source));
  const route = routeTo(node, target.ip);
  return [
    {
      span: partOf(snapshot, rule.span, `${test}${targetName(rule)}`),
      why: `also for what leaves by ${dev}, to other pods`,
    },
    ...(address === undefined
      ? []
      : [{ span: partOf(snapshot, address.span, formatIp(address.ip)), why: `the source that ${dev} gives` }]),
    ...(route === null ? [] : [{ span: route.span, why: `pods of ${formatPrefix(route.dst)} are reached by ${dev}` }]),
    ...target.evidence,
    ...settingsOf(node),
    ...seen,
  ];
}

function targetName({ target }: Hidden['rule']): string {
  return target?.kind === 'known' ? target.name : '';
}

/** Options that make docker or the CNI plugin masquerade. */
function settingsOf({ settings }: Node): readonly Evidence[] {
  const masks = settings.filter(({ key, value }) => /(?:^|\.)(?:--)?(?:ip-masq|ipMasq)$/.test(key) && value === 'true');
  return masks.slice(0, 1).map(({ span }) => ({ span, why: 'told to masquerade by itself' }));
}

const mostSeen = 2;

/** Connections and captured packets that carry the node's address where a pod's was meant. */
function sightings(snapshot: Snapshot, node: Node, { pod, source, target }: Hidden): readonly Evidence[] {
  if (source === null) return [];
  const inside = (ip: Ip | null) => ip !== null && routeTo(node, ip)?.dst === routeTo(node, target.ip)?.dst;
  const entries = node.host.conntrack.rows.flatMap(({ span, original, reply }) =>
    sameIp(reply.dst, source) && !sameIp(original.src, source) && inside(original.dst)
      ? [{ span, why: `${formatIp(original.src)} is known there as ${formatIp(source)}` }]
      : [],
  );
  const packets = [...snapshot.nodes.flatMap(({ observations }) => observations), ...snapshot.observations].flatMap(
    (row) =>
      row.kind === 'packet' && row.src !== null && sameIp(row.src, source) && inside(row.dst)
        ? [{ span: row.span, why: `seen with ${formatIp(source)} and not a pod's address such as ${formatIp(pod.ip)}` }]
        : [],
  );
  return [...entries.slice(0, mostSeen), ...packets.slice(0, mostSeen)];
}
