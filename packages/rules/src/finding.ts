/** What a rule can say: a fault with its proof and its remedy, or that it could not tell, and why. */
import type { DumpId, Evidence, Severity, Step } from '@coldtrace/core';

/**
 * - `proven`: the snapshot entails it
 * - `likely`: it rests on a named assumption, or on text that was repaired
 * - `possible`: a named dump that is missing would settle it
 */
export type Certainty = 'proven' | 'likely' | 'possible';

/** From the surest on. */
export const certainties: readonly Certainty[] = ['proven', 'likely', 'possible'];

/** From the gravest on. */
export const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** One command of a fix. */
export interface FixStep {
  /** Node to run it on; null: anywhere with access to the cluster. */
  readonly node: string | null;
  readonly command: string;
  /** What it interrupts while it takes effect. */
  readonly disrupts: string;
  /** The command that takes it back, or in words why none is needed. */
  readonly undo: string;
}

/** What mends the fault, step by step, in this order. */
export interface Fix {
  readonly steps: readonly FixStep[];
  /** How to make it last past a reboot. */
  readonly persist: string;
  readonly notes: string;
  /** True or false: simulated. null: it depends on a daemon's reaction and cannot be simulated. */
  readonly verified: boolean | null;
  /** Findings whose fixes must be carried out before this one: alone, it would not help yet, or would break what works now. */
  readonly after?: readonly Pick<Finding, 'rule' | 'node' | 'fingerprint'>[];
}

/** A fault with its proof. */
export interface Finding {
  /** Id of the rule. */
  readonly rule: string;
  readonly severity: Severity;
  readonly certainty: Certainty;
  /** From rule, node and subject only: stable over captures. */
  readonly fingerprint: string;
  /** null: the cluster. */
  readonly node: string | null;
  /** What the fault is about, in words that stay the same over captures; part of the fingerprint. */
  readonly subject: string;
  readonly message: string;
  /** What the message says, for programs. */
  readonly data: Readonly<Record<string, string | number>>;
  readonly evidence: readonly Evidence[];
  /** Named assumptions that keep it from being proven. */
  readonly assumptions: readonly string[];
  /** The way of the packet that shows it, where one does; else empty. */
  readonly path: readonly Step[];
  /** null: the rule knows none. */
  readonly fix: Fix | null;
  /** Findings of symptom rules that this one explains; they are not listed on their own. */
  readonly symptoms: readonly Finding[];
}

/** What a rule could not tell. Neither a finding nor a pass. */
export interface NotEvaluated {
  readonly rule: string;
  /** null: the cluster. */
  readonly node: string | null;
  /** Dumps that are missing. */
  readonly needs: readonly DumpId[];
  /** Command that collects what is missing. */
  readonly collect: string;
  /** Why it could not be evaluated when no dump would help. */
  readonly because: string | null;
  /** The rest was evaluated. */
  readonly partial?: true;
}
