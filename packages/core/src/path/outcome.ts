/** One way a connection can go. Its steps are put into words when somebody reads them: most connections are only asked whether they work. */
import type { Ip } from '../inet/ip.js';
import type { Reason } from '../tri.js';
import type { Disposition } from '../verdict/disposition.js';
import type { Fraction } from '../verdict/fraction.js';
import type { Step } from '../verdict/step.js';
import { stepsOf, type Trail } from '../verdict/trail.js';
import { firstLap } from './circle.js';

/** The packet where its way ends, with what rules made of it. */
export interface FinalPacket {
  /** The namespace, named as `Place.name` is. */
  readonly node: string;
  /** Device that it left by, else came in by. */
  readonly iface: string | null;
  readonly src: Ip;
  readonly dst: Ip;
  readonly sport: number | null;
  readonly dport: number | null;
  /** Of the packet (`skb->mark`), not of its connection. */
  readonly mark: number;
}

/** The way of the answer, from whom the packet reached back to who asked. */
export interface Reply {
  readonly disposition: Disposition;
  readonly steps: readonly Step[];
}

/** One way that the connection can go, there and back. */
export interface Outcome {
  /** Exact; those of all outcomes of one trace sum to 1. */
  readonly probability: Fraction;
  /** What was not captured and was taken for granted (`AssumeMode`); with one the outcome is likely, not proven. */
  readonly assumptions: readonly Reason[];
  /** What leaves it open; empty unless its disposition, or that of the answer, is undetermined. */
  readonly because: readonly Reason[];
  readonly disposition: Disposition;
  /** `tcp-reset`, `icmp 3/13`, `icmpv6 1/4`; null unless something was sent back. */
  readonly rejectWith: string | null;
  readonly final: FinalPacket;
  /** In order. Put into words when they are first read, which a caller who wants the disposition alone never pays for. */
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
