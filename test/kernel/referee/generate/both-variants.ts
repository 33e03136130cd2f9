/** Rules of the other variant in one table beside those of the first, as machines have them that were changed over in part. In more of them nothing but their order would be asked, which no dump tells. */
import type { TableName } from '@coldtrace/core';
import type { Prng } from '../../../bench/prng.js';
import type { Pool } from './pool.js';
import { ruleLines } from './rules.js';
import type { Widened } from './widening.js';

export function otherVariant(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const variant = tool === 'legacy' ? 'nft' : 'legacy';
  const tables: readonly TableName[] = [random.pick(['filter', 'mangle', 'nat', 'raw'])];
  return { rules: ruleLines(pool, { variant, tables, sets: [], untracked: false, more: false }, random) };
}
