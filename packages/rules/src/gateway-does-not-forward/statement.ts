/** Puts a gateway's obstacles into words, with the lines that prove them. */
import {
  type Evidence,
  formatIp,
  formatPrefix,
  type Node,
  type Reason,
  type Rule,
  type Snapshot,
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
import { type Seen, sightings } from './sightings.js';

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
  pool: '{gateway} does not masquerade what pods of IPPool {network} send beyond the pools, although natOutgoing is on: it leaves by {dev} with the private source {source}, and answers to that are lost; {why}',
  flannel:
    '{gateway} does not masquerade what its pods send beyond {network}, although flanneld is to do so: it leaves by {dev} with the private source {source}, and answers to that are lost; {why}',
  unled:
    '{gateway} does not masquerade what its pods send beyond the cluster, although {program} is to do so: it leaves by {dev} with the private source {source}, and answers to that are lost; no rule leads to {chain}',
  logged: '{gateway} does not pass on what comes in by {in} for {out}: {firewall} refuses it, and logs it as {prefix}',
  denied:
    '{gateway} is the gateway of {clients}, and its ufw denies what is routed: unless a rule accepts their packets, FORWARD drops them',
  closed:
    '{gateway} serves Services but passes on nothing that pods begin: no rule of FORWARD accepts it{besides}, and its policy is DROP{by}',
  missourced:
    '{gateway} is the gateway of {clients} but sends their packets to {to} on by {dev} with the source {source}, which is {whose}: answers to that are lost',
} as const;

export type Context = RuleContext<keyof typeof messages>;
type MessageId = Exclude<keyof typeof messages, 'pool' | 'flannel' | 'unled' | 'logged' | 'denied' | 'closed'>;

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
    ...obstacles.flatMap((obstacle) => evidenceOf(cx.snapshot, clientele, obstacle)),
    ...clients[0].evidence,
    ...seen.unanswered,
    ...seen.leaving,
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
  const dev = ('source' in obstacle ? obstacle.oif : obstacle.iif) ?? '?';
  const what = shortly(obstacle);
  switch (obstacle.kind) {
    case 'forwarding-off':
      return { dev, what, key: obstacle.key };
    case 'policy':
      return { dev, what, chain: chainOf(obstacle) };
    case 'rule':
      return { dev, what, chain: chainOf(obstacle), index: obstacle.index };
    case 'unmasked':
      return { dev, what, source: formatIp(obstacle.source) };
    case 'missourced': {
      const whose = obstacle.holder === null ? 'on none of its devices' : `an address of ${obstacle.holder}`;
      return { dev, what, source: formatIp(obstacle.source), whose };
    }
  }
}

/** FORWARD is taken to be that of table filter. */
function chainOf({ table, chain }: { readonly table: string; readonly chain: string }): string {
  return table === 'filter' ? chain : `${table} ${chain}`;
}

function shortly(obstacle: Obstacle): string {
  const what = obstacle.way === 'there' ? 'them' : 'the answers';
  switch (obstacle.kind) {
    case 'forwarding-off':
      return `${obstacle.key} is 0`;
    case 'policy':
      return `no rule of ${chainOf(obstacle)} accepts ${what}, and its policy is DROP`;
    case 'rule':
      return `rule ${obstacle.index} of ${chainOf(obstacle)} stops ${what}`;
    case 'unmasked':
      return 'nothing masquerades them';
    case 'missourced':
      return `they leave with the source ${formatIp(obstacle.source)}, to which no answer finds back`;
  }
}

export function namesOf({ clients, network }: Clientele): string {
  const [first, second, third] = clients;
  if (second === undefined) return first.name;
  if (third === undefined) return `${first.name} and ${second.name}`;
  if (network.length === (network.ip.family === 4 ? 32 : 128)) return `${first.name} and ${clients.length - 1} others`;
  return `${first.name} and ${clients.length - 1} others of ${formatPrefix(network)}`;
}

/** Who sets the policy, or wrote the rule. */
export function ownerOf(gateway: Node, family: 4 | 6, obstacle: Obstacle): Owner | null {
  if (obstacle.kind !== 'policy' && obstacle.kind !== 'rule') return null;
  for (const { table } of tablesOf(gateway, family, obstacle)) {
    const chain = table.chains.find(({ name }) => name === obstacle.chain);
    if (chain === undefined) continue;
    if (obstacle.kind === 'policy') return ownerOfPolicy(table, chain);
    const rule = chain.rules.at(obstacle.index - 1);
    return rule === undefined ? null : (ownerOfRule(chain, rule) ?? closer(table, rule));
  }
  return null;
}

/** The table that the obstacle stands in, of its variant where that is known. */
function tablesOf({ host }: Node, family: 4 | 6, { table, variant }: Extract<Obstacle, { readonly table: string }>) {
  return tablesNamed(host, family, table).filter(
    ({ ruleset }) => [null, variant].includes(ruleset.variant) || variant === null,
  );
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

function evidenceOf(snapshot: Snapshot, clientele: Clientele, obstacle: Obstacle): readonly Evidence[] {
  const { evidence } = obstacle;
  switch (obstacle.kind) {
    case 'forwarding-off':
      return evidence;
    case 'policy':
      return [
        ...evidence.map(({ span }) => ({
          span: partOf(snapshot, span, 'DROP'),
          why: `the policy of ${chainOf(obstacle)}: what no rule accepts is dropped${countOf(clientele, obstacle)}`,
        })),
        ...setBy(clientele, obstacle),
      ];
    case 'rule':
      return evidence.map(({ span }) => ({ span, why: `rule ${obstacle.index} of ${chainOf(obstacle)} stops them` }));
    case 'unmasked':
      return evidence;
    case 'missourced': {
      const source = formatIp(obstacle.source);
      return evidence.map(({ span, why }) => ({ span: partOf(snapshot, span, source), why }));
    }
  }
}

type Policy = Obstacle & { readonly kind: 'policy' };

function countOf({ gateway, family }: Clientele, policy: Policy): string {
  const packets = tablesOf(gateway, family, policy)
    .flatMap(({ table }) => table.chains.filter((one) => one.name === policy.chain))
    .reduce((sum, { counters }) => sum + (counters?.packets ?? 0), 0);
  return packets === 0 ? '' : `, ${packets} packets so far`;
}

/** A line that shows who sets the policy. */
function setBy({ gateway, family }: Clientele, policy: Policy): readonly Evidence[] {
  const owned = (table: Table) => {
    const chain = table.chains.find((one) => one.name === policy.chain);
    const owner = chain === undefined ? null : ownerOfPolicy(table, chain);
    if (owner === null) return [];
    for (const placed of rulesOf(table)) {
      if (placed.chain.name === policy.chain && ownerOfRule(placed.chain, placed.rule) === owner)
        return [{ span: placed.rule.span, why: `${owner} works here, which sets that policy` }];
    }
    return [];
  };
  const [found] = tablesOf(gateway, family, policy).flatMap(({ table }) => owned(table));
  return found === undefined ? [] : [found];
}

/** Connections that nobody answered settle that the private source has no way back; packets beyond an obstacle speak against it. */
function open(assumptions: readonly Reason[], { kind }: Obstacle, { unanswered, leaving }: Seen): readonly string[] {
  const leaves = kind === 'unmasked' || kind === 'missourced';
  const settled = leaves && unanswered.length > 0;
  const passed = !leaves && leaving.length > 0;
  const against = passed ? ['packets of that network were seen to leave all the same, maybe before this'] : [];
  const texts = [...against, ...new Set(assumptions.map(({ text }) => text))];
  return settled
    ? texts.filter((text) => !/ was not captured; nothing shows that it has a way back to /.test(text))
    : texts;
}
