/** Steps so far as data, newest first: branches share what they have in common, and nothing is put into words before somebody reads it. */
import type { Skb } from '../packet/skb.js';
import type { Chain, Rule, XtablesVariant } from '../snapshot/xtables.js';
import type { RuleRef, Step } from './step.js';
import { tell } from './tell.js';

/** The table and hook whose rules a packet goes through. */
export interface Site {
  readonly place: string;
  readonly table: string;
  readonly hook: string;
  readonly variant: XtablesVariant | null;
}

/** One flat shape for every kind of step: a walk leaves many of them. */
export interface Trail {
  readonly before: Trail | null;
  readonly skb: Skb;
  readonly kind: 'told' | 'applies' | 'skipped' | 'end' | 'return';
  /** Set for what is already said. */
  readonly step: Step | null;
  readonly site: Site | null;
  readonly chain: Chain | null;
  readonly rule: Rule | null;
  /** Rules by index from 0: the one that applies, or the first that does not. */
  readonly from: number;
  /** One past the last rule that does not apply. */
  readonly to: number;
}

export function followTold(before: Trail | null, skb: Skb, step: Step): Trail {
  return { before, skb, kind: 'told', step, site: null, chain: null, rule: null, from: 0, to: 0 };
}

export function followRule(before: Trail | null, skb: Skb, site: Site, chain: Chain, rule: Rule, index: number): Trail {
  return { before, skb, kind: 'applies', step: null, site, chain, rule, from: index, to: index + 1 };
}

export function followSkipped(
  before: Trail | null,
  skb: Skb,
  site: Site,
  chain: Chain,
  from: number,
  to: number,
): Trail {
  return { before, skb, kind: 'skipped', step: null, site, chain, rule: null, from, to };
}

export function followPolicy(
  before: Trail | null,
  skb: Skb,
  site: Site,
  builtin: Chain,
  kind: 'end' | 'return',
): Trail {
  return { before, skb, kind, step: null, site, chain: builtin, rule: null, from: 0, to: 0 };
}

/** The steps in words, oldest first. */
export function stepsOf(trail: Trail | null): readonly Step[] {
  const steps: Step[] = [];
  for (let at = trail; at !== null; at = at.before) steps.push(tell(at));
  return steps.reverse();
}

/** A rule that a packet met, without its words. */
export interface Hit extends RuleRef {
  readonly variant: XtablesVariant | null;
  readonly node: string;
}

/** The rules that applied, oldest first. */
export function hitsOf(trail: Trail | null): readonly Hit[] {
  const hits: Hit[] = [];
  for (let at = trail; at !== null; at = at.before) {
    const hit = hitOf(at);
    if (hit !== null) hits.push(hit);
  }
  return hits.reverse();
}

/** The rule of a step that applied. */
export function hitOf({ kind, site, chain, from }: Trail): Hit | null {
  if (kind !== 'applies' || site === null || chain === null) return null;
  return { node: site.place, variant: site.variant, table: site.table, chain: chain.name, index: from + 1 };
}
