/** What the matches of a rule ask, looked up by name once and not for every packet. `evaluate.ts` asks it. */
import type { Family } from '../inet/ip.js';
import type { Skb } from '../packet/skb.js';
import type { Match, Rule } from '../snapshot/xtables.js';
import { type Tri, unknown } from '../tri.js';
import { complement, type Fraction } from '../verdict/fraction.js';
import type { PacketInput } from './packet-input.js';
import { findMatch } from './registry.js';

/** One match of a rule, as a question about a packet. */
export interface Question {
  readonly match: Match;
  readonly data: unknown;
  readonly test: (data: unknown, input: PacketInput) => Tri;
  /** Is the packet dropped at sight of it? */
  readonly drops: ((data: unknown, input: PacketInput) => Tri) | undefined;
  /** What the kernel remembers of a packet that came as far. */
  readonly remembers: ((data: unknown, input: PacketInput, reached: boolean) => Skb) | undefined;
}

export interface Questions {
  /** In the order of the rule; those that every packet passes are left out. */
  readonly all: readonly Question[];
  /** The share of packets that a rule with `-m statistic --mode random` takes, and the rest; null for rules without chance. */
  readonly shares: readonly [taken: Fraction, rest: Fraction] | null;
  /** One of them makes the kernel remember something of the packet. */
  readonly remember: boolean;
}

const none: Questions = { all: [], shares: null, remember: false };

const known = { 4: new WeakMap<Rule, Questions>(), 6: new WeakMap<Rule, Questions>() };

export function questionsOf(rule: Rule, family: Family): Questions {
  if (rule.matches.length === 0) return none;
  let questions = known[family].get(rule);
  if (questions === undefined) {
    const chance = rule.matches.map((match) => chanceOf(match, family)).find((share) => share !== null) ?? null;
    const all = rule.matches.filter((match) => !asksNothing(match, family)).map((match) => questionOf(match, family));
    questions = {
      all,
      remember: all.some(({ remembers }) => remembers !== undefined),
      shares: chance === null ? null : [chance, complement(chance)],
    };
    known[family].set(rule, questions);
  }
  return questions;
}

export function questionOf(match: Match, family: Family): Question {
  if (match.kind === 'opaque') return openQuestion(match, unknown(`match ${`${match.name} ${match.text}`.trim()}`));
  const def = findMatch(match.name, family);
  const { data } = match;
  if (def?.test === undefined) return openQuestion(match, unknown(`the outcome of -m ${match.name} is not modelled`));
  return { match, data, test: def.test, drops: def.drops, remembers: def.remembers };
}

function asksNothing(match: Match, family: Family): boolean {
  return match.kind === 'known' && findMatch(match.name, family)?.asksNothing === true;
}

function openQuestion(match: Match, answer: Tri): Question {
  return { match, data: null, test: () => answer, drops: undefined, remembers: undefined };
}

function chanceOf(match: Match, family: Family): Fraction | null {
  return match.kind === 'known' ? (findMatch(match.name, family)?.chance?.(match.data) ?? null) : null;
}
