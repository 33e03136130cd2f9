/** Packets handed to queues: of those that nobody listens on the kernel decides itself. iptables-extensions(8) NFQUEUE. */
import { builtinChains, type TableName, tableNames } from '@coldtrace/core';
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyPrefix, type Pool } from './pool.js';
import type { Widened } from './widening.js';

/** What nat rules hand to a queue stays open. */
const places: readonly [readonly [TableName, string], ...(readonly [TableName, string])[]] = [
  ['raw', 'PREROUTING'],
  ...tableNames
    .filter((table) => table !== 'nat')
    .flatMap((table) => builtinChains[table].map((hook) => [table, hook] as const)),
];

/** A program listens on this one. */
const taken = 5;

export function queuedPackets(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const rules = Array.from({ length: 3 + random.below(5) }, (): Line => {
    const [table, chain] = random.pick(places);
    return { tool, table, text: `-A ${chain} ${whom(pool, random)}-j NFQUEUE ${queue(random)}` };
  });
  const listener: readonly Line[] = random.chance(0.5) ? [{ tool: 'listen', text: `queue * ${taken}` }] : [];
  return { rules, late: listener };
}

function whom(pool: Pool, random: Prng): string {
  const proto = random.pick(['', 'tcp', 'udp', 'sctp']);
  const port = proto !== '' && random.chance(0.4) ? `--dport ${random.pick([53, 80, 443, 8080])} ` : '';
  return `${proto === '' ? '' : `-p ${proto} `}${random.chance(0.4) ? `-s ${anyPrefix(pool, random)} ` : ''}${port}`;
}

function queue(random: Prng): string {
  const number = random.chance(0.06) ? taken : random.pick([0, 1, 4, 6, 65535]);
  const where = random.pick([`--queue-num ${number}`, `--queue-num ${number}`, '--queue-balance 0:3', '']);
  const fanout = where.includes('balance') && random.chance(0.3) ? ' --queue-cpu-fanout' : '';
  return `${where}${fanout}${random.chance(0.6) ? ' --queue-bypass' : ''}`.trim();
}
