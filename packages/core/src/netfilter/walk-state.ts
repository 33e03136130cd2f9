/** What a walk through a table keeps: where the packet is in which chain, and the ways that are still to be followed. */
import { isIndexed } from '../packet/cut.js';
import type { Skb } from '../packet/skb.js';
import { type World, withTrail } from '../path/world.js';
import type { Rule, Ruleset } from '../snapshot/xtables.js';
import type { Evidence } from '../verdict/step.js';
import { followRule, followSkipped, type Site, type Trail } from '../verdict/trail.js';
import type { TargetAction } from './action.js';
import { mayBeDropped } from './evaluate.js';
import type { Hook, TableName } from './hook.js';
import type { PacketInput, Surroundings } from './packet-input.js';
import type { ReadyChain } from './ready.js';

export interface WalkContext extends Site {
  readonly hook: Hook;
  readonly table: TableName;
  readonly variant: NonNullable<Site['variant']>;
  readonly around: Surroundings;
  /** May a chain that was not captured be taken to return? Then it is a named assumption; otherwise the way is open. */
  readonly assumeUncaptured: boolean;
  /** NAT targets, which need routing and conntrack, are carried out by the path. */
  readonly translate: (world: World, action: TargetAction, evidence: Evidence) => readonly World[];
}

/** What rules are asked about, with what they all want to know of the packet. */
export interface WalkInput extends PacketInput {
  /** `mayBeDropped` at sight of a rule. */
  readonly fragile: boolean;
  /** `isIndexed`: the index may pass over rules. */
  readonly indexed: boolean;
}

/** The first rule from `from` on that may apply to the packet; the chain's length if there is none. It may not pass over a rule that could apply. */
export type NextRule = (chain: ReadyChain, from: number, input: WalkInput) => number;

export interface Frame {
  readonly chain: ReadyChain;
  readonly next: number;
  /** Where the chain's end or RETURN goes; null: the built-in chain itself. */
  readonly up: Frame | null;
  readonly depth: number;
}

export interface Task {
  readonly world: World;
  /** Its steps so far: the world itself keeps them once the table is done with it. */
  readonly trail: Trail | null;
  readonly frame: Frame;
  /** First rule of the frame not yet covered by a step. */
  readonly from: number;
}

export interface Walk {
  readonly cx: WalkContext;
  readonly builtin: ReadyChain;
  readonly ruleset: Ruleset;
  /** The packet as the table got it. */
  readonly given: Skb;
  readonly nextRule: NextRule;
  /** Ways that wait while another is followed. */
  readonly aside: Task[];
  done: World[];
  /** How many more may be left open. */
  questions: number;
  /** What the last rule was asked about: most rules of a table see the same packet. */
  input: WalkInput | null;
}

export function inputOf({ skb }: World, walk: Walk): WalkInput {
  if (walk.input?.skb === skb) return walk.input;
  const { hook, table, variant, around } = walk.cx;
  walk.input = { skb, hook, table, variant, around, fragile: mayBeDropped(skb), indexed: isIndexed(skb) };
  return walk.input;
}

/** The steps, with a record that none of the rules before `index` applied. */
export function skipped({ world, trail, frame, from }: Task, index: number, cx: WalkContext): Trail | null {
  return index <= from || world.probed ? trail : followSkipped(trail, world.skb, cx, frame.chain.chain, from, index);
}

/** The steps, with a record that the rule at `index` applies, after those before it did not. */
export function applied(task: Task, rule: Rule, index: number, cx: WalkContext): Trail {
  return followRule(skipped(task, index, cx), task.world.skb, cx, task.frame.chain.chain, rule, index);
}

/** The way through the table is over: nothing of it is left to follow. */
export function over(world: World, walk: Walk): null {
  // A list made with its element is shorter than one that has grown, and most tables leave one world.
  if (walk.done.length === 0) walk.done = [world];
  else walk.done.push(world);
  return null;
}

/** The world with all steps that led here. */
export function told(world: World, trail: Trail | null): World {
  return world.trail === trail ? world : withTrail(world, trail);
}
