/** What one output contributes, with where it was printed and when: the unit that assembly sorts into nodes. */
import type { Chain, Facts, FactsKind, FactsOf, FileId, Provenance } from '@coldtrace/core';
import type { Where } from '../detect/piece.js';

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

/** The facts of an output that a filter has thinned out: they speak for none of their kind but themselves. */
export function thinned(facts: Facts): Facts {
  if (facts.kind === 'sockets') return { ...facts, complete: false, listens: [], connected: [] };
  if (facts.kind === 'ipsets') {
    return { ...facts, complete: false, rows: facts.rows.map((row) => ({ ...row, complete: false })) };
  }
  if (facts.kind !== 'ruleset') return facts.complete ? { ...facts, complete: false } : facts;
  const { ruleset } = facts;
  const tables = ruleset.tables.map((table) => ({ ...table, complete: false, chains: table.chains.map(inPart) }));
  return { kind: 'ruleset', ruleset: { ...ruleset, complete: false, tables } };
}

/** Of a chain that shows no rule now nothing is known, of any other what none of its rules decides. */
function inPart(chain: Chain): Chain {
  if (!chain.collected) return chain;
  return chain.rules.length === 0 ? { ...chain, collected: false } : { ...chain, partial: true };
}
