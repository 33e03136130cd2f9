/** What the tests of the IP set formats share. */
import type { Facts, IpSet } from '@coldtrace/core';
import type { Parsed } from '../format.js';

export function setsOf(parsed: Parsed<readonly Facts[]>): readonly IpSet[] {
  return parsed.value.flatMap((facts) => (facts.kind === 'ipsets' ? facts.rows : []));
}

/** A set without what `ipset save` hides and without the places in the text. */
export function asSave(set: IpSet) {
  const elements = set.elements.map(({ span: _, ...element }) => element);
  const { span: _, revision: _revision, references: _references, ...rest } = set;
  return { ...rest, elements };
}
