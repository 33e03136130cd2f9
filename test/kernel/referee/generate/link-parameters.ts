/** Parameters of the link layer: whose address requests are answered, and as whom the node asks. Packets go their way all the same. */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
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

export function linkParameters({ devices, family }: Pool, _tool: string, random: Prng): Widened {
  if (family === 6) {
    const six = ['drop_unicast_in_l2_multicast', 'proxy_ndp', 'ndisc_notify'] as const;
    return {
      network: devices.map(
        ({ name }): Line => ({ tool: 'sysctl', text: `net/ipv6/conf/${name}/${random.pick(six)} 1` }),
      ),
    };
  }
  return {
    network: ['all', ...devices.map(({ name }) => name)].flatMap((where) =>
      Array.from(
        { length: 2 },
        (): Line => ({ tool: 'sysctl', text: `net/ipv4/conf/${where}/${random.pick(names)} ${random.below(3)}` }),
      ),
    ),
  };
}
