/** What one output contributes, with where it was printed and when: the unit that assembly sorts into nodes. */
import type { Facts, FactsKind, FactsOf, FileId, Provenance, Span } from '@coldtrace/core';
import type { Where } from '../detect/piece.js';
import { chainsInPart } from './chains-in-part.js';

export interface Contribution {
  readonly facts: Facts;
  readonly source: Provenance;
  readonly where: Where;
  readonly file: FileId;
  readonly path: string;
  /** Its time of capture is only that of its file, which copying and packing change. */
  readonly timeOfFile?: boolean;
  /** The file was pasted by hand, so that its lines may come from several machines. */
  readonly freeForm: boolean;
}

/** All that one output contributes: it comes from one machine. */
export type Output = readonly [Contribution, ...Contribution[]];

export function factsOf<Kind extends FactsKind>(
  contributions: readonly Contribution[],
  kind: Kind,
): readonly (Contribution & { readonly facts: FactsOf<Kind> })[] {
  return contributions.filter(
    (one): one is Contribution & { readonly facts: FactsOf<Kind> } => one.facts.kind === kind,
  );
}

/** Kinds that show a machine: a directory or text that holds one of them describes a node. */
const aboutNothingInParticular: ReadonlySet<FactsKind> = new Set([
  'kube-objects',
  'observations',
  'date',
  'netns-names',
]);

export function showsNode(facts: Facts): boolean {
  return !aboutNothingInParticular.has(facts.kind);
}

/**
 * The facts of an output of which lines are missing: they speak for none of their kind but themselves. `left`: the marks that stand where lines were left
 * out; null where a filter may have taken any.
 */
export function thinned(facts: Facts, left: readonly Span[] | null = null): Facts {
  if (facts.kind === 'sockets') return { ...facts, complete: false, listens: [], connected: [] };
  if (facts.kind === 'ipsets') {
    return { ...facts, complete: false, rows: facts.rows.map((row) => ({ ...row, complete: false })) };
  }
  if (facts.kind !== 'ruleset') return facts.complete ? { ...facts, complete: false } : facts;
  const { ruleset } = facts;
  const tables = ruleset.tables.map((table) => ({ ...table, complete: false, chains: chainsInPart(table, left) }));
  return { kind: 'ruleset', ruleset: { ...ruleset, complete: false, tables } };
}
