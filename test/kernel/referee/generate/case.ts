/** A random case: its taste is drawn first, so that cases differ in kind. */
import { type TableName, tableNames } from '@coldtrace/core';
import { type Prng, prng } from '../../../bench/prng.js';
import type { Case } from '../case.js';
import { networkLines } from './network.js';
import { makePool } from './pool.js';
import { randomProbes } from './probes.js';
import { ruleLines } from './rules.js';
import { makeSets } from './sets.js';

export interface CaseWish {
  readonly family?: 4 | 6;
  readonly probes: number;
  /** All cases are to have it. */
  readonly feature?: string | undefined;
}

export function randomCase(seed: number, wish: CaseWish): Case {
  const random = prng(seed);
  const family = wish.family ?? (random.chance(0.62) ? 4 : 6);
  const pool = makePool(random, family);
  const variant = random.chance(0.5) ? 'legacy' : 'nft';
  const taste = { rules: random.chance(0.4), sysctls: random.chance(0.4), routes: random.chance(0.5) };
  const withSets = random.chance(0.45);
  const untracked = random.chance(0.2);
  const sets = withSets ? makeSets(pool, random) : { lines: [], made: [] };
  const more = random.chance(0.15);
  const tables = tablesOf(untracked, random);
  const rules = ruleLines(pool, { variant, tables, sets: sets.made, untracked, more }, random);
  const features = [
    `IPv${family}`,
    variant,
    ...(withSets ? ['sets'] : []),
    ...(taste.rules ? ['ip rules'] : []),
    ...(taste.routes ? ['routes'] : []),
    ...(taste.sysctls ? ['sysctls'] : []),
    ...(untracked ? ['no conntrack'] : []),
    ...(more ? ['more matches'] : []),
    ...tables.map((table) => `table ${table}`),
  ];
  return {
    name: `seed-${seed}`,
    family,
    features,
    devices: pool.devices.map(({ name, mac }) => [name, mac] as const),
    setup: [...networkLines(pool, taste, random), ...sets.lines, ...rules],
    probes: randomProbes(pool, { fragments: untracked }, wish.probes, random),
  };
}

function tablesOf(untracked: boolean, random: Prng): readonly TableName[] {
  const share: Readonly<Record<TableName, number>> = { filter: 0.9, nat: 0.7, mangle: 0.6, raw: 0.35, security: 0.15 };
  return tableNames.filter((name) => !(untracked && name === 'nat') && random.chance(share[name]));
}
