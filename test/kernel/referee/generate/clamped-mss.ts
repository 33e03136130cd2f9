/** Segment sizes that rules cut down to what the way takes, and rules that look at them. iptables-extensions(8) TCPMSS, tcpmss. */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { anyDevice, type Pool } from './pool.js';
import type { Widened } from './widening.js';

export function clampedSegments(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const ip = (text: string): Line => ({ tool: pool.family === 6 ? 'ip6' : 'ip', text });
  const narrow = pool.devices
    .filter(() => random.chance(0.4))
    .map(({ name }) => ip(`link set ${name} mtu ${mtu(random)}`));
  const routes = pool.remotes
    .filter(() => random.chance(0.5))
    .map(({ net }) => {
      const { name, hosts } = anyDevice(pool, random);
      const words = random.pick([
        `mtu ${mtu(random)}`,
        `advmss ${random.pick([700, 1300])}`,
        `mtu lock ${mtu(random)}`,
      ]);
      return ip(`route replace ${net} via ${hosts[0]} dev ${name} ${words}`);
    });
  const rule = (text: string): Line => ({ tool, table: 'mangle', text });
  const clamps = ['FORWARD', 'OUTPUT', 'POSTROUTING', 'INPUT', 'PREROUTING']
    .filter(() => random.chance(0.4))
    .map((chain) => {
      const sizes =
        chain === 'INPUT' || chain === 'PREROUTING'
          ? '--set-mss 1200'
          : random.pick(['--clamp-mss-to-pmtu', '--clamp-mss-to-pmtu', '--set-mss 1200']);
      return rule(`-A ${chain} -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS ${sizes}`);
    });
  const asks = ['FORWARD', 'INPUT', 'POSTROUTING', 'POSTROUTING'].map((chain) =>
    rule(
      `-A ${chain} -p tcp -m tcp --tcp-flags SYN,RST SYN -m tcpmss ${random.chance(0.2) ? '! ' : ''}--mss ${sizes(random)}`,
    ),
  );
  return { network: [...narrow, ...routes], rules: [...clamps, ...asks], aim: (probe) => ofTcp(probe, random) };
}

function mtu(random: Prng): number {
  return random.pick([1280, 1300, 1400, 1450]);
}

function sizes(random: Prng): string {
  return random.pick(['1240', '1220', '1260', '1360', '1340', '1460', '1200', '1:1259', '1300:1459']);
}

function ofTcp(probe: ProbeLine, random: Prng): ProbeLine {
  const { kind, id, family, in_iface, oif, src, dst, src_mac, sport, dport } = probe;
  if ((kind !== 'ingress' && kind !== 'output') || dst === undefined || random.chance(0.3)) return probe;
  const given = { in_iface, oif, src, src_mac };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { id, kind, family, ...known, dst, proto: 'tcp', sport: sport ?? 4000, dport: dport ?? 80 };
}
