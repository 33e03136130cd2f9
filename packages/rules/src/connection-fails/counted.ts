/** What the counters of the rule or policy that ends a connection say: packets have ended there. iptables-save(8), `-c`. */
import type { Evidence, Snapshot, Step } from '@coldtrace/core';
import { tablesNamed } from '../facts/table-rules.js';

/** The lines, with the count where it is known and not zero. */
export function withCount({ nodes }: Snapshot, last: Step | null, evidence: readonly Evidence[]): readonly Evidence[] {
  const count = last === null ? null : countOf(nodes, last);
  const [line, ...rest] = evidence;
  if (line === undefined || count === null || count === 0) return evidence;
  const why = `${line.why}; ${count} packet${count === 1 ? ' has' : 's have'} met it`;
  return [{ ...line, why }, ...rest];
}

function countOf(nodes: Snapshot['nodes'], { node: place, claim }: Step): number | null {
  if (claim === undefined || (claim.kind !== 'applies' && claim.kind !== 'policy')) return null;
  const node = nodes.find(({ name }) => name === place);
  if (node === undefined) return null;
  const tables = tablesNamed(node.host, claim.packet.family, claim.table).filter(
    ({ ruleset }) => claim.variant === null || ruleset.variant === null || ruleset.variant === claim.variant,
  );
  const [chain, another] = tables.flatMap(({ table }) => table.chains.find(({ name }) => name === claim.chain) ?? []);
  if (chain === undefined || another !== undefined) return null;
  const counters = claim.kind === 'policy' ? chain.counters : chain.rules.at(claim.index - 1)?.counters;
  return counters?.packets ?? null;
}
