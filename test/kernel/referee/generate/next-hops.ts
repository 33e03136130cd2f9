/** Routes with several next hops, nexthop objects and groups of them, and what spreads packets among them. ip-nexthop(8), ip-route(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, anyPrefix, type Pool } from './pool.js';
import type { Widened } from './widening.js';

export function severalNextHops(pool: Pool, _tool: string, random: Prng): Widened {
  const ip = (text: string): Line => ({ tool: pool.family === 6 ? 'ip6' : 'ip', text });
  const ids = Array.from({ length: 2 + random.below(3) }, (_, at) => at + 1);
  const objects = ids.map((id) => ip(`nexthop add id ${id} ${way(pool, random)}`));
  const blackhole = random.chance(0.2) ? [ip('nexthop add id 9 blackhole')] : [];
  const groups = [10, 11].map((id) => ip(`nexthop add id ${id} group ${group(ids, random)}`));
  const routes = Array.from({ length: 3 + random.below(4) }, () => {
    const dst = destination(pool, random);
    const nhid = () => random.pick([1, 10, 10, 11, ...(blackhole.length > 0 ? [9] : [])] as [number, ...number[]]);
    return ip(
      random.chance(0.55) ? `route replace ${dst} nhid ${nhid()}` : `route replace ${dst} ${ways(pool, random)}`,
    );
  });
  const policy = `net/ipv${pool.family}/fib_multipath_hash_policy ${random.below(3)}`;
  const careful = random.chance(0.3) ? [{ tool: 'sysctl', text: 'net/ipv4/fib_multipath_use_neigh 1' } as const] : [];
  return { network: [...objects, ...blackhole, ...groups, ...routes, { tool: 'sysctl', text: policy }, ...careful] };
}

function destination(pool: Pool, random: Prng): string {
  if (random.chance(0.25)) return 'default';
  if (random.chance(0.7)) return random.pick(pool.remotes).net;
  return anyPrefix(pool, random).replace(/^(?:0\.0\.0\.0|::)\/0$/, 'default');
}

function way(pool: Pool, random: Prng): string {
  const device = anyDevice(pool, random);
  return random.chance(0.12)
    ? `dev ${device.name}`
    : `via ${device.hosts[random.below(3)] ?? device.hosts[0]} dev ${device.name}`;
}

function group(ids: readonly number[], random: Prng): string {
  const members = ids.filter(() => random.chance(0.7));
  const chosen = members.length === 0 ? ids : members;
  return chosen.map((id) => (random.chance(0.3) ? `${id},${1 + random.below(4)}` : `${id}`)).join('/');
}

function ways(pool: Pool, random: Prng): string {
  const one = () => `nexthop ${way(pool, random)} weight ${1 + random.below(3)}`;
  return Array.from({ length: 2 + random.below(2) }, one).join(' ');
}
