/** What a probe is answered, and what the simulator keeps of it for a reply. */

import type { Skb } from '../packet/skb.js';
import { draftWorld, newWorld, type World } from '../path/world.js';
import type { ProbeAnswer } from './answer.js';
import { type Folded, foldLeaves, type Leaf } from './fold.js';
import { type Asked, endedOf } from './world-answer.js';

/** A way that the packet can have gone. */
export interface Way {
  readonly world: World;
  readonly asked: Asked;
}

/** An answer, and the ways the packet can have gone: a reply goes on from there. */
export interface Probed {
  readonly folded: Folded;
  readonly ways: readonly Way[];
}

export function begin(skb: Skb): World {
  const world = draftWorld(newWorld(skb));
  world.probed = true;
  return world;
}

export function only(answer: ProbeAnswer): Probed {
  return { folded: { kind: 'one', answer }, ways: [] };
}

export function settled(ways: readonly Way[]): Probed {
  const leaves = ways.map(({ world, asked }) => leafOf(world, endedOf(asked, world)));
  return { folded: foldLeaves(leaves), ways };
}

export function leafOf({ choices, weight, assumptions }: World, ended: Leaf['ended']): Leaf {
  return { choices, weight, assumptions, ended };
}

/** Worlds that began as one packet. */
export function allAlike(asked: Asked, worlds: readonly World[]): readonly Way[] {
  return worlds.map((world) => ({ world, asked }));
}
