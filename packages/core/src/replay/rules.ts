/** Follows the claims about rules: each is about the very next rule that the packet comes to, and the plain evaluator agrees with it. */
import type { TargetAction } from '../netfilter/action.js';
import { ruleApplies } from '../netfilter/evaluate.js';
import { type Hook, hookOrder, type TableName, tableNames } from '../netfilter/hook.js';
import type { PacketInput } from '../netfilter/packet-input.js';
import { chainsByName } from '../netfilter/ready.js';
import { findTarget } from '../netfilter/registry.js';
import { chanceOf } from '../netfilter/rule-effect.js';
import { type Place, rulesetsOf } from '../path/place.js';
import { surroundingsOf } from '../path/surroundings.js';
import type { Chain, Rule, Table } from '../snapshot/xtables.js';
import type { Claim, Step } from '../verdict/step.js';
import { saidOfRule } from '../verdict/tell.js';
import { sameSpan } from './lines.js';

interface Frame {
  readonly chain: string;
  next: number;
}

/** How far the packet has come in the table that it is in. */
export interface Course {
  /** Node, variant, table and hook; null between tables. */
  site: string | null;
  frames: Frame[];
  dropped: boolean;
}

export function newCourse(): Course {
  return { site: null, frames: [], dropped: false };
}

type RulesClaim = Exclude<Claim, { kind: 'told' }>;

interface Here {
  readonly claim: RulesClaim;
  readonly step: Step;
  readonly table: Table;
  readonly chain: Chain;
  readonly input: PacketInput;
}

/** Why the step's claim does not hold; empty when it does, and for steps that are about no rule. */
export function followRules(course: Course, step: Step, place: Place): readonly string[] {
  const { claim } = step;
  if (claim === undefined || claim.kind === 'told') return [];
  const here = locate(claim, step, place);
  if (typeof here === 'string') return [here];
  const order = comesNext(course, here);
  switch (claim.kind) {
    case 'applies':
      return [...order, ...applies(course, here, claim.index)];
    case 'skipped':
      return [...order, ...skips(course, here, claim.first, claim.last)];
    case 'policy':
      return [...order, ...leaves(course, here)];
  }
}

function locate(claim: RulesClaim, step: Step, place: Place): Here | string {
  const ruleset = rulesetsOf(place, claim.packet.family).find(({ variant }) => (variant ?? 'nft') === claim.variant);
  const table = ruleset?.tables.find(({ name }) => name === claim.table);
  const chain = table === undefined ? undefined : chainsByName(table).get(claim.chain);
  const hook = (Object.keys(hookOrder) as readonly Hook[]).find((name) => name === claim.hook);
  const name = tableNames.find((known): known is TableName => known === claim.table);
  if (table === undefined || chain === undefined || hook === undefined || name === undefined)
    return `chain ${claim.chain} of table ${claim.table} is not in the snapshot`;
  const variant = claim.variant ?? 'nft';
  return {
    claim,
    step,
    table,
    chain,
    input: { skb: claim.packet, hook, table: name, variant, around: surroundingsOf(place) },
  };
}

/** Finds the place of the claim on the packet's course: chains that are at their end were left without a word. */
function comesNext(course: Course, { claim, step, table }: Here): readonly string[] {
  const site = `${step.node} ${claim.variant} ${claim.table} ${claim.hook}`;
  if (course.site !== site || course.frames.length === 0) {
    course.site = site;
    course.frames = [{ chain: claim.hook, next: 0 }];
  }
  const chains = chainsByName(table);
  const isOver = ({ chain, next }: Frame) => next >= (chains.get(chain)?.rules.length ?? 0);
  if (claim.kind === 'policy') {
    // A chain that was gone to from the built-in one stands in its place.
    const left = claim.returned ? course.frames.slice(1) : course.frames;
    return left.every(isOver) ? [] : ['it is not what the packet comes to next'];
  }
  const first = claim.kind === 'applies' ? claim.index : claim.first;
  for (let top = course.frames.at(-1); top !== undefined; top = course.frames.at(-1)) {
    if (top.chain === claim.chain && top.next === first - 1) return [];
    if (!isOver(top)) break;
    course.frames.pop();
  }
  return ['it is not what the packet comes to next'];
}

function applies(course: Course, { claim, step, chain, input }: Here, index: number): readonly string[] {
  const rule = chain.rules.at(index - 1);
  if (rule === undefined || index < 1) return [`chain ${chain.name} has no rule ${index}`];
  const doubts: string[] = [];
  if (ruleApplies(rule, input) === false) doubts.push('the rule does not apply to the packet');
  if (!step.evidence.some(({ span }) => sameSpan(span, rule.span))) doubts.push('the rule stands on another line');
  if (step.what !== saidOfRule(rule, index, chain.name)) doubts.push('the rule does something else');
  moveOn(course, rule, claim, input);
  return doubts;
}

/** Behind such a target the packet comes to the next rule. */
const goesOn: readonly TargetAction['kind'][] = ['continue', 'return', 'notrack', 'open'];

function moveOn(course: Course, { target }: Rule, { packet }: RulesClaim, input: PacketInput): void {
  const top = course.frames.at(-1);
  if (top !== undefined) top.next++;
  switch (target?.kind) {
    case 'jump':
      if (target.goto) course.frames.pop();
      course.frames.push({ chain: target.chain, next: 0 });
      return;
    case 'standard':
      course.dropped ||= target.verdict === 'DROP';
      if (target.verdict !== 'RETURN') course.frames = [];
      // RETURN in the built-in chain asks its policy.
      else if (course.frames.length > 1) course.frames.pop();
      return;
    case 'known': {
      const action = findTarget(target.name, packet.family)?.apply?.(target.data, input);
      course.dropped ||= action?.kind === 'drop' || action?.kind === 'reject';
      if (action !== undefined && !goesOn.includes(action.kind)) course.frames = [];
      return;
    }
    default:
  }
}

/** A rule that is open, or takes a share of the packets, may be passed over. */
function skips(course: Course, { claim, chain, input }: Here, first: number, last: number): readonly string[] {
  const top = course.frames.at(-1);
  if (top !== undefined) top.next = Math.max(top.next, last);
  if (first < 1 || last < first || last > chain.rules.length) return [`chain ${chain.name} has no such rules`];
  for (let at = first; at <= last; at++) {
    const rule = chain.rules.at(at - 1);
    if (rule !== undefined && ruleApplies(rule, input) === true && chanceOf(rule, claim.packet.family) === null)
      return [`rule ${at} of ${chain.name} applies to the packet`];
  }
  return [];
}

function leaves(course: Course, { step, chain }: Here): readonly string[] {
  course.frames = [];
  course.dropped ||= chain.policy === 'DROP';
  const { span, policy } = chain;
  const holds = step.what.endsWith(` is ${policy ?? 'not captured'}`);
  const stands = span === null ? step.evidence.length === 0 : step.evidence.some((one) => sameSpan(one.span, span));
  return [...(holds ? [] : ['the policy is another']), ...(stands ? [] : ['the policy stands on another line'])];
}
