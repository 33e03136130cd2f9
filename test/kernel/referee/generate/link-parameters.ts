/** Parameters of the link layer: whose address requests are answered, and as whom the node asks. Packets go their way all the same. */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import type { Pool } from './pool.js';
import type { Widened } from './widening.js';

const names = [
  'arp_filter',
  'arp_ignore',
  'arp_announce',
  'proxy_arp',
  'arp_accept',
  'drop_gratuitous_arp',
  'drop_unicast_in_l2_multicast',
  'shared_media',
  'send_redirects',
] as const;

/** A packet long enough for most links; a virtual cable does not even take one in that it would not send. */
function long(probe: ProbeLine, narrow: string | undefined, random: Prng): ProbeLine {
  const fits = probe.kind === 'ingress' && probe.proto === 'udp' && probe.in_iface !== narrow;
  if (!fits || !random.chance(0.4)) return probe;
  const { length: _, ...rest } = probe;
  return { ...rest, payload: random.pick([660, 680, 1200, 1300, 1440]) };
}

export function linkParameters(pool: Pool, _tool: string, random: Prng): Widened {
  const narrow = pool.devices.find(() => random.chance(0.3))?.name;
  const mtu = pool.family === 4 ? 700 : 1280;
  const less: readonly Line[] = narrow === undefined ? [] : [{ tool: 'ip', text: `link set ${narrow} mtu ${mtu}` }];
  return { network: [...parameters(pool, random), ...less], aim: (probe) => long(probe, narrow, random) };
}

function parameters({ devices, family }: Pool, random: Prng): readonly Line[] {
  if (family === 6) {
    const six = ['drop_unicast_in_l2_multicast', 'proxy_ndp', 'ndisc_notify'] as const;
    return devices.map(({ name }) => ({ tool: 'sysctl', text: `net/ipv6/conf/${name}/${random.pick(six)} 1` }));
  }
  return ['all', ...devices.map(({ name }) => name)].flatMap((where) =>
    Array.from(
      { length: 2 },
      (): Line => ({ tool: 'sysctl', text: `net/ipv4/conf/${where}/${random.pick(names)} ${random.below(3)}` }),
    ),
  );
}
