/**
 * The definition of what a table does to a packet: rules in order, jumps without recursion, unknowns and chance as branches.
 * net/ipv4/netfilter/ip_tables.c ipt_do_table.
 */

import type { Skb } from '../packet/skb.js';
import { mergeWorlds, mostOpen, openQuestions } from '../path/merge-worlds.js';
import { finish, forkByChance, forkOpen, leaveOpen, note, type World, withPacket } from '../path/world.js';
import type { Rule, Ruleset, Table } from '../snapshot/xtables.js';
import { and, isUnknown, type Reason, type Tri } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { appliesAndIsSeen, dropsAtSight, ruleApplies } from './evaluate.js';
import { type ReadyChain, type ReadyRule, readyChain, readyRule, readyTable } from './ready.js';
import { isIdle } from './rule-effect.js';
import { absentChain, beyondPart, leaveChain } from './walk-leave.js';
import {
  applied,
  type Frame,
  inputOf,
  type NextRule,
  over,
  skipped,
  type Task,
  told,
  type Walk,
  type WalkContext,
} from './walk-state.js';
import { act } from './walk-target.js';

/** Ways beyond this count are not followed one by one any more. */
const mostWorlds = 2000;

/** Questions that one table may leave open. */
const mostQuestions = 200;

/** Every rule is looked at: what `link` shortens. */
export const everyRule: NextRule = (_chain, from) => from;

/** Outcome of a table: worlds that go on to the next table, and worlds that ended. */
export function walkTable(
  world: World,
  ruleset: Ruleset,
  table: Table,
  cx: WalkContext,
  nextRule: NextRule = everyRule,
): readonly World[] {
  return walkFrom(builtinOf(ruleset, table, cx), world, ruleset, table, cx, nextRule);
}

/** The chain of the hook; null: the table shows none. */
export function builtinOf({ family }: Ruleset, table: Table, { hook }: WalkContext): ReadyChain | null {
  return readyChain(readyTable(table, family), hook);
}

/** `builtin`: where that was looked up before. */
export function walkFrom(
  builtin: ReadyChain | null,
  world: World,
  ruleset: Ruleset,
  table: Table,
  cx: WalkContext,
  nextRule: NextRule,
): readonly World[] {
  if (builtin === null) return table.complete ? [world] : [absentChain(world, ruleset, table, cx)];
  const questions = openQuestions(world) >= mostOpen ? 0 : mostQuestions;
  const walk: Walk = { cx, builtin, ruleset, given: world.skb, nextRule, aside: [], done: [], questions, input: null };
  let task: Task | undefined = {
    world,
    trail: world.trail,
    frame: { chain: builtin, next: 0, up: null, depth: 0 },
    from: 0,
  };
  while (task !== undefined) task = (mayGoOn(task, walk) ? step(task, walk) : null) ?? walk.aside.pop();
  return mergeWorlds(world, walk.done);
}

function mayGoOn({ world, trail }: Task, walk: Walk): boolean {
  if (walk.done.length + walk.aside.length <= mostWorlds) return true;
  const reason = { dump: null, text: 'too many ways remain open to follow each' };
  over(finish(leaveOpen(told(world, trail), [reason]), ending('undetermined')), walk);
  return false;
}

/** Where the way goes on behind the next rule that applies; null where it is over. */
function step(arrived: Task, walk: Walk): Task | null {
  const { frame } = arrived;
  let { world } = arrived;
  const { chain, length } = frame.chain;
  let task = arrived;
  if (frame.next < length) {
    let input = inputOf(world, walk);
    let gap = nextGap(frame);
    for (
      let index = walk.nextRule(frame.chain, frame.next, input);
      index < length;
      index = walk.nextRule(frame.chain, index + 1, input)
    ) {
      const ready = readyRule(frame.chain, index);
      if (ready === undefined) break;
      const { rule, questions } = ready;
      if (gap <= index) {
        const trail = skipped(task, gap, walk.cx);
        const beyond = beyondPart(world, chain, walk);
        if (beyond.end !== null) {
          return over(told(beyond, trail), walk);
        }
        task = { world: beyond, trail, frame, from: gap };
        // What is taken of the chain's missing rules is said once.
        gap = length;
      }
      const seen = questions.remember ? appliesAndIsSeen(rule, input, questions) : null;
      const applies = seen === null ? ruleApplies(rule, input, questions) : seen.result;
      const drops = input.fragile && dropsAtSight(rule, input);
      if (drops !== false) return over(droppedAtSight(task, rule, index, applies, drops, walk), walk);
      const how = applies === true && seen !== null ? applied(task, rule, index, walk.cx) : null;
      if (seen !== null && seen.skb !== input.skb) {
        task = remembered(task, seen.skb, applies === false ? index + 1 : task.from, walk);
        world = task.world;
        input = inputOf(world, walk);
      }
      if (applies === false) continue;
      if (isUnknown(applies) && applies.changes) {
        const reached = told(task.world, skipped(task, index, walk.cx));
        return over(finish(leaveOpen(reached, applies.because), ending('undetermined')), walk);
      }
      if (applies === true && questions.shares === null)
        return act(task, how ?? applied(task, rule, index, walk.cx), ready, index, walk);
      return fork(task, ready, index, walk, isUnknown(applies) ? applies.because : []);
    }
  }
  return leaveChain(task.world, skipped(task, length, walk.cx), frame, walk, 'end');
}

/** The kernel has seen the packet at the rule before `from`, whether it applies or not. */
function remembered(task: Task, skb: Skb, from: number, { cx }: Walk): Task {
  return { world: withPacket(task.world, skb), trail: skipped(task, from, cx), frame: task.frame, from };
}

/** Where rules may be missing before the next ones. */
function nextGap({ chain: { chain, length }, next }: Frame): number {
  return chain.gaps?.find((gap) => gap >= next) ?? length;
}

/** A rule that does not apply counts nothing; one that applies all the same counts the packet first. */
function droppedAtSight(task: Task, rule: Rule, index: number, applies: Tri, drops: Tri, { cx }: Walk): World {
  const trail = applies === false ? skipped(task, index, cx) : applied(task, rule, index, cx);
  const world = told(task.world, trail);
  const sure = applies === false ? drops : and(drops, applies);
  if (isUnknown(sure)) return finish(leaveOpen(world, sure.because), ending('undetermined'));
  const what = 'the kernel drops a packet that the rule cannot judge';
  const stage = `${cx.table}/${cx.hook}`;
  return finish(note(world, cx.place, stage, what, [{ span: rule.span, why: 'cannot judge it' }]), ending('dropped'));
}

/** Both ways: the rule applies, and it does not. A rule that is open and depends on chance forks twice. */
function fork(task: Task, ready: ReadyRule, index: number, walk: Walk, because: readonly Reason[]): Task | null {
  const { chain, up, depth } = task.frame;
  const passing = (world: World): Task => {
    return { world, trail: task.trail, frame: { chain, next: index + 1, up, depth }, from: task.from };
  };
  const { rule } = ready;
  const { shares } = ready.questions;
  let world = task.world;
  const counts = world.probed || !isIdle(rule, inputOf(world, walk), walk.ruleset.family);
  if (because.length > 0 && shares === null && !counts) return passing(world);
  if (because.length > 0 && walk.questions-- <= 0) {
    const reason = { dump: null, text: 'too many questions are open at once to follow each way' };
    return over(finish(leaveOpen(told(world, task.trail), [...because, reason]), ending('undetermined')), walk);
  }
  if (because.length > 0) {
    const [taken, passed] = forkOpen(world, because);
    walk.aside.push(passing(passed));
    world = taken;
  }
  if (shares !== null) {
    const [taken, passed] = forkByChance(world, shares);
    if (passed !== undefined) walk.aside.push(passing(passed));
    world = taken ?? world;
  }
  const decided: Task = { world, trail: task.trail, frame: task.frame, from: task.from };
  return act(decided, applied(decided, rule, index, walk.cx), ready, index, walk);
}
