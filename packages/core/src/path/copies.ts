/** Copies of one frame, taken in one order or another. */
import type { Skb } from '../packet/skb.js';
import { hitsOf } from '../verdict/trail.js';
import type { World } from './world.js';

/** The same rules counted it, and it is the same packet but for the fields that tell by which device it went. */
export function sameCount(some: readonly World[], others: readonly World[], aside: Partial<Skb>): boolean {
  const key = ({ trail, skb, end }: World) => {
    const hits = hitsOf(trail).map(({ table, chain, index, variant }) => `${table} ${chain} ${index} ${variant}`);
    return JSON.stringify([hits.sort(), { ...skb, ...aside }, end]);
  };
  return some.length === others.length && some.every((world, index) => key(world) === key(others[index] ?? world));
}
