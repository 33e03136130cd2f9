/** NAT by ranges of addresses and ports, networks mapped onto networks, and connections that hold what a new one would take. iptables-extensions(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { knownConnections } from './connections.js';
import { anyDevice, anyHost, type Pool, ports } from './pool.js';
import { icmpOf, natAddress } from './rule-parts.js';
import type { Widened } from './widening.js';

const withPorts = ['tcp', 'udp', 'udp', 'sctp', 'dccp', 'udplite'] as const;

export function moreNat(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const rules = Array.from(
    { length: 4 + random.below(6) },
    (): Line => ({ tool, table: 'nat', text: rule(pool, random) }),
  );
  if (random.chance(0.6)) return { rules, aim: (probe) => ported(probe, random) };
  const { late = [], aim } = knownConnections(pool, tool, random);
  return { rules, late, aim: (probe) => (random.chance(0.5) ? ported(probe, random) : (aim?.(probe) ?? probe)) };
}

function rule(pool: Pool, random: Prng): string {
  const chain = random.pick(['PREROUTING', 'PREROUTING', 'OUTPUT', 'POSTROUTING', 'POSTROUTING', 'INPUT'] as const);
  const proto = random.pick([null, icmpOf(pool), 'gre', ...withPorts, ...withPorts]);
  const port = withPorts.some((one) => one === proto);
  const words = [`-A ${chain}`];
  if (random.chance(0.3)) words.push(`-s ${random.pick([anyHost(pool, random), anyDevice(pool, random).net])}`);
  if (random.chance(0.4)) words.push(`-d ${random.pick([anyHost(pool, random), anyDevice(pool, random).net])}`);
  if (proto !== null) words.push(`-p ${proto}`);
  const dst = chain === 'PREROUTING' || chain === 'OUTPUT';
  return [...words, dst ? toDestination(pool, port, random) : toSource(pool, chain, port, random)].join(' ');
}

function toDestination(pool: Pool, port: boolean, random: Prng): string {
  return random.pick([
    `-j DNAT --to-destination ${range(pool, port, random)}${flags(random)}`,
    `-j DNAT --to-destination ${range(pool, port, random)}${flags(random)}`,
    port ? `-j DNAT --to-destination :${portRange(random)}` : '-j REDIRECT',
    port ? `-j REDIRECT --to-ports ${portRange(random)}` : '-j REDIRECT',
    `-j NETMAP --to ${network(pool, random)}`,
    ...(port && pool.family === 4 ? [`-p tcp --dport 80:90 -j DNAT --to-destination :4000-4010/80`] : []),
  ]);
}

function toSource(pool: Pool, chain: string, port: boolean, random: Prng): string {
  const masquerade = `-j MASQUERADE${port && random.chance(0.5) ? ` --to-ports ${portRange(random)}` : ''}`;
  return random.pick([
    `-j SNAT --to-source ${range(pool, port, random)}${flags(random)}`,
    `-j SNAT --to-source ${range(pool, port, random)}${flags(random)}`,
    chain === 'INPUT' ? `-j NETMAP --to ${network(pool, random)}` : masquerade,
    `-j NETMAP --to ${network(pool, random)}`,
  ]);
}

const flags = (random: Prng): string => random.pick(['', '', '', ' --persistent', ' --random']);

/** `FROM-TO:PORT-PORT`, each part in one of its forms. */
function range(pool: Pool, port: boolean, random: Prng): string {
  const first = natAddress(pool, random);
  const last = random.chance(0.5) ? `-${after(first, random)}` : '';
  const addresses = `${first}${last}`;
  if (!port || random.chance(0.4)) return addresses;
  return `${pool.family === 6 ? `[${addresses}]` : addresses}:${portRange(random)}`;
}

/** A little further on in the same network. */
function after(address: string, random: Prng): string {
  const [, head = '', last = ''] = /^(.*[.:])([^.:]*)$/.exec(address) ?? [];
  const base = head.includes(':') ? 16 : 10;
  return `${head}${(Number.parseInt(last, base) + 1 + random.below(9)).toString(base)}`;
}

function portRange(random: Prng): string {
  const first = random.pick([...ports, 1024, 700]);
  return random.pick([`${first}`, `${first}-${first + random.below(20)}`, `${first}-${first + 1}`]);
}

function network(pool: Pool, random: Prng): string {
  const { net } = random.pick([anyDevice(pool, random), random.pick(pool.remotes)]);
  const lengths = pool.family === 4 ? [8, 16, 24, 28, 30, 32] : [32, 48, 64, 120, 127, 128];
  return net.replace(/\/\d+$/, `/${lengths[random.below(lengths.length)]}`);
}

/** Ports are what most of these rules are about. */
function ported(probe: ProbeLine, random: Prng): ProbeLine {
  const { kind, proto, frag_body, length: _, next_header: __, ...rest } = probe;
  if ((kind !== 'ingress' && kind !== 'output') || proto === 'tcp' || frag_body !== undefined) return probe;
  if (probe.inner !== undefined || random.chance(0.6)) return probe;
  const { icmp_type, icmp_code, icmp_id, ...plain } = rest;
  return { ...plain, kind, proto: 'udp', sport: random.pick([4000, 40000]), dport: random.pick(ports) };
}
