/** Which chains lead to which: what is jumped to cannot be deleted, and no built-in chain may lead round. net/ipv4/netfilter/ip_tables.c. */
import { jumpsOf } from '../netfilter/jumps.js';
import type { Chain } from '../snapshot/xtables.js';

export function isJumpedTo(chains: readonly Chain[], name: string): boolean {
  return chains.some((chain) => jumpsOf(chain).has(name));
}

/** After a jump was put into `from`: does a built-in chain lead into a circle through it? Chains that none leads to may go round. */
export function endlessJump(chains: readonly Chain[], from: string): boolean {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  if (!goesRound(byName, from)) return false;
  return chains.some((chain) => chain.builtin && reaches(byName, chain.name, from));
}

/** Is there a circle among the chains that can be reached from here? */
function goesRound(byName: ReadonlyMap<string, Chain>, start: string): boolean {
  const finished = new Set<string>();
  const way: { readonly name: string; readonly next: string[] }[] = [];
  const enter = (name: string) => way.push({ name, next: [...nextOf(byName, name)] });
  enter(start);
  for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
    const name = top.next.pop();
    if (name === undefined) {
      finished.add(top.name);
      way.pop();
    } else if (way.some((one) => one.name === name)) return true;
    else if (!finished.has(name)) enter(name);
  }
  return false;
}

function reaches(byName: ReadonlyMap<string, Chain>, start: string, wanted: string): boolean {
  const seen = new Set([start]);
  for (const name of seen) {
    if (name === wanted) return true;
    for (const next of nextOf(byName, name)) seen.add(next);
  }
  return false;
}

function nextOf(byName: ReadonlyMap<string, Chain>, name: string): ReadonlySet<string> {
  const chain = byName.get(name);
  return chain === undefined ? new Set() : jumpsOf(chain);
}
