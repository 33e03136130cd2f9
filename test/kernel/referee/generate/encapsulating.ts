/** Routes that hold an encapsulation for their device, and groups of next hops that are resilient. ip-route(8), ip-nexthop(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, type Pool } from './pool.js';
import type { Widened } from './widening.js';

export function encapsulatingRoutes(pool: Pool, _tool: string, random: Prng): Widened {
  const ip = (text: string): Line => ({ tool: pool.family === 6 ? 'ip6' : 'ip', text });
  const [one, other, third] = pool.remotes.map(({ net }) => net);
  const way = () => {
    const { name, hosts } = anyDevice(pool, random);
    return `via ${hosts[0]} dev ${name}`;
  };
  const buckets = random.pick([2, 8, 32]);
  return {
    network: [
      ip(`nexthop add id 1 ${way()}`),
      ip(`nexthop add id 2 ${way()}`),
      ip(`nexthop add id 10 group 1/2,${1 + random.below(3)} type resilient buckets ${buckets} idle_timer 60`),
      ip(`route replace ${one} nhid 10`),
      ip(`route replace ${other} ${encap(pool, random)} ${way()}`),
      ip(`route replace ${third} ${way()} ${random.pick(['hoplimit 9', 'mtu 1300', 'advmss 700 mtu lock 1200'])}`),
    ],
  };
}

function encap({ family }: Pool, random: Prng): string {
  if (family === 4) return random.pick(['encap ip id 3 dst 10.0.0.9', 'encap ip6 id 3 dst fd00::9']);
  return random.pick([
    'encap ip6 id 3 dst fd00:0::9',
    'encap ip id 3 dst 10.0.0.9',
    'encap ip6 id 4 dst fd00:0::9 hoplimit 3',
    'encap seg6 mode encap segs fd00:0::9',
    'encap seg6 mode inline segs fd00:0::9',
  ]);
}
