/** Packets that TEE copies to another host. iptables-extensions(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, anyHost, anyPrefix, type Pool } from './pool.js';
import type { Widened } from './widening.js';

export function copiedPackets(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const line = (): Line => ({ tool, table: 'mangle', text: rule(pool, random) });
  // The agent knows copies by their priority, and a copy that is refused is answered as if it were the packet.
  return { rules: Array.from({ length: 2 + random.below(3) }, line), without: /-j (?:CLASSIFY|REJECT)/ };
}

function rule(pool: Pool, random: Prng): string {
  const hook = random.pick(['PREROUTING', 'PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);
  const from = random.chance(0.4) ? ` -s ${anyPrefix(pool, random)}` : '';
  const gateway = random.chance(0.7) ? random.pick(anyDevice(pool, random).hosts) : anyHost(pool, random);
  const oif = random.chance(0.2) ? ` --oif ${anyDevice(pool, random).name}` : '';
  const proto = random.pick(['udp', pool.family === 4 ? 'icmp' : 'ipv6-icmp', 'sctp']);
  return `-A ${hook} -p ${proto}${from} -j TEE --gateway ${gateway}${oif}`;
}
