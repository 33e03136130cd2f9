/** What a fault is: a change of the commands that make a cluster. */
import type { Prng } from '../../../../bench/prng.js';
import { restoreLines } from '../../../referee/generate/shapes/shape.js';
import type { Connection, PlacedLine } from '../../case.js';
import { outside, router } from '../network.js';
import type { Plan, PlannedNode, PlannedPod } from '../plan.js';

type Setup = readonly PlacedLine[];
export type Change = (setup: Setup) => Setup;

export interface Scene {
  readonly plan: Plan;
  readonly connections: readonly Connection[];
  readonly random: Prng;
}

/** null: this cluster cannot have it. */
export type Fault = (scene: Scene) => Change | null;

export const later =
  (...lines: readonly PlacedLine[]): Change =>
  (setup) => [...setup, ...lines];

export const without =
  (isGone: (line: PlacedLine) => boolean): Change =>
  (setup) =>
    setup.filter((line) => !isGone(line));

/** Rules of one table, behind the others of that namespace: each load of a table empties it first. */
export function withRules(at: string, tool: 'legacy' | 'nft', table: string, texts: readonly string[]): Change {
  const lines = restoreLines(tool, [`*${table}`, ...texts].join('\n')).map((line) => ({ ...line, at }));
  return (setup) => {
    const last = setup.findLastIndex((line) => line.at === at && line.tool === tool && line.family === undefined);
    return last < 0 ? [...setup, ...lines] : [...setup.slice(0, last + 1), ...lines, ...setup.slice(last + 1)];
  };
}

export const all =
  (...changes: readonly Change[]): Change =>
  (setup) =>
    changes.reduce((sum, change) => change(sum), setup);

export function anyNode({ plan: { nodes }, random }: Scene): PlannedNode {
  return nodes[random.below(nodes.length)] ?? nodes[0];
}

export function anotherNode(scene: Scene, node: PlannedNode): PlannedNode {
  const others = scene.plan.nodes.filter((other) => other !== node);
  return others[scene.random.below(others.length)] ?? node;
}

export function anyPod({ random }: Scene, { pods }: PlannedNode): PlannedPod | null {
  return pods[random.below(pods.length)] ?? null;
}

/** A node mostly; else a pod of it, the router, the host outside. */
export function anySpace(scene: Scene): string {
  const { plan, random } = scene;
  const node = anyNode(scene);
  const roll = random.below(10);
  if (roll < 7) return node.name;
  if (roll < 8) return anyPod(scene, node)?.space ?? node.name;
  return roll < 9 && plan.router !== null ? router : outside;
}

/** Devices of a node. */
export function devicesOf({ plan: { family, backend }, random }: Scene, { style, pods }: PlannedNode): string {
  const tunnel = family === 4 ? 'flannel.1' : 'flannel-v6.1';
  const near = style === 'bridge' ? ['cni0'] : [];
  return random.pick(['eth0', ...near, ...pods.map(({ dev }) => dev), ...(backend === 'vxlan' ? [tunnel] : [])] as [
    string,
    ...string[],
  ]);
}
