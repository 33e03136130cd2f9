/** Sets that rules change while the packet is on its way, each change followed by rules that ask. iptables-extensions(8) SET. */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import type { Pool } from './pool.js';
import { setPart } from './rule-parts.js';
import { setTarget } from './rule-targets.js';
import { makeSets } from './sets.js';
import type { Widened } from './widening.js';

const places = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const;

export function changingSets(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const sets = makeSets(pool, random);
  const rules: Line[] = places.map((chain) => ({ tool, table: 'mangle', text: `:${chain} ACCEPT [0:0]` }));
  for (const hook of places) {
    const place = { pool, table: 'mangle', hooks: [hook], sets: sets.made, random } as const;
    for (let more = 0; more < 4; more++) {
      rules.push({ tool, table: 'mangle', text: `-A ${hook} ${setTarget(place)}` });
      rules.push({ tool, table: 'mangle', text: `-A ${hook} ${setPart(sets.made, random)}` });
    }
  }
  return { network: sets.lines, rules };
}
