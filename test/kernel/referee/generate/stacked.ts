/** A macvlan device on one of the others, with a network of its own. ip-link(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { anyDevice, type Pool } from './pool.js';
import type { Widened } from './widening.js';

const upper = { name: 'mv0', mac: '02:00:00:00:55:01' } as const;

export function stackedDevice(pool: Pool, _tool: string, random: Prng): Widened {
  const six = pool.family === 6;
  const lower = anyDevice(pool, random);
  const inside = (number: number) => (six ? `fd60::${number}` : `10.60.0.${number}`);
  const mode = random.pick(['bridge', 'private', 'vepa']);
  const ip = (text: string): Line => ({ tool: 'ip', text });
  return {
    network: [
      ip(`link add ${upper.name} link ${lower.name} address ${upper.mac} type macvlan mode ${mode}`),
      ip(`link set ${upper.name} up`),
      ip(`addr add ${inside(1)}/${six ? 64 : 24} dev ${upper.name}${six ? ' nodad' : ''}`),
      ...[2, 3].map((peer) =>
        ip(`neigh replace ${inside(peer)} lladdr 02:00:00:00:55:0${peer} dev ${upper.name} nud permanent`),
      ),
      ...pool.remotes
        .filter(() => random.chance(0.5))
        .map(({ net }) => ip(`route replace ${net} via ${inside(2)} dev ${upper.name}`)),
    ],
    aim: (probe) => toUpper(probe, lower.name, inside, random),
  };
}

function toUpper(probe: ProbeLine, lower: string, inside: (number: number) => string, random: Prng): ProbeLine {
  if (probe.kind !== 'ingress' || probe.in_iface !== lower || random.chance(0.3)) return probe;
  const { dst = '', src = '' } = probe;
  return {
    ...probe,
    src: random.chance(0.6) ? inside(2 + random.below(2)) : src,
    dst: random.chance(0.4) ? inside(1) : dst,
    dst_mac: random.chance(0.9) ? upper.mac : 'ff:ff:ff:ff:ff:ff',
  };
}
