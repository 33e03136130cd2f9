/** Contributions of all files as one snapshot. */
import type { Diagnostic, KubeObject, Node, Snapshot, Span } from '@coldtrace/core';
import { type Contribution, factsOf } from './contribution.js';
import { mergeObjects } from './merge-objects.js';
import type { Naming } from './names.js';
import { nodeOf } from './node.js';
import { sortIntoNodes } from './owners.js';
import { skewOf } from './times.js';

export interface Assembled {
  readonly nodes: readonly Node[];
  readonly objects: readonly KubeObject[];
  readonly observations: Snapshot['observations'];
  readonly diagnostics: readonly Diagnostic[];
  /** Node and time of capture of each output, by its span. */
  readonly placeOf: ReadonlyMap<Span, { readonly node: string; readonly takenAt: number | null }>;
}

export function assemble(contributions: readonly Contribution[], naming: Naming): Assembled {
  const sorted = sortIntoNodes(contributions, naming);
  const diagnostics: Diagnostic[] = [...sorted.diagnostics];
  const places = new Map<Span, { readonly node: string; readonly takenAt: number | null }>();
  const shared = sorted.rest.filter((one) => one.facts.kind === 'component-configs');
  const nodes = sorted.nodes.map((parts) => {
    const skew = skewOf(parts.name, parts.given);
    if (skew !== null) diagnostics.push(skew);
    for (const one of parts.given) places.set(one.source.span, { node: parts.name, takenAt: one.source.takenAt });
    // The configuration in a ConfigMap is that of every node.
    return nodeOf({ ...parts, given: [...parts.given, ...shared] });
  });
  return {
    nodes,
    objects: mergeObjects(factsOf(contributions, 'kube-objects').flatMap(({ facts }) => facts.rows)),
    observations: factsOf(sorted.rest, 'observations').flatMap(({ facts }) => facts.rows),
    diagnostics,
    placeOf: places,
  };
}
