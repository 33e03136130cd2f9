/** The end of a chain, or RETURN: back to the caller; in the built-in chain the policy decides. net/ipv4/netfilter/ip_tables.c ipt_do_table. */
import { assume, finish, leaveOpen, type World, withTrail } from '../path/world.js';
import type { Chain, Ruleset, Table } from '../snapshot/xtables.js';
import { ending } from '../verdict/disposition.js';
import { followPolicy, type Trail } from '../verdict/trail.js';
import { strandedChain } from './jumps.js';
import { type Frame, over, type Task, told, type Walk, type WalkContext } from './walk-state.js';

export function leaveChain(
  world: World,
  trail: Trail | null,
  frame: Frame,
  walk: Walk,
  why: 'end' | 'return',
): Task | null {
  const { up } = frame;
  const { chain } = frame.chain;
  const isKnown = why === 'return' || (chain.collected && chain.partial !== true);
  const whole = isKnown ? world : beyondPart(world, chain, walk);
  if (whole.end !== null) return over(told(whole, trail), walk);
  if (up !== null) return { world: whole, trail, frame: up, from: up.next };
  return over(askPolicy(told(whole, trail), walk, why), walk);
}

function askPolicy(before: World, { cx, builtin }: Walk, why: 'end' | 'return'): World {
  const { chain } = builtin;
  const { policy } = chain;
  const world = before.probed ? before : withTrail(before, followPolicy(before.trail, before.skb, cx, chain, why));
  if (policy === 'ACCEPT') return world;
  if (policy === 'DROP') return finish(world, ending('dropped'));
  const reason = {
    dump: 'iptables-save',
    text: `policy of chain ${chain.name} in table ${cx.table} was not captured`,
  } as const;
  if (cx.assumeUncaptured) return assume(world, [{ ...reason, text: `${reason.text}; taken to be ACCEPT` }]);
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}

/** None of the captured rules so far applies, and the chain may have had others before what follows. */
export function beyondPart(world: World, chain: Chain, { cx, ruleset }: Walk): World {
  const text = `chain ${chain.name} of table ${cx.table} was captured in part`;
  return openOr(world, ruleset, cx, text, 'no other rule of it is taken to apply');
}

/** A table of which other chains were captured. Where one of them is entered from nowhere, this one is not taken to be empty. */
export function absentChain(world: World, ruleset: Ruleset, table: Table, cx: WalkContext): World {
  const text = `chain ${cx.hook} of table ${cx.table} was not captured`;
  if (table.unread?.includes(cx.hook) === true) {
    const reason = {
      dump: dumpOf(ruleset),
      text: `the rules of ${text.replace('was', 'were')}, and the table has some`,
    };
    return finish(leaveOpen(world, [reason]), ending('undetermined'));
  }
  const stranded = cx.assumeUncaptured ? strandedChain(table) : null;
  if (stranded === null) return openOr(world, ruleset, cx, text, 'taken to be empty');
  const reason = { dump: dumpOf(ruleset), text: `${text}, and none of the captured rules leads to ${stranded.name}` };
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}

function dumpOf({ family }: Ruleset): 'iptables-save' | 'ip6tables-save' {
  return family === 4 ? 'iptables-save' : 'ip6tables-save';
}

function openOr(world: World, ruleset: Ruleset, cx: WalkContext, text: string, taken: string): World {
  const dump = dumpOf(ruleset);
  if (cx.assumeUncaptured) return assume(world, [{ dump, text: `${text}; ${taken}` }]);
  return finish(leaveOpen(world, [{ dump, text }]), ending('undetermined'));
}
