/** What is known while the statements of a text are read one after another. */
import type { Diagnostic, Family, XtablesVariant } from '@coldtrace/core';
import type { Section } from '../format.js';
import { iptablesProblem } from './codes.js';
import { type Mend, mendDiagnostic } from './repair/mend.js';
import type { NamedChains } from './repair/names.js';
import { newDraft, type RulesetDraft } from './ruleset-draft.js';
import type { Statement } from './statements.js';

export interface RulesState {
  readonly section: Section;
  /** One ruleset per family and variant: command lines of several tools may stand side by side. */
  readonly drafts: Map<string, RulesetDraft>;
  /** What the text, its command or its file is about where a statement names no tool. */
  readonly family: Family;
  readonly variant: XtablesVariant | null;
  /** Chains that the text names; null in a canonical text, where nothing is repaired. */
  readonly chains: NamedChains | null;
  readonly ledger: Uint8Array;
  readonly diagnostics: Diagnostic[];
  /** `*nat` before, or `-t nat` of the command that printed the text; null: the text does not say. */
  table: string | null;
  /** `[KUBE-SVC-X]` before: rule bodies that follow belong to it. */
  chain: string | null;
  /** The text ends within a rule. */
  cutOff: boolean;
  /** Loops and conditions of a shell that are open. */
  depth: number;
}

/** The ruleset that a tool changes; without a tool, the one that the text is about. */
export function draftOf(state: RulesState, tool: string | null): RulesetDraft {
  const family: Family = tool === null ? state.family : tool.includes('ip6tables') ? 6 : 4;
  const named: XtablesVariant | null =
    tool === null ? null : tool.endsWith('-nft') ? 'nft' : tool.endsWith('-legacy') ? 'legacy' : null;
  const variant = named ?? state.variant;
  const key = `${family} ${variant}`;
  const known = state.drafts.get(key);
  if (known !== undefined) return known;
  const draft = newDraft(family, variant);
  state.drafts.set(key, draft);
  return draft;
}

export function spanOf({ section }: RulesState, { start, end }: Pick<Statement, 'start' | 'end'>) {
  return { file: section.file.id, start, end };
}

export function report(
  state: RulesState,
  code: Parameters<typeof iptablesProblem>[0],
  place: Pick<Statement, 'start' | 'end'>,
  data: Record<string, string | number> = {},
): void {
  state.diagnostics.push(iptablesProblem(code, spanOf(state, place), data));
}

/** What was read as what; said only of readings that were taken. */
export function reportMends(state: RulesState, mends: readonly Mend[]): void {
  for (const mend of mends) state.diagnostics.push(mendDiagnostic(state.section.file.id, mend));
}
