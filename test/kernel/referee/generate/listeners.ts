/** Sockets that listen on the node, transparent ones among them, and rules that ask for them. iptables-extensions(8) socket, TPROXY; ip(7). */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { anyDevice, anyHost, type Pool } from './pool.js';
import type { Widened } from './widening.js';

const open = [80, 443, 8080, 53] as const;

export function listeningSockets(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const sockets = Array.from(
    { length: 2 + random.below(4) },
    (): Line => ({ tool: 'listen', text: socket(pool, random) }),
  );
  const rules = Array.from(
    { length: 2 + random.below(3) },
    (): Line => ({ tool, table: 'mangle', text: rule(pool, random) }),
  );
  return { late: sockets, rules, aim: (probe) => elsewhere(probe) };
}

function socket(pool: Pool, random: Prng): string {
  const proto = random.pick(['tcp', 'udp']);
  const own = random.pick(anyDevice(pool, random).own);
  const words = [proto, random.chance(0.5) ? '*' : random.pick([own, anyHost(pool, random)]), random.pick(open)];
  if (random.chance(0.4)) words.push('transparent');
  if (words[1] === '*' && random.chance(0.3)) words.push('both');
  if (random.chance(0.1)) words.push(`%${anyDevice(pool, random).name}`);
  if (proto === 'udp' && random.chance(0.15)) words.push(`>${anyHost(pool, random)}`);
  return words.join(' ');
}

function rule(pool: Pool, random: Prng): string {
  const proto = random.pick(['tcp', 'udp']);
  if (random.chance(0.5)) {
    const flags = ['--transparent', '--nowildcard', '--restore-skmark'].filter(() => random.chance(0.3)).join(' ');
    const chain = random.pick(['PREROUTING', 'PREROUTING', 'INPUT']);
    return `-A ${chain} -p ${proto} -m socket ${flags} -j MARK --set-xmark 0x10/0x10`.replace('  ', ' ');
  }
  const on = random.chance(0.3) ? ` --on-ip ${random.pick(anyDevice(pool, random).own)}` : '';
  const port = random.chance(0.8) ? random.pick(open) : 0;
  return `-A PREROUTING -p ${proto} --dport ${random.pick(open)} -j TPROXY --on-port ${port}${on} --tproxy-mark 0x1/0x1`;
}

/** A port that is listened on cannot be sent from. */
function elsewhere(probe: ProbeLine): ProbeLine {
  const taken = open.some((port) => port === probe.sport);
  return probe.kind === 'output' && taken ? { ...probe, sport: 4001 } : probe;
}
