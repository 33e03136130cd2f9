/** One pod calls a pod of another node directly: does its node give the packet another source, and by which rule? */
import {
  type AssumeMode,
  type Chain,
  type DumpId,
  type Ip,
  type Node,
  type Outcome,
  type Rule,
  type Ruleset,
  type Snapshot,
  type Step,
  sameIp,
  type Table,
} from '@coldtrace/core';
import type { Party } from '../connections/party.js';
import { traceOnce } from '../connections/trace-once.js';
import { tablesNamed } from '../facts/table-rules.js';
import type { Target } from './pod-network.js';

export interface Hidden {
  readonly pod: Party & { readonly ip: Ip };
  readonly target: Target;
  /** What the other side sees; null: some address of the device, which was not captured. */
  readonly source: Ip | null;
  /** The device by which the pod's packet leaves. */
  readonly dev: string;
  readonly rule: Rule;
  readonly index: number;
  readonly chain: Chain;
  readonly table: Table;
  readonly ruleset: Ruleset;
  readonly outcome: Outcome;
}

const port = 80;

export interface Answer {
  readonly hidden: Hidden | null;
  /** Dumps that would say more, where the packet's way is open. */
  readonly missing: readonly DumpId[];
}

export function hiddenBy(
  snapshot: Snapshot,
  node: Node,
  pod: Party & { readonly ip: Ip },
  target: Target,
  assume: AssumeMode,
): Answer {
  const { outcomes } = traceOnce(snapshot, {
    from: pod.origin,
    to: { ip: target.ip, port },
    proto: 6,
    sport: null,
    assume,
  });
  const found = outcomes.map((outcome) => translated(node, pod, target, outcome));
  const [first] = found;
  if (first != null && found.every((one) => one?.rule === first.rule)) return { hidden: first, missing: [] };
  const dumps = outcomes.flatMap(({ because }) => because.flatMap(({ dump }) => dump ?? []));
  return { hidden: null, missing: dumps };
}

function translated(node: Node, pod: Party & { readonly ip: Ip }, target: Target, outcome: Outcome): Hidden | null {
  const { steps, disposition, because } = outcome;
  // What is shown of an open way is one example of several, but where only the device's address is not known.
  const lacksAddress = node.host.addresses.state !== 'complete' && because.every(({ dump }) => dump === 'ip-addr');
  if (disposition === 'undetermined' && !(lacksAddress && because.length > 0)) return null;
  const at = steps.findIndex((step) => step.node === node.name && translation(node, step, pod.ip) !== null);
  const step = steps[at];
  const placed = step === undefined ? null : translation(node, step, pod.ip);
  const after = steps.slice(at + 1).find(({ claim }) => claim !== undefined && !sameIp(claim.packet.src, pod.ip));
  const source = after?.claim?.packet.src ?? null;
  const dev = step?.claim?.packet.oif ?? null;
  if (placed === null || (source === null && disposition !== 'undetermined') || dev === null) return null;
  return { pod, target, source, dev, outcome, ...placed };
}

const translating = new Set(['MASQUERADE', 'SNAT', 'NETMAP']);

/** The rule of the step, when it gives the pod's packet another source. */
function translation(node: Node, { stage, claim }: Step, pod: Ip) {
  if (stage !== 'nat/POSTROUTING' || claim?.kind !== 'applies' || !sameIp(claim.packet.src, pod)) return null;
  for (const { ruleset, table } of tablesNamed(node.host, pod.family, 'nat')) {
    if (claim.variant !== null && ruleset.variant !== null && ruleset.variant !== claim.variant) continue;
    const chain = table.chains.find(({ name }) => name === claim.chain);
    const rule = chain?.rules.at(claim.index - 1);
    if (chain === undefined || rule?.target?.kind !== 'known' || !translating.has(rule.target.name)) continue;
    return { ruleset, table, chain, rule, index: claim.index };
  }
  return null;
}
