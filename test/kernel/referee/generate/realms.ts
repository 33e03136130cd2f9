/** Routes, ways and policy rules with realms, and rules that ask for them. ip-route(8), iptables-extensions(8) realm. */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, anyPrefix, type Pool } from './pool.js';
import type { Widened } from './widening.js';

export function realmsOfRoutes(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const ip = (text: string): Line => ({ tool: 'ip', text });
  if (pool.family === 6) return {};
  const way = () => {
    const { name, hosts } = anyDevice(pool, random);
    return `via ${hosts[0]} dev ${name}`;
  };
  const table = () => random.pick(['', '', ' table 100', ' table 101']);
  const routes = pool.remotes.flatMap(({ net }) => [
    ip(`route replace ${net} ${way()} ${realms(random)}${table()}`),
    ...(random.chance(0.2) ? [ip(`route replace ${net} ${ways(way, random)} table 102`)] : []),
  ]);
  const rules = [100, 101, 102]
    .filter(() => random.chance(0.5))
    .map((to) => ip(`rule add from ${anyPrefix(pool, random)} lookup ${to} ${realms(random)} pref ${to}`));
  const asks = Array.from({ length: 6 }, (): Line => {
    const chain = random.pick(['INPUT', 'FORWARD', 'FORWARD', 'OUTPUT', 'POSTROUTING']);
    return {
      tool,
      table: 'mangle',
      text: `-A ${chain} -m realm ${random.chance(0.3) ? '! ' : ''}--realm ${asked(random)}`,
    };
  });
  return { network: [...routes, ...rules], rules: asks };
}

const numbers = [3, 5, 7] as const;

function realms(random: Prng): string {
  const to = random.pick(numbers);
  return random.pick(['', `realm ${to}`, `realm ${to}`, `realms ${random.pick(numbers)}/${to}`]);
}

function ways(way: () => string, random: Prng): string {
  return [1, 2].map(() => `nexthop ${way()} ${realms(random)}`).join(' ');
}

function asked(random: Prng): string {
  const [from, to] = [random.pick(numbers), random.pick(numbers)];
  const whole = ((from << 16) | to) >>> 0;
  return random.pick(['0', `${to}`, `${to}/0xffff`, `${from << 16}/0xffff0000`, `${whole}`, `${from << 16}`]);
}
