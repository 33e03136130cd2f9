/** One way a connection can go. Its steps are put into words when somebody reads them: most connections are only asked whether they work. */
import type { Ip } from '../inet/ip.js';
import type { Reason } from '../tri.js';
import type { Disposition } from '../verdict/disposition.js';
import type { Fraction } from '../verdict/fraction.js';
import type { Step } from '../verdict/step.js';
import { stepsOf, type Trail } from '../verdict/trail.js';
import { firstLap } from './circle.js';

export interface FinalPacket {
  readonly node: string;
  readonly iface: string | null;
  readonly src: Ip;
  readonly dst: Ip;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly mark: number;
}

export interface Reply {
  readonly disposition: Disposition;
  readonly steps: readonly Step[];
}

export interface Outcome {
  readonly probability: Fraction;
  readonly assumptions: readonly Reason[];
  /** What leaves it open; empty unless its disposition, or that of the answer, is undetermined. */
  readonly because: readonly Reason[];
  readonly disposition: Disposition;
  readonly rejectWith: string | null;
  readonly final: FinalPacket;
  readonly steps: readonly Step[];
  /** null: no answer is due (dropped, rejected), or the outcome is open. */
  readonly reply: Reply | null;
}

type StepsWhenAsked = () => readonly Step[];

/** Told once; the trail can go then. */
export function stepsLater(trail: Trail | null, disposition: Disposition): StepsWhenAsked {
  let left = trail;
  let told: readonly Step[] | null = null;
  return () => {
    told ??= disposition === 'looped' ? firstLap(stepsOf(left)) : stepsOf(left);
    left = null;
    return told;
  };
}

export function outcomeWith(known: Omit<Outcome, 'steps'>, steps: StepsWhenAsked): Outcome {
  const { probability, assumptions, because, disposition, rejectWith, final, reply } = known;
  return {
    probability,
    assumptions,
    because,
    disposition,
    rejectWith,
    final,
    get steps() {
      return steps();
    },
    reply,
  };
}

/** The outcome with some of its fields changed; a spread would have its steps told. */
export function alterOutcome(outcome: Outcome, changed: Partial<Omit<Outcome, 'steps'>>): Outcome {
  const { probability, assumptions, because, disposition, rejectWith, final, reply } = outcome;
  const known = { probability, assumptions, because, disposition, rejectWith, final, reply, ...changed };
  return outcomeWith(known, () => outcome.steps);
}

export function replyWith(disposition: Disposition, steps: StepsWhenAsked): Reply {
  return {
    disposition,
    get steps() {
      return steps();
    },
  };
}
