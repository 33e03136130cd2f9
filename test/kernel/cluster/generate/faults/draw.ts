/** Four clusters in five have one fault or two. */
import type { PlacedLine } from '../../case.js';
import type { Change, Scene } from './fault.js';
import { linkFaults } from './links.js';
import { listenerFaults } from './listeners.js';
import { routeFaults } from './routes.js';
import { ruleFaults } from './rules.js';

const groups = [routeFaults, ruleFaults, linkFaults, listenerFaults] as const;
const faults = groups.flatMap((group) => Object.entries(group));

export interface Broken {
  /** Names of the faults. */
  readonly features: readonly string[];
  readonly setup: readonly PlacedLine[];
}

export function drawFaults(scene: Scene, setup: readonly PlacedLine[]): Broken {
  const count = scene.random.pick([0, 1, 1, 2, 2]);
  const changes: Change[] = [];
  const features: string[] = [];
  for (let at = 0; at < count; at++) {
    const [name, fault] = faults[scene.random.below(faults.length)] ?? ['', () => null];
    const change = fault(scene);
    if (change === null) continue;
    changes.push(change);
    features.push(`fault: ${name}`);
  }
  return {
    features: features.length === 0 ? ['no fault'] : [...new Set(features)],
    setup: changes.reduce((sum, change) => change(sum), setup),
  };
}
