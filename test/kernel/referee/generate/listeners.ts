/** Sockets that listen on the node, transparent ones among them, and rules that ask for them. iptables-extensions(8) socket, TPROXY; ip(7). */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { anyDevice, anyHost, type Pool } from './pool.js';
import type { Widened } from './widening.js';

const open = [80, 443, 8080, 53] as const;

export function listeningSockets(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const sockets = Array.from({ length: 2 + random.below(4) }, (): Line => {
    const where = random.chance(0.5)
      ? '*'
      : random.pick([random.pick(anyDevice(pool, random).own), anyHost(pool, random)]);
    const kind = random.chance(0.4) ? ' transparent' : '';
    return { tool: 'listen', text: `${random.pick(['tcp', 'udp'])} ${where} ${random.pick(open)}${kind}` };
  });
  const rules = Array.from(
    { length: 2 + random.below(3) },
    (): Line => ({ tool, table: 'mangle', text: rule(pool, random) }),
  );
  // As on every node somebody waits for TCP: by that the listing shows that it was asked for those who wait.
  return { late: [{ tool: 'listen', text: 'tcp * 22' }, ...sockets], rules, aim: (probe) => elsewhere(probe) };
}

function rule(pool: Pool, random: Prng): string {
  const proto = random.pick(['tcp', 'udp']);
  if (random.chance(0.5)) {
    const flags = ['--transparent', '--nowildcard', '--restore-skmark'].filter(() => random.chance(0.3)).join(' ');
    return `-A PREROUTING -p ${proto} -m socket ${flags} -j MARK --set-xmark 0x10/0x10`.replace('  ', ' ');
  }
  const on = random.chance(0.3) ? ` --on-ip ${random.pick(anyDevice(pool, random).own)}` : '';
  return `-A PREROUTING -p ${proto} --dport ${random.pick(open)} -j TPROXY --on-port ${random.pick(open)}${on} --tproxy-mark 0x1/0x1`;
}

/** A port that is listened on cannot be sent from. */
function elsewhere(probe: ProbeLine): ProbeLine {
  const taken = open.some((port) => port === probe.sport);
  return probe.kind === 'output' && taken ? { ...probe, sport: 4001 } : probe;
}
