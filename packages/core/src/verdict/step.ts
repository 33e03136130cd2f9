/** What happened to a packet, step by step, each step with the lines it rests on. */
import type { Skb } from '../packet/skb.js';
import type { XtablesVariant } from '../snapshot/xtables.js';
import type { Span } from '../source/span.js';

/** A line of the input, or part of one, that something rests on. */
export interface Evidence {
  readonly span: Span;
  /** What the line shows, as a phrase. */
  readonly why: string;
}

/** Which rule a step is about; `index` counts from 1 within the chain. */
export interface RuleRef {
  readonly table: string;
  readonly chain: string;
  readonly index: number;
}

/** What a step asserts, as data that can be checked again without the search that found it (`replay`). */
export type Claim = {
  /** The packet as it was when the step was taken. */
  readonly packet: Skb;
} & (
  | ({ readonly kind: 'applies'; readonly index: number } & RulesClaim)
  /** None of the rules from `first` to `last`, counted from 1, applies. */
  | ({ readonly kind: 'skipped'; readonly first: number; readonly last: number } & RulesClaim)
  /** The packet left the built-in chain at its end, or by RETURN. */
  | ({ readonly kind: 'policy'; readonly returned: boolean } & RulesClaim)
  /** Something outside of the rules: its lines are its evidence. */
  | { readonly kind: 'told' }
);

interface RulesClaim {
  readonly variant: XtablesVariant | null;
  readonly table: string;
  readonly hook: string;
  readonly chain: string;
}

/** One step of a packet's way, told for people; `claim` has it for programs. */
export interface Step {
  /** The namespace, named as `Place.name` is. */
  readonly node: string;
  /** `nat/PREROUTING`, `routing`, `rp_filter`, `neighbour`, `link`, `socket`, … */
  readonly stage: string;
  /** What happened, as a phrase in English. */
  readonly what: string;
  readonly evidence: readonly Evidence[];
  readonly rule?: RuleRef;
  readonly claim?: Claim;
}
