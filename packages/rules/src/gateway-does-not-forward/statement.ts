/** Puts a gateway's obstacles into words, with the lines that prove them. */
import {
  type Evidence,
  formatIp,
  formatPrefix,
  isPrivate,
  type Node,
  type Reason,
  type Rule,
  type Snapshot,
  sameIp,
  type Table,
} from '@coldtrace/core';
import type { RuleContext } from '../define-rule.js';
import { partOf } from '../facts/part-of.js';
import { rulesOf, tablesNamed } from '../facts/table-rules.js';
import type { Certainty, Finding } from '../finding.js';
import { sharesLine } from '../grouping.js';
import { type Owner, ownerOfChain } from '../owner/owner.js';
import { ownerOfPolicy, ownerOfRule } from '../owner/rule-owner.js';
import type { Clientele } from './clients.js';
import { forwardFix } from './fix.js';
import type { Blocked, Obstacle, Target } from './obstacles.js';

export const messages = {
  off: '{gateway} is the gateway of {clients} but forwards nothing: {key} is 0, so packets to {to} end there{behind}',
  device:
    '{gateway} is the gateway of {clients} but forwards nothing from {dev}: {key} is 0 although net.ipv4.ip_forward is not{behind}',
  policy:
    '{gateway} is the gateway of {clients} but drops their packets to {to}: no rule of {chain} accepts them, and its policy is DROP{by}{behind}',
  rule: '{gateway} is the gateway of {clients} but stops their packets to {to}: rule {index} of {chain}{by}{behind}',
  answers: '{gateway} is the gateway of {clients} but stops the answers to their packets from {to}: {what}{by}{behind}',
  unmasked:
    '{gateway} is the gateway of {clients} but does not masquerade their packets to {to}: they leave by {dev} with the private source {source}, and answers to that are lost',
} as const;

export type MessageId = keyof typeof messages;
export type Context = RuleContext<MessageId>;

export function report(cx: Context, clientele: Clientele, target: Target, blocked: Blocked): void {
  const { gateway, network, clients } = clientele;
  const { obstacles, path } = blocked;
  const [first, ...rest] = obstacles;
  const seen = sightings(cx.snapshot, clientele);
  const owner = obstacles.map((obstacle) => ownerOf(gateway, network.ip.family, obstacle)).find((one) => one !== null);
  const assumptions = [
    ...[clientele.assumption, clients[0].doubt].flatMap((text) => text ?? []),
    ...open(blocked.assumptions, first, seen),
  ];
  const evidence = [
    ...obstacles.flatMap((obstacle) => evidenceOf(cx.snapshot, gateway, obstacle)),
    ...clients[0].evidence,
    ...seen.unanswered,
    ...seen.others,
  ];
  cx.report(messageOf(first), {
    certainty: certaintyOf(clientele, assumptions),
    node: gateway.name,
    subject: `${formatPrefix(network)} ${clientele.dev}`,
    data: {
      gateway: gateway.name,
      clients: namesOf(clientele),
      count: clients.length,
      network: formatPrefix(network),
      to: target.ip.family === 6 ? `[${formatIp(target.ip)}]:${target.port}` : `${formatIp(target.ip)}:${target.port}`,
      cause: obstacles.map(({ kind, way }) => (way === 'back' ? `${kind}-for-answers` : kind)).join(' '),
      ...dataOf(first),
      by: owner == null ? '' : ` (${owner} ${first.kind === 'policy' ? 'sets it' : 'wrote it'})`,
      owner: owner ?? '',
      behind: rest.length === 0 ? '' : `; behind that, ${rest.map(shortly).join(', and ')}`,
    },
    evidence,
    assumptions,
    path,
    fix: forwardFix(obstacles, { gateway, network, owner: owner ?? null }),
    explains: (symptom) => sharesLine({ evidence }, symptom) || endsForwarding(symptom, gateway, first),
  });
}

/** Where forwarding is off, each device has a line of its own that says so. */
function endsForwarding({ path }: Finding, { name }: Node, { kind }: Obstacle): boolean {
  const last = path.at(-1);
  return kind === 'forwarding-off' && last?.node === name && last.stage === 'forward';
}
function messageOf({ kind, way, ...obstacle }: Obstacle): MessageId {
  if (way === 'back') return 'answers';
  if (kind === 'forwarding-off') return 'general' in obstacle && obstacle.general === false ? 'device' : 'off';
  return kind;
}

function dataOf(obstacle: Obstacle): Readonly<Record<string, string | number>> {
  const dev = (obstacle.kind === 'unmasked' ? obstacle.oif : obstacle.iif) ?? '?';
  const what = shortly(obstacle);
  switch (obstacle.kind) {
    case 'forwarding-off':
      return { dev, what, key: obstacle.key };
    case 'policy':
      return { dev, what, chain: obstacle.chain };
    case 'rule':
      return { dev, what, chain: obstacle.chain, index: obstacle.index };
    case 'unmasked':
      return { dev, what, source: formatIp(obstacle.source) };
  }
}

function shortly(obstacle: Obstacle): string {
  const what = obstacle.way === 'there' ? 'them' : 'the answers';
  switch (obstacle.kind) {
    case 'forwarding-off':
      return `${obstacle.key} is 0`;
    case 'policy':
      return `no rule of ${obstacle.chain} accepts ${what}, and its policy is DROP`;
    case 'rule':
      return `rule ${obstacle.index} of ${obstacle.chain} stops ${what}`;
    case 'unmasked':
      return 'nothing masquerades them';
  }
}

function namesOf({ clients, network }: Clientele): string {
  const [first, second, third] = clients;
  if (second === undefined) return first.name;
  if (third === undefined) return `${first.name} and ${second.name}`;
  return `${first.name} and ${clients.length - 1} others of ${formatPrefix(network)}`;
}

/** Who sets the policy, or wrote the rule. */
export function ownerOf(gateway: Node, family: 4 | 6, obstacle: Obstacle): Owner | null {
  if (obstacle.kind !== 'policy' && obstacle.kind !== 'rule') return null;
  for (const { table } of tablesNamed(gateway.host, family, obstacle.table)) {
    const chain = table.chains.find(({ name }) => name === obstacle.chain);
    if (chain === undefined) continue;
    if (obstacle.kind === 'policy') return ownerOfPolicy(table, chain);
    const rule = chain.rules.at(obstacle.index - 1);
    return rule === undefined ? null : (ownerOfRule(chain, rule) ?? closer(table, rule));
  }
  return null;
}

/** firewalld closes its chains with a rule that does not name it. */
function closer(table: Table, { target }: Rule): Owner | null {
  const refuses = target?.kind === 'known' && target.name === 'REJECT';
  return refuses && table.chains.some(({ name }) => ownerOfChain(name) === 'firewalld') ? 'firewalld' : null;
}

function certaintyOf({ gateway }: Clientele, assumptions: readonly string[]): Certainty {
  if (!gateway.named) return 'possible';
  return assumptions.length === 0 ? 'proven' : 'likely';
}

function evidenceOf(snapshot: Snapshot, gateway: Node, obstacle: Obstacle): readonly Evidence[] {
  const { evidence } = obstacle;
  switch (obstacle.kind) {
    case 'forwarding-off':
      return evidence;
    case 'policy':
      return [
        ...evidence.map(({ span }) => ({
          span: partOf(snapshot, span, 'DROP'),
          why: `the policy of ${obstacle.chain}: what no rule accepts is dropped${countOf(gateway, obstacle)}`,
        })),
        ...setBy(snapshot, gateway, obstacle.table, obstacle.chain),
      ];
    case 'rule':
      return evidence.map(({ span }) => ({ span, why: `rule ${obstacle.index} of ${obstacle.chain} stops them` }));
    case 'unmasked':
      return evidence;
  }
}

function countOf({ host }: Node, { table: name, chain }: Obstacle & { readonly kind: 'policy' }): string {
  const packets = tablesNamed(host, 4, name)
    .flatMap(({ table }) => table.chains.filter((one) => one.name === chain))
    .reduce((sum, { counters }) => sum + (counters?.packets ?? 0), 0);
  return packets === 0 ? '' : `, ${packets} packets so far`;
}

/** A line that shows who sets the policy. */
function setBy(snapshot: Snapshot, gateway: Node, name: string, policyOf: string): readonly Evidence[] {
  const owned = (table: Table) => {
    const chain = table.chains.find((one) => one.name === policyOf);
    const owner = chain === undefined ? null : ownerOfPolicy(table, chain);
    if (owner === null) return [];
    for (const placed of rulesOf(table)) {
      if (placed.chain.name === policyOf && ownerOfRule(placed.chain, placed.rule) === owner)
        return [{ span: placed.rule.span, why: `${owner} works here, which sets that policy` }];
    }
    return [];
  };
  const [found] = tablesNamed(gateway.host, 4, name).flatMap(({ table }) => owned(table));
  return found === undefined || snapshot.files.length === 0 ? [] : [found];
}

const mostSeen = 2;

interface Seen {
  /** Connections of clients that nobody answered, as the gateway's table shows them. */
  readonly unanswered: readonly Evidence[];
  readonly others: readonly Evidence[];
}

function sightings({ observations, nodes }: Snapshot, { gateway, clients }: Clientele): Seen {
  const entries = gateway.host.conntrack.rows.filter(
    ({ original, reply }) => !isPrivate(original.dst) && clients.some(({ ip }) => sameIp(ip, reply.dst)),
  );
  const answered = entries.some(({ status, proto }) => proto === 6 && !status.includes('UNREPLIED'));
  const unanswered = entries
    .filter(({ status }) => status.includes('UNREPLIED'))
    .map(({ span, reply }) => ({ span, why: `nobody answered: the answer is due to ${formatIp(reply.dst)}` }));
  const own = nodes.filter((node) => clients.some(({ origin }) => origin.node === node));
  const tried = [...own.flatMap((node) => node.observations), ...observations].flatMap((row) =>
    row.kind === 'attempt' && row.outcome === 'timeout' && row.ip !== null && !isPrivate(row.ip)
      ? [{ span: row.span, why: 'tried, and nothing came back' }]
      : [],
  );
  return { unanswered: answered ? [] : unanswered.slice(0, mostSeen), others: tried.slice(0, mostSeen) };
}

/** Connections that nobody answered settle that the private source has no way back. */
function open(assumptions: readonly Reason[], { kind }: Obstacle, { unanswered }: Seen): readonly string[] {
  const settled = kind === 'unmasked' && unanswered.length > 0;
  const texts = [...new Set(assumptions.map(({ text }) => text))];
  return settled
    ? texts.filter((text) => !/ was not captured; nothing shows that it has a way back to /.test(text))
    : texts;
}
