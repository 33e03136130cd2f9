/** Contributions of all files as one snapshot. */
import type { Diagnostic, KubeObject, Node, Snapshot, Span } from '@coldtrace/core';
import { withVariables } from '../kube-config/index.js';
import { contradictionsIn } from './contradictions.js';
import { type Contribution, factsOf } from './contribution.js';
import { lostDevices } from './lost-devices.js';
import { mergeObjects } from './merge-objects.js';
import type { Naming } from './names.js';
import { withNearNames } from './near-names.js';
import { nodeOf } from './node.js';
import { sortIntoNodes } from './owners.js';
import { skewOf } from './times.js';

export interface Assembled {
  readonly nodes: readonly Node[];
  readonly objects: readonly KubeObject[];
  readonly observations: Snapshot['observations'];
  readonly diagnostics: readonly Diagnostic[];
  /** Node and time of capture of each output, by its span. */
  readonly placeOf: ReadonlyMap<Span, PlaceOfOutput>;
}

/** `timeOfFile`: no clock of the machine told the time, only the file's own. */
export interface PlaceOfOutput {
  readonly node: string;
  readonly takenAt: number | null;
  readonly timeOfFile: boolean;
}

export function assemble(contributions: readonly Contribution[], naming: Naming): Assembled {
  // What API objects configure is that of every node, wherever kubectl was typed.
  const objects = objectSpans(contributions);
  const shared = contributions.filter((one) => isOfCluster(one, objects));
  const sorted = sortIntoNodes(
    contributions.filter((one) => !isOfCluster(one, objects)),
    naming,
  );
  const diagnostics: Diagnostic[] = [...sorted.diagnostics];
  const places = new Map<Span, PlaceOfOutput>();
  const cluster = { name: naming.fallback ?? 'cluster', named: false, given: [] };
  const machines = sorted.nodes.length === 0 && shared.length > 0 ? [cluster] : sorted.nodes;
  const nodes = machines.map((parts) => {
    diagnostics.push(...contradictionsIn(parts.name, parts.given));
    const skew = skewOf(parts.name, parts.given);
    if (skew !== null) diagnostics.push(skew);
    for (const { source, timeOfFile = false } of parts.given)
      places.set(source.span, { node: parts.name, takenAt: source.takenAt, timeOfFile });
    const node = nodeOf({ ...parts, given: [...parts.given, ...shared] });
    const host = withNearNames(node.host);
    const others = node.namespaces.map(withNearNames);
    diagnostics.push(...[host, ...others].flatMap((named) => named.diagnostics));
    diagnostics.push(...[host, ...others].flatMap(({ netns }) => lostDevices(parts.name, netns)));
    const daemons = withVariables(node.configs, node.settings);
    diagnostics.push(...daemons.diagnostics);
    return { ...node, configs: daemons.configs, host: host.netns, namespaces: others.map(({ netns }) => netns) };
  });
  return {
    nodes,
    objects: mergeObjects(factsOf(contributions, 'kube-objects').flatMap(({ facts }) => facts.rows)),
    observations: factsOf(sorted.rest, 'observations').flatMap(({ facts }) => facts.rows),
    diagnostics,
    placeOf: places,
  };
}

/** What API objects configure holds wherever they apply: the text of a ConfigMap, the arguments in a DaemonSet. A static Pod is its node's own. */
function isOfCluster({ facts, source }: Contribution, objects: ReadonlySet<Span>): boolean {
  if (facts.kind === 'settings') return objects.has(source.span);
  return (
    facts.kind === 'component-configs' &&
    facts.rows.every((row) => row.origin === 'configmap' || objects.has(source.span))
  );
}

/** Where objects other than Pods were read. */
function objectSpans(contributions: readonly Contribution[]): ReadonlySet<Span> {
  return new Set(
    factsOf(contributions, 'kube-objects')
      .filter(({ facts }) => facts.rows.every(({ kind }) => kind !== 'Pod'))
      .map(({ source }) => source.span),
  );
}
