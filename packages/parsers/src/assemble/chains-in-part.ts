/** Chains of an output of which lines are missing: before which of their rules others may have stood. iptables-save prints the rules of a chain in one run. */
import type { Chain, Span, Table } from '@coldtrace/core';

/** `left`: the marks that stand where lines were left out; null where a filter may have taken any. */
export function chainsInPart({ chains }: Table, left: readonly Span[] | null): readonly Chain[] {
  const places = chains.map(startsOf);
  const inRuns = left !== null && standInRuns(places);
  return chains.map((chain, at) => {
    if (!chain.collected) return chain;
    // Of a chain that shows no rule now nothing is known, of any other what none of its rules decides.
    if (chain.rules.length === 0) return { ...chain, collected: false };
    const starts = places[at] ?? [];
    const gaps = left === null ? [0] : inRuns ? gapsOf(chain, starts, left, places) : left.length > 0 ? [0] : [];
    const known = chain.gaps ?? [];
    return { ...chain, partial: true, gaps: [...new Set([...known, ...gaps])].sort((one, other) => one - other) };
  });
}

function startsOf({ rules }: Chain): readonly number[] {
  return Array.from({ length: rules.length }, (_, at) => rules.at(at)?.span.start ?? 0);
}

/** Each chain's rules stand in the order of the text, and those of no other chain between them. */
function standInRuns(places: readonly (readonly number[])[]): boolean {
  const runs = places.filter((starts) => starts.length > 0).sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0));
  let last = -1;
  for (const start of runs.flat()) {
    if (start < last) return false;
    last = start;
  }
  return true;
}

/** A mark stands before the first rule that follows it, unless the chain is declared or another chain's rules stand between them. */
function gapsOf(
  { span }: Chain,
  starts: readonly number[],
  left: readonly Span[],
  places: readonly (readonly number[])[],
): readonly number[] {
  const first = starts[0] ?? 0;
  const before = places.flat().filter((start) => start < first);
  const begins = before.reduce((latest, start) => Math.max(latest, start), -1);
  return left.flatMap(({ start }) => {
    const gap = starts.findIndex((one) => one > start);
    const isOfOthers = gap === 0 && (start < begins || (span !== null && start < span.start));
    return gap < 0 || isOfOthers ? [] : [gap];
  });
}
