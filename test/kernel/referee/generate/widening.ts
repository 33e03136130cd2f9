/** Something that random cases do not have by themselves: what it adds to the node, and what is asked about it. */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import type { Pool } from './pool.js';

export interface Widened {
  /** After the network, before the rules. */
  readonly network?: readonly Line[];
  /** After the rules, in table order of their own. */
  readonly rules?: readonly Line[];
  /** No random rule is such. */
  readonly without?: RegExp;
  /** Last of all. */
  readonly late?: readonly Line[];
  /** What a probe becomes; replies are left alone. */
  readonly aim?: (probe: ProbeLine) => ProbeLine;
}

export interface Widening {
  readonly name: string;
  readonly make: (pool: Pool, tool: 'legacy' | 'nft', random: Prng) => Widened;
}
