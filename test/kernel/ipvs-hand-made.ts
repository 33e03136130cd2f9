/** IPVS nodes for questions that random ones seldom ask: the source and the route of what goes through a tunnel. */
import type { IpvsCase, IpvsProbe } from './ipvs-generator.js';

const both = [4, 6] as const;

/** Every kind of server is behind eth1, which has two addresses, as the route `src`; table 100 leads by eth0, for one of them. */
function tunnelSources(family: 4 | 6, route: string, rule: string | null): IpvsCase {
  const [net, length, host] = family === 4 ? ['10.0', 24, 32] : ['fd00:', 64, 128];
  const at = (wire: number, last: number) => (family === 4 ? `${net}.${wire}.${last}` : `${net}${wire}::${last}`);
  const nodad = family === 6 ? ' nodad' : '';
  const neighbour = (ip: string, dev: string) => `ip neigh add ${ip} lladdr 02:00:00:00:00:99 dev ${dev} nud permanent`;
  const probe: IpvsProbe = {
    kind: 'ingress',
    family,
    in_iface: 'eth0',
    src: at(0, 9),
    dst: at(0, 1),
    proto: 'tcp',
    sport: 40_000,
    dport: 80,
    tcp_flags: 'SYN',
  };
  return {
    family,
    setup: [
      'sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0',
      'sysctl -qw net.ipv6.conf.eth0.addr_gen_mode=1 net.ipv6.conf.eth1.addr_gen_mode=1',
      'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
      'for dev in lo eth0 eth1; do ip link set $dev up; done',
      `ip addr add ${at(0, 1)}/${length} dev eth0${nodad}`,
      `ip addr add ${at(1, 1)}/${length} dev eth1${nodad}`,
      `ip addr add ${at(7, 7)}/${host} dev eth1${nodad}`,
      neighbour(at(0, 9), 'eth0'),
      neighbour(at(1, 9), 'eth1'),
      `ip -${family} route add ${at(2, 8)}/${host} ${route.replace('GATEWAY', at(1, 9)).replace('SOURCE', at(7, 7))}`,
      `ip -${family} route add ${at(2, 8)}/${host} via ${at(0, 9)} dev eth0 table 100`,
      ...(rule === null
        ? []
        : [`ip -${family} rule add ${rule.replace('SOURCE', at(7, 7)).replace('FIRST', at(1, 1))} lookup 100`]),
    ],
    services: [
      `-A -t ${family === 4 ? at(0, 1) : `[${at(0, 1)}]`}:80 -s rr`,
      `-a -t ${family === 4 ? at(0, 1) : `[${at(0, 1)}]`}:80 -r ${family === 4 ? at(2, 8) : `[${at(2, 8)}]`}:80 -i -w 1`,
    ],
    before: [],
    later: [],
    probes: [probe],
  };
}

export const handMade: readonly IpvsCase[] = both.flatMap((family) => [
  tunnelSources(family, 'via GATEWAY dev eth1', null),
  tunnelSources(family, 'via GATEWAY dev eth1 src SOURCE', null),
  tunnelSources(family, 'via GATEWAY dev eth1', 'from FIRST'),
  tunnelSources(family, 'via GATEWAY dev eth1 src SOURCE', 'from SOURCE'),
]);
