/** Devices that are down, and devices without IPv6. ip-link(8), Documentation/networking/ip-sysctl.rst disable_ipv6. */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, type Pool } from './pool.js';
import type { Widened } from './widening.js';

export function devicesDown(pool: Pool, _tool: string, random: Prng): Widened {
  const ip = (text: string): Line => ({ tool: 'ip', text });
  const { name } = anyDevice(pool, random);
  const again = random.chance(0.25) ? [ip(`link set ${name} up`)] : [];
  const unused = { tool: 'sysctl', text: 'net/ipv4/conf/all/ignore_routes_with_linkdown 1' } as const;
  return { late: [...(random.chance(0.2) ? [unused] : []), ip(`link set ${name} down`), ...again] };
}

export function devicesWithoutIpv6({ devices }: Pool, _tool: string, random: Prng): Widened {
  const names = ['lo', ...devices.map(({ name }) => name)].filter(() => random.chance(0.3));
  return {
    late: names.map((name): Line => ({ tool: 'sysctl', text: `net/ipv6/conf/${name}/disable_ipv6 1` })),
  };
}
