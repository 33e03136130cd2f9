/** VXLAN devices as overlay networks make them: neighbours and forwarding entries by hand, nothing learned. ip-link(8), bridge(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { anyDevice, marks, type Pool } from './pool.js';
import type { Widened } from './widening.js';

const name = 'vx0';

export function overlay(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const six = pool.family === 6;
  const ip = (text: string): Line => ({ tool: six ? 'ip6' : 'ip', text });
  const under = anyDevice(pool, random);
  const inside = (number: number) => (six ? `fd50::${number}` : `10.50.0.${number}`);
  const local = random.chance(0.8) ? ` local ${under.own[0]}` : '';
  const peers = [2, 3, 4];
  const mac = (number: number) => `02:00:00:00:50:0${number}`;
  const onlink = random.chance(0.5);
  const mtu = random.chance(0.5) ? ` mtu ${random.pick([1400, 1480, 1500])}` : '';
  const header = [
    random.chance(0.3) ? ` ttl ${random.pick(['inherit', '9', '64'])}` : '',
    random.chance(0.3) ? ` tos ${random.pick(['inherit', '0x10', '0x43'])}` : '',
    random.chance(0.5) ? ` df ${random.pick(['set', 'unset', 'inherit'])}` : '',
  ].join('');
  const limit: Line = six
    ? { tool: 'sysctl', text: `net/ipv6/conf/${under.name}/hop_limit 77` }
    : { tool: 'sysctl', text: 'net/ipv4/ip_default_ttl 99' };
  return {
    network: [
      {
        tool: 'ip',
        text: `link add ${name} type vxlan id 5 dstport ${random.pick([4789, 8472])}${local} dev ${under.name}${header} nolearning`,
      },
      ...(random.chance(0.2) ? [limit] : []),
      { tool: 'ip', text: `link set ${name}${mtu} up` },
      ip(`addr add ${inside(1)}/${onlink ? (six ? 128 : 32) : six ? 64 : 24} dev ${name}${six ? ' nodad' : ''}`),
      ...peers.map((peer) => ip(`neigh replace ${inside(peer)} lladdr ${mac(peer)} dev ${name} nud permanent`)),
      ...peers
        .filter(() => random.chance(0.85))
        .map(
          (peer): Line => ({
            tool: 'bridge',
            text: `fdb append ${mac(peer)} dev ${name} dst ${under.hosts[peer] ?? under.hosts[0]} self permanent`,
          }),
        ),
      ...pool.remotes
        .filter(() => random.chance(0.8))
        .map(({ net }, at) =>
          ip(`route replace ${net} via ${inside(2 + at)} dev ${name}${onlink && !six ? ' onlink' : ''}`),
        ),
    ],
    rules: Array.from({ length: 1 + random.below(4) }, (): Line => rule(tool, six, random)),
    aim: (probe) => nearlyTooLong(probe, random),
  };
}

/** About as long as the tunnel, and what carries it, takes. */
function nearlyTooLong(probe: ProbeLine, random: Prng): ProbeLine {
  // A probe that says nothing has a TTL of 64, whatever the node's own is.
  if (probe.kind === 'output' || probe.kind === 'reply') return { ttl: 64, ...probe };
  if (probe.kind !== 'ingress' || probe.proto !== 'udp' || !random.chance(0.5)) return probe;
  const { length: _, ...rest } = probe;
  const df = probe.family === 4 && random.chance(0.5) ? { df: true } : {};
  return { ...rest, ...df, payload: random.pick([1340, 1372, 1402, 1422, 1432, 1452]) };
}

/** About what carries, and about what is carried. */
function rule(tool: 'legacy' | 'nft', six: boolean, random: Prng): Line {
  const chain = random.pick(['OUTPUT', 'POSTROUTING', 'FORWARD'] as const);
  const asks = random.pick([
    '-p udp -m udp --dport 4789',
    '-p udp -m udp --dport 8472',
    `-o ${name}`,
    `! -o ${name}`,
    '-m addrtype --src-type LOCAL',
    '-m conntrack --ctstate NEW',
    six ? '-m hl --hl-gt 63' : '-m ttl --ttl-gt 63',
    '-m tos --tos 0x10/0xfc',
    '-m length --length 1400:',
  ]);
  const does = random.pick([
    '',
    '',
    `-j MARK --set-xmark 0x${random.pick(marks).toString(16)}/0xffff`,
    '-j ACCEPT',
    ...(random.chance(0.3) ? ['-j DROP'] : []),
  ] as [string, ...string[]]);
  return { tool, table: 'mangle', text: `-A ${chain} ${asks} ${does}`.trim() };
}
