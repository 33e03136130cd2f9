/** What a rule that applies does: its verdict, its jump, or what its target makes of the packet. net/ipv4/netfilter/ip_tables.c ipt_do_table. */
import { alter } from '../packet/skb.js';
import { assume, finish, forkOpen, leaveOpen, type World, withPacket } from '../path/world.js';
import type { JumpTarget, KnownTarget, OpaqueTarget, Rule, StandardTarget } from '../snapshot/xtables.js';
import { dropping, ending } from '../verdict/disposition.js';
import type { Trail } from '../verdict/trail.js';
import type { TargetAction } from './action.js';
import { leadsTo, type ReadyChain, type ReadyRule } from './ready.js';
import { findTarget } from './registry.js';
import { leaveChain } from './walk-leave.js';
import { type Frame, inputOf, over, type Task, told, type Walk } from './walk-state.js';

/** `trail` has the step already; `task` is where the packet was. Where the way goes on; null where it is over. */
export function act(task: Task, trail: Trail, ready: ReadyRule, index: number, walk: Walk): Task | null {
  const { world, frame } = task;
  const { rule } = ready;
  const { target } = rule;
  switch (target?.kind) {
    case undefined:
      return onward(world, trail, behind(frame, index));
    case 'standard':
      return standard(target, world, trail, frame, walk);
    case 'jump':
      return jump(leadsTo(ready, target, frame.chain.table), target, world, trail, behind(frame, index), walk);
    case 'opaque':
    case 'known':
      return carryOut(actionOf(target, world, walk), rule, told(world, trail), behind(frame, index), walk);
  }
}

/** Where the chain goes on behind a rule. */
function behind({ chain, up, depth }: Frame, index: number): Frame {
  return { chain, next: index + 1, up, depth };
}

function onward(world: World, trail: Trail | null, frame: Frame): Task {
  return { world, trail, frame, from: frame.next };
}

function standard({ verdict }: StandardTarget, world: World, trail: Trail, frame: Frame, walk: Walk): Task | null {
  switch (verdict) {
    case 'ACCEPT':
      return over(told(world, trail), walk);
    case 'DROP':
      return over(finish(told(world, trail), ending('dropped')), walk);
    case 'RETURN':
      return leaveChain(world, trail, frame, walk, 'return');
    case 'QUEUE': {
      const reason = { dump: null, text: 'the packet goes to a userspace queue' };
      return over(finish(leaveOpen(told(world, trail), [reason]), ending('undetermined')), walk);
    }
  }
}

function jump(
  chain: ReadyChain | null,
  { chain: name, goto }: JumpTarget,
  world: World,
  trail: Trail,
  frame: Frame,
  walk: Walk,
): Task | null {
  if (chain === null || !chain.chain.collected) {
    const dump = walk.ruleset.family === 4 ? 'iptables-save' : 'ip6tables-save';
    const reason = { dump, text: `chain ${name} of table ${walk.cx.table} was not captured` } as const;
    if (walk.cx.assumeUncaptured)
      return onward(assume(world, [{ ...reason, text: `${reason.text}; it is taken to return` }]), trail, frame);
    return over(finish(leaveOpen(told(world, trail), [reason]), ending('undetermined')), walk);
  }
  if (frame.depth > frame.chain.table.byName.size + 1) {
    const reason = { dump: null, text: `jump loop through chain ${name}, which no kernel would load` };
    return over(finish(leaveOpen(told(world, trail), [reason]), ending('looped')), walk);
  }
  const up = goto ? frame.up : frame;
  return { world, trail, frame: { chain, next: 0, up, depth: frame.depth + 1 }, from: 0 };
}

function actionOf(target: KnownTarget | OpaqueTarget, world: World, walk: Walk): TargetAction {
  if (target.kind === 'opaque') {
    const text = `target ${target.name} ${target.text}`.trim();
    return { kind: 'open', because: [{ dump: null, text }] };
  }
  const apply = findTarget(target.name, walk.ruleset.family)?.apply;
  if (apply !== undefined) return apply(target.data, inputOf(world, walk));
  return { kind: 'open', because: [{ dump: null, text: `what -j ${target.name} does is not modelled` }] };
}

function carryOut(action: TargetAction, rule: Rule, world: World, frame: Frame, walk: Walk): Task | null {
  switch (action.kind) {
    case 'accept':
      return over(action.skb === undefined ? world : withPacket(world, action.skb), walk);
    case 'either': {
      const [one, other] = forkOpen(world, action.because);
      const first = carryOut(action.ways[0], rule, one, frame, walk);
      if (first !== null) walk.aside.push(first);
      return carryOut(action.ways[1], rule, other, frame, walk);
    }
    case 'drop':
      return over(finish(world, dropping(action.instead)), walk);
    case 'reject':
      return over(finish(world, ending('rejected', action.with)), walk);
    case 'continue':
      return onward(withPacket(world, action.skb), world.trail, frame);
    case 'notrack':
      return onward(withPacket(world, alter(world.skb, { ctState: 'UNTRACKED', ct: null })), world.trail, frame);
    case 'return':
      return onward(world, world.trail, frame);
    case 'past':
      if (world.skb === walk.given) return over(world, walk);
      return carryOut({ kind: 'open', because: action.because }, rule, world, frame, walk);
    case 'open': {
      const [taken, passed] = forkOpen(world, action.because);
      over(finish(leaveOpen(taken, action.because), ending('undetermined')), walk);
      return onward(passed, world.trail, frame);
    }
    default: {
      const evidence = { span: rule.span, why: 'applies' };
      for (const live of world.end === null ? walk.cx.translate(world, action, evidence) : [world]) over(live, walk);
      return null;
    }
  }
}
