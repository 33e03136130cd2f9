/** Neighbours in every state: known by hand, known for a while, asked for in vain. ip-neighbour(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import type { Pool } from './pool.js';
import type { Widened } from './widening.js';

export function neighboursOfAllStates({ family, devices }: Pool, _tool: string, random: Prng): Widened {
  // Nobody answers; what is told of that later would be taken for the answer to another probe.
  const patience = devices.map(
    ({ name }): Line => ({ tool: 'sysctl', text: `net/ipv${family}/neigh/${name}/retrans_time_ms 100000` }),
  );
  const changes = devices.flatMap(({ name, hosts }) =>
    hosts
      .filter(() => random.chance(0.4))
      .map((host, at): Line => {
        const state = random.pick(['failed', 'failed', 'incomplete', 'stale', 'reachable', 'delay', 'probe', 'noarp']);
        if (state === 'failed' || state === 'incomplete')
          return { tool: 'ip', text: `neigh replace ${host} dev ${name} nud ${state}` };
        return { tool: 'ip', text: `neigh replace ${host} lladdr 02:00:00:00:fe:0${at} dev ${name} nud ${state}` };
      }),
  );
  return { network: [...patience, ...changes] };
}
