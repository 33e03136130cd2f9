/**
 * The definition of what a table does to a packet: rules in order, jumps without recursion, unknowns and chance as branches.
 * net/ipv4/netfilter/ip_tables.c ipt_do_table.
 */

import { mergeWorlds, mostOpen, openQuestions } from '../path/merge-worlds.js';
import { advance, assume, finish, forkByChance, forkOpen, leaveOpen, note, type World } from '../path/world.js';
import type { Chain, Rule, Ruleset, Table, XtablesVariant } from '../snapshot/xtables.js';
import { isUnknown, type Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { complement, type Fraction } from '../verdict/fraction.js';
import type { Evidence } from '../verdict/step.js';
import type { TargetAction } from './action.js';
import { ruleApplies } from './evaluate.js';
import type { TargetDef } from './extension.js';
import type { Hook, TableName } from './hook.js';
import type { PacketInput, Surroundings } from './packet-input.js';
import { findTarget } from './registry.js';
import { chanceOf, isIdle } from './rule-effect.js';

export interface WalkContext {
  readonly place: string;
  readonly hook: Hook;
  readonly table: TableName;
  readonly variant: XtablesVariant;
  readonly around: Surroundings;
  /** May a chain that was not captured be taken to return? Then it is a named assumption; otherwise the way is open. */
  readonly assumeUncaptured: boolean;
  /** NAT targets, which need routing and conntrack, are carried out by the path. */
  readonly translate: (world: World, action: TargetAction, evidence: Evidence) => readonly World[];
}

interface Frame {
  readonly chain: Chain;
  readonly next: number;
  /** Where the chain's end or RETURN goes; null: the built-in chain itself. */
  readonly up: Frame | null;
  readonly depth: number;
}

interface Task {
  readonly world: World;
  readonly frame: Frame;
  /** First rule of the frame not yet covered by a step. */
  readonly from: number;
}

/** Ways beyond this count are not followed one by one any more. */
const mostWorlds = 2000;

/** Questions that one table may leave open. */
const mostQuestions = 200;

/** Outcome of a table: worlds that go on to the next table, and worlds that ended. */
export function walkTable(world: World, ruleset: Ruleset, table: Table, cx: WalkContext): readonly World[] {
  const builtin = table.chains.find((chain) => chain.name === cx.hook);
  if (builtin === undefined) return [world];
  const done: World[] = [];
  const chains = chainsByName(table);
  const tasks: Task[] = [{ world, frame: { chain: builtin, next: 0, up: null, depth: 0 }, from: 0 }];
  const questions = openQuestions(world) >= mostOpen ? 0 : mostQuestions;
  const walk: Walk = { cx, chains, builtin, ruleset, tasks, done, questions };
  while (tasks.length > 0) {
    const task = tasks.pop();
    if (task === undefined) break;
    if (done.length + tasks.length > mostWorlds) {
      const reason = { dump: null, text: 'too many ways remain open to follow each' };
      done.push(finish(leaveOpen(task.world, [reason]), ending('undetermined')));
      continue;
    }
    step(task, walk);
  }
  return mergeWorlds(world, done);
}

const chainIndexes = new WeakMap<Table, ReadonlyMap<string, Chain>>();

function chainsByName(table: Table): ReadonlyMap<string, Chain> {
  let index = chainIndexes.get(table);
  if (index === undefined) {
    index = new Map(table.chains.map((chain) => [chain.name, chain]));
    chainIndexes.set(table, index);
  }
  return index;
}

interface Walk {
  readonly cx: WalkContext;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly builtin: Chain;
  readonly ruleset: Ruleset;
  readonly tasks: Task[];
  readonly done: World[];
  /** How many more may be left open. */
  questions: number;
}

function step(task: Task, walk: Walk): void {
  const { frame } = task;
  for (let index = frame.next; index < frame.chain.rules.length; index++) {
    const rule = frame.chain.rules.at(index);
    if (rule === undefined) break;
    const input: PacketInput = inputOf(task.world, walk.cx);
    const applies = ruleApplies(rule, input);
    const chance = applies === false ? null : chanceOf(rule, walk.ruleset.family);
    if (applies === false) continue;
    if (applies === true && chance === null) {
      act(skipped(task, index, walk), rule, index, walk);
      return;
    }
    fork(task, rule, index, walk, isUnknown(applies) ? applies.because : [], chance);
    return;
  }
  leaveChain(skipped(task, frame.chain.rules.length, walk), walk, null);
}

/** Both ways: the rule applies, and it does not. A rule that is open and depends on chance forks twice. */
function fork(
  task: Task,
  rule: Rule,
  index: number,
  walk: Walk,
  because: readonly Reason[],
  chance: Fraction | null,
): void {
  const pass = (world: World) => walk.tasks.push({ world, frame: { ...task.frame, next: index + 1 }, from: task.from });
  let world = task.world;
  if (because.length > 0 && chance === null && isIdle(rule, inputOf(world, walk.cx), walk.ruleset.family)) {
    pass(world);
    return;
  }
  if (because.length > 0 && walk.questions-- <= 0) {
    const reason = { dump: null, text: 'too many questions are open at once to follow each way' };
    walk.done.push(finish(leaveOpen(world, [...because, reason]), ending('undetermined')));
    return;
  }
  if (because.length > 0) {
    const [taken, passed] = forkOpen(world, because);
    pass(passed);
    world = taken;
  }
  if (chance !== null) {
    const [taken, passed] = forkByChance(world, [chance, complement(chance)]);
    if (passed !== undefined) pass(passed);
    world = taken ?? world;
  }
  act(skipped({ ...task, world }, index, walk), rule, index, walk);
}

function inputOf(world: World, cx: WalkContext): PacketInput {
  return { skb: world.skb, hook: cx.hook, table: cx.table, variant: cx.variant, around: cx.around };
}

/** Records that none of the rules before `index` applied. */
function skipped(task: Task, index: number, walk: Walk): Task {
  const { chain } = task.frame;
  if (index <= task.from) return task;
  const first = chain.rules.at(task.from);
  const last = chain.rules.at(index - 1);
  if (first === undefined || last === undefined) return task;
  const count = index - task.from;
  const together = first.span.file === last.span.file && first.span.start <= last.span.end;
  const span = together ? { ...first.span, end: last.span.end } : first.span;
  const what =
    count === 1
      ? `rule ${index} of ${chain.name} does not apply`
      : `rules ${task.from + 1} to ${index} of ${chain.name} do not apply`;
  const evidence = [{ span, why: count === 1 ? 'does not apply' : 'none of these applies' }];
  return { ...task, from: index, world: note(task.world, walk.cx.place, stageName(walk.cx), what, evidence) };
}

function stageName(cx: WalkContext): string {
  return `${cx.table}/${cx.hook}`;
}

function act(task: Task, rule: Rule, index: number, walk: Walk): void {
  const { cx } = walk;
  const { chain } = task.frame;
  const evidence: Evidence = { span: rule.span, why: 'applies' };
  const ref = { table: cx.table, chain: chain.name, index: index + 1 };
  const say = (what: string) => note(task.world, cx.place, stageName(cx), what, [evidence], ref);
  const frame = { ...task.frame, next: index + 1 };
  const goOn = (world: World) => walk.tasks.push({ world, frame, from: index + 1 });
  const { target } = rule;
  if (target === null) {
    goOn(say(`rule ${index + 1} of ${chain.name} counts the packet`));
    return;
  }
  switch (target.kind) {
    case 'standard':
      standard(target.verdict, say, { ...task, frame, from: index + 1 }, walk);
      return;
    case 'jump':
      jump(target.chain, target.goto, say, frame, walk);
      return;
    case 'opaque':
      carryOut(
        { kind: 'open', because: [{ dump: null, text: `target ${target.name} ${target.text}`.trim() }] },
        say(`target ${target.name}`),
        goOn,
        walk,
        evidence,
      );
      return;
    case 'known': {
      const def: TargetDef | undefined = findTarget(target.name, walk.ruleset.family);
      const action: TargetAction = def?.apply?.(target.data, inputOf(task.world, cx)) ?? {
        kind: 'open',
        because: [{ dump: null, text: `what -j ${target.name} does is not modelled` }],
      };
      carryOut(action, say(`${target.name} by rule ${index + 1} of ${chain.name}`), goOn, walk, evidence);
    }
  }
}

function standard(verdict: string, say: (what: string) => World, task: Task, walk: Walk): void {
  const what = `${verdict} by rule ${task.frame.next} of ${task.frame.chain.name}`;
  if (verdict === 'ACCEPT') walk.done.push(say(what));
  else if (verdict === 'DROP') walk.done.push(finish(say(what), ending('dropped')));
  else if (verdict === 'RETURN') leaveChain({ ...task, world: say(what) }, walk, 'RETURN');
  else
    walk.done.push(
      finish(
        leaveOpen(say(what), [{ dump: null, text: 'the packet goes to a userspace queue' }]),
        ending('undetermined'),
      ),
    );
}

function jump(name: string, goto: boolean, say: (what: string) => World, frame: Frame, walk: Walk): void {
  const chain = walk.chains.get(name);
  const world = say(`${goto ? 'goto' : 'jump to'} ${name}`);
  if (chain === undefined || !chain.collected) {
    const reason = {
      dump: walk.ruleset.family === 4 ? 'iptables-save' : 'ip6tables-save',
      text: `chain ${name} of table ${walk.cx.table} was not captured`,
    } as const;
    if (walk.cx.assumeUncaptured) {
      const assumed = assume(world, [{ ...reason, text: `${reason.text}; it is taken to return` }]);
      walk.tasks.push({ world: assumed, frame, from: frame.next });
    } else walk.done.push(finish(leaveOpen(world, [reason]), ending('undetermined')));
    return;
  }
  if (frame.depth > walk.chains.size + 1) {
    const reason = { dump: null, text: `jump loop through chain ${name}, which no kernel would load` };
    walk.done.push(finish(leaveOpen(world, [reason]), ending('looped')));
    return;
  }
  const up = goto ? frame.up : frame;
  walk.tasks.push({ world, frame: { chain, next: 0, up, depth: frame.depth + 1 }, from: 0 });
}

/** The end of a chain, or RETURN: back to the caller; in the built-in chain the policy decides. */
function leaveChain(task: Task, walk: Walk, why: 'RETURN' | null): void {
  const { up, chain: left } = task.frame;
  const whole = why === 'RETURN' || left.partial !== true ? task.world : beyondPart(task.world, left, walk);
  if (whole.end !== null) {
    walk.done.push(whole);
    return;
  }
  if (up !== null) {
    walk.tasks.push({ world: whole, frame: up, from: up.next });
    return;
  }
  const chain = walk.builtin;
  const policy = chain.policy;
  const said = why === null ? 'end of the chain' : 'RETURN';
  const evidence: readonly Evidence[] =
    chain.span === null ? [] : [{ span: chain.span, why: `policy ${policy ?? 'not captured'}` }];
  const world = note(
    whole,
    walk.cx.place,
    stageName(walk.cx),
    `${said}: policy of ${chain.name} is ${policy ?? 'not captured'}`,
    evidence,
  );
  if (policy === 'ACCEPT') walk.done.push(world);
  else if (policy === 'DROP') walk.done.push(finish(world, ending('dropped')));
  else {
    const reason = {
      dump: 'iptables-save',
      text: `policy of chain ${chain.name} in table ${walk.cx.table} was not captured`,
    } as const;
    if (walk.cx.assumeUncaptured)
      walk.done.push(assume(world, [{ ...reason, text: `${reason.text}; taken to be ACCEPT` }]));
    else walk.done.push(finish(leaveOpen(world, [reason]), ending('undetermined')));
  }
}

/** None of the captured rules of a chain applies, and it may have had more. */
function beyondPart(world: World, chain: Chain, walk: Walk): World {
  const dump = walk.ruleset.family === 4 ? 'iptables-save' : 'ip6tables-save';
  const reason = { dump, text: `chain ${chain.name} of table ${walk.cx.table} was captured in part` } as const;
  if (walk.cx.assumeUncaptured)
    return assume(world, [{ ...reason, text: `${reason.text}; no other rule of it is taken to apply` }]);
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}

function carryOut(
  action: TargetAction,
  world: World,
  goOn: (world: World) => void,
  walk: Walk,
  evidence: Evidence,
): void {
  switch (action.kind) {
    case 'accept':
      walk.done.push(world);
      return;
    case 'drop':
      walk.done.push(finish(world, ending('dropped')));
      return;
    case 'reject':
      walk.done.push(finish(world, ending('rejected', action.with)));
      return;
    case 'continue':
      goOn({ ...world, skb: action.skb });
      return;
    case 'notrack':
      goOn({ ...world, skb: { ...world.skb, ctState: 'UNTRACKED', ct: null } });
      return;
    case 'return':
      goOn(world);
      return;
    case 'open': {
      const [taken, passed] = forkOpen(world, action.because);
      walk.done.push(finish(leaveOpen(taken, action.because), ending('undetermined')));
      goOn(passed);
      return;
    }
    default:
      walk.done.push(...advance([world], (live) => walk.cx.translate(live, action, evidence)));
  }
}
