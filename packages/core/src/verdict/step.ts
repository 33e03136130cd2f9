/** What happened to a packet, step by step, each step with the lines it rests on. */
import type { Span } from '../source/span.js';

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

export interface Step {
  readonly node: string;
  /** `nat/PREROUTING`, `routing`, `rp_filter`, `neighbour`, `link`, `socket`, … */
  readonly stage: string;
  readonly what: string;
  readonly evidence: readonly Evidence[];
  readonly rule?: RuleRef;
}

/** Steps so far, newest first: branches share what they have in common. */
export interface Trail {
  readonly step: Step;
  readonly before: Trail | null;
}

export function follow(trail: Trail | null, step: Step): Trail {
  return { step, before: trail };
}

export function stepsOf(trail: Trail | null): readonly Step[] {
  const steps: Step[] = [];
  for (let at = trail; at !== null; at = at.before) steps.push(at.step);
  return steps.reverse();
}
