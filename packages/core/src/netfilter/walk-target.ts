/** What a rule that applies does: its verdict, its jump, or what its target makes of the packet. net/ipv4/netfilter/ip_tables.c ipt_do_table. */
import { alter } from '../packet/skb.js';
import { advance, assume, finish, forkOpen, leaveOpen, type World, withPacket } from '../path/world.js';
import type { JumpTarget, KnownTarget, OpaqueTarget, Rule, StandardTarget } from '../snapshot/xtables.js';
import { ending } from '../verdict/disposition.js';
import type { Trail } from '../verdict/trail.js';
import type { TargetAction } from './action.js';
import { findTarget } from './registry.js';
import { leaveChain } from './walk-leave.js';
import { type Frame, inputOf, type Task, told, type Walk } from './walk-state.js';

/** `trail` has the step already; `task` is where the packet was. */
export function act(task: Task, trail: Trail, rule: Rule, index: number, walk: Walk): void {
  const { world } = task;
  const { chain, up, depth } = task.frame;
  const frame: Frame = { chain, next: index + 1, up, depth };
  const { target } = rule;
  switch (target?.kind) {
    case undefined:
      goOn(world, trail, frame, walk);
      return;
    case 'standard':
      standard(target, world, trail, frame, walk);
      return;
    case 'jump':
      jump(target, world, trail, frame, walk);
      return;
    case 'opaque':
    case 'known':
      carryOut(actionOf(target, world, walk), rule, told(world, trail), frame, walk);
  }
}

function goOn(world: World, trail: Trail | null, frame: Frame, walk: Walk): void {
  walk.tasks.push({ world, trail, frame, from: frame.next });
}

function standard({ verdict }: StandardTarget, world: World, trail: Trail, frame: Frame, walk: Walk): void {
  switch (verdict) {
    case 'ACCEPT':
      walk.done.push(told(world, trail));
      return;
    case 'DROP':
      walk.done.push(finish(told(world, trail), ending('dropped')));
      return;
    case 'RETURN':
      leaveChain(world, trail, frame, walk, 'return');
      return;
    case 'QUEUE': {
      const reason = { dump: null, text: 'the packet goes to a userspace queue' };
      walk.done.push(finish(leaveOpen(told(world, trail), [reason]), ending('undetermined')));
    }
  }
}

function jump({ chain: name, goto }: JumpTarget, world: World, trail: Trail, frame: Frame, walk: Walk): void {
  const chain = walk.chains.get(name);
  if (chain === undefined || !chain.collected) {
    const dump = walk.ruleset.family === 4 ? 'iptables-save' : 'ip6tables-save';
    const reason = { dump, text: `chain ${name} of table ${walk.cx.table} was not captured` } as const;
    if (walk.cx.assumeUncaptured)
      goOn(assume(world, [{ ...reason, text: `${reason.text}; it is taken to return` }]), trail, frame, walk);
    else walk.done.push(finish(leaveOpen(told(world, trail), [reason]), ending('undetermined')));
    return;
  }
  if (frame.depth > walk.chains.size + 1) {
    const reason = { dump: null, text: `jump loop through chain ${name}, which no kernel would load` };
    walk.done.push(finish(leaveOpen(told(world, trail), [reason]), ending('looped')));
    return;
  }
  const up = goto ? frame.up : frame;
  walk.tasks.push({ world, trail, frame: { chain, next: 0, up, depth: frame.depth + 1 }, from: 0 });
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

function carryOut(action: TargetAction, rule: Rule, world: World, frame: Frame, walk: Walk): void {
  switch (action.kind) {
    case 'accept':
      walk.done.push(action.skb === undefined ? world : withPacket(world, action.skb));
      return;
    case 'either': {
      const [one, other] = forkOpen(world, action.because);
      carryOut(action.ways[0], rule, one, frame, walk);
      carryOut(action.ways[1], rule, other, frame, walk);
      return;
    }
    case 'drop':
      walk.done.push(finish(world, ending('dropped')));
      return;
    case 'reject':
      walk.done.push(finish(world, ending('rejected', action.with)));
      return;
    case 'continue':
      goOn(withPacket(world, action.skb), world.trail, frame, walk);
      return;
    case 'notrack':
      goOn(withPacket(world, alter(world.skb, { ctState: 'UNTRACKED', ct: null })), world.trail, frame, walk);
      return;
    case 'return':
      goOn(world, world.trail, frame, walk);
      return;
    case 'open': {
      const [taken, passed] = forkOpen(world, action.because);
      walk.done.push(finish(leaveOpen(taken, action.because), ending('undetermined')));
      goOn(passed, world.trail, frame, walk);
      return;
    }
    default: {
      const evidence = { span: rule.span, why: 'applies' };
      walk.done.push(...advance([world], (live) => walk.cx.translate(live, action, evidence)));
    }
  }
}
