/** The chains that a pasted text names: repairs of names choose among them, and leave alone what is named twice. */
import { builtinChains, tableNames } from '@coldtrace/core';
import { headingOf } from '../statement-words.js';
import type { Statement } from '../statements.js';

export interface NamedChains {
  /** By `:CHAIN`, `-N CHAIN` or a heading. */
  readonly declared: ReadonlySet<string>;
  /** Those, and the ones that rules are added to. */
  readonly present: ReadonlySet<string>;
  /** Jumped to. */
  readonly targets: ReadonlySet<string>;
  /** Names of `present` by their small letters. */
  readonly byCase: ReadonlyMap<string, readonly string[]>;
}

export function chainsNamedIn(list: readonly Statement[]): NamedChains {
  const declared = new Set<string>();
  const appended = new Set<string>();
  const targets = new Set<string>();
  for (const { words } of list) {
    const { text } = words;
    const heading = headingOf(words, 0);
    if (heading !== null) declared.add(heading);
    const [first = ''] = text;
    if (first.startsWith(':') && first.length > 1) declared.add(first.slice(1));
    for (let at = 0; at + 1 < text.length; at++) {
      const next = text[at + 1] ?? '';
      switch (text[at]) {
        case '-N':
        case '--new-chain':
          declared.add(next);
          break;
        case '-A':
        case '--append':
          appended.add(next);
          break;
        case '-j':
        case '-g':
          targets.add(next);
          break;
      }
    }
  }
  const present = new Set([...declared, ...appended]);
  const byCase = new Map<string, string[]>();
  for (const name of present) {
    const key = name.toLowerCase();
    const same = byCase.get(key);
    if (same === undefined) byCase.set(key, [name]);
    else same.push(name);
  }
  return { declared, present, targets, byCase };
}

const builtin: ReadonlySet<string> = new Set(tableNames.flatMap((table) => builtinChains[table]));

/**
 * The chain that a command means when it names one in the wrong case: `-A prerouting`, or the only declared chain that differs in case. Null: it
 * names a chain of its own, as far as the text tells.
 */
export function chainMeant(name: string, { declared, targets, byCase }: NamedChains): string | null {
  if (declared.has(name) || builtin.has(name) || targets.has(name)) return null;
  const others = (byCase.get(name.toLowerCase()) ?? []).filter((other) => other !== name && declared.has(other));
  const upper = name.toUpperCase();
  if (builtin.has(upper)) return others.length === 0 ? upper : null;
  return others.length === 1 ? (others[0] ?? null) : null;
}
