/** Rules of the other variant beside those of the first, as machines have them that were changed over in part. */
import type { TableName } from '@coldtrace/core';
import type { Prng } from '../../../bench/prng.js';
import type { Pool } from './pool.js';
import { ruleLines } from './rules.js';
import type { Widened } from './widening.js';

export function otherVariant(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const variant = tool === 'legacy' ? 'nft' : 'legacy';
  const all: readonly TableName[] = ['filter', 'mangle', 'nat', 'raw'];
  const tables = all.filter(() => random.chance(0.5));
  return { rules: ruleLines(pool, { variant, tables, sets: [], untracked: false, more: false }, random) };
}
