/** Addresses, routes, policy rules, neighbours and kernel parameters of a random node. ip-address(8), ip-route(8), ip-rule(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, anyPrefix, marks, type Pool, type PoolDevice } from './pool.js';

const ip = (text: string): Line => ({ tool: 'ip', text });

export interface NetworkTaste {
  /** Policy rules and more tables. */
  readonly rules: boolean;
  /** Parameters other than those of an ordinary router. */
  readonly sysctls: boolean;
  /** Routes of special types, more metrics, several next hops. */
  readonly routes: boolean;
}

export function networkLines(pool: Pool, taste: NetworkTaste, random: Prng): readonly Line[] {
  return [
    ...forwarding(pool),
    ...(taste.sysctls ? parameters(pool, random) : []),
    ...pool.devices.flatMap((device) => addressLines(pool, device, random)),
    ...remoteRoutes(pool, random),
    ...(taste.routes ? moreRoutes(pool, random) : []),
    ...(taste.rules ? policyRules(pool, random) : []),
  ];
}

function forwarding({ family }: Pool): readonly Line[] {
  const names =
    family === 4 ? ['net/ipv4/ip_forward'] : ['net/ipv6/conf/all/forwarding', 'net/ipv6/conf/default/forwarding'];
  return names.map((name) => ({ tool: 'sysctl', text: `${name} 1` }));
}

function addressLines({ family }: Pool, device: PoolDevice, random: Prng): readonly Line[] {
  const length = family === 4 ? 24 : 64;
  const [first, ...more] = device.own;
  const add = (address: string, bits: number, rest = '') =>
    ip(`addr add ${address}/${bits} dev ${device.name}${family === 6 ? ' nodad' : ''}${rest}`);
  const broadcast = family === 4 && random.chance(0.6) ? ' brd +' : '';
  const second = () => {
    if (family === 4) return random.pick(['', '', ' scope link']);
    return random.pick(['', '', ' preferred_lft 0']);
  };
  return [
    ...(random.chance(0.1) ? [ip(`link set ${device.name} group ${random.pick([1, 5, 16])}`)] : []),
    add(first, length, broadcast),
    ...more.map((address) => add(address, random.chance(0.5) ? length : family === 4 ? 32 : 128, second())),
    ...[...device.hosts, ...device.strangers].map((address) => ip(neighbour(address, device, random))),
  ];
}

function neighbour(address: string, { name }: PoolDevice, random: Prng): string {
  const last = address.split(/[.:]/).at(-1) ?? '1';
  const mac = `02:00:00:00:ff:${last.padStart(2, '0').slice(-2)}`;
  return `neigh replace ${address} lladdr ${mac} dev ${name} nud ${random.chance(0.1) ? 'noarp' : 'permanent'}`;
}

function remoteRoutes(pool: Pool, random: Prng): readonly Line[] {
  const routed = pool.remotes
    .filter(() => random.chance(0.8))
    .map(({ net }) => ip(`route add ${net} ${hop(pool, random)}`));
  const fallback = random.chance(0.7)
    ? [ip(`route add default ${hop(pool, random)}${random.chance(0.3) ? ' metric 100' : ''}`)]
    : [];
  return [...routed, ...fallback];
}

function hop(pool: Pool, random: Prng): string {
  const device = anyDevice(pool, random);
  const source = random.chance(0.15) ? ` src ${random.pick(anyDevice(pool, random).own)}` : '';
  return `via ${device.hosts[0]} dev ${device.name}${source}`;
}

const moreTables = ['100', '101'] as const;

function moreRoutes(pool: Pool, random: Prng): readonly Line[] {
  return Array.from({ length: 3 + random.below(6) }, () => {
    const table = random.chance(0.5) ? ` table ${random.pick(moreTables)}` : '';
    const type = random.pick(['', '', '', 'blackhole ', 'unreachable ', 'prohibit ', 'throw ']);
    const dst = random.chance(0.15) ? 'default' : anyPrefix(pool, random).replace(/^(?:0\.0\.0\.0|::)\/0$/, 'default');
    const metric = random.chance(0.3) ? ` metric ${1 + random.below(3)}` : '';
    return ip(`route add ${type}${dst}${type === '' ? ` ${hop(pool, random)}` : ''}${table}${metric}`);
  });
}

function policyRules(pool: Pool, random: Prng): readonly Line[] {
  const tool = pool.family === 6 ? 'ip6' : 'ip';
  return Array.from({ length: 1 + random.below(4) }, (_, at): Line => {
    const words = ['rule add', `pref ${100 + at}`];
    if (random.chance(0.1)) words.push('not');
    if (random.chance(0.35)) words.push(`from ${anyPrefix(pool, random)}`);
    if (random.chance(0.3)) words.push(`to ${anyPrefix(pool, random)}`);
    if (random.chance(0.3)) words.push(`iif ${random.pick([anyDevice(pool, random).name, 'lo'])}`);
    if (random.chance(0.5))
      words.push(`fwmark ${random.pick([`${random.pick(marks)}`, '0x4000/0x4000', '0x10/0xf0'])}`);
    if (random.chance(0.2)) words.push('ipproto', random.pick(['tcp', 'udp']));
    if (random.chance(0.1)) words.push('dport 80');
    words.push(action(random));
    return { tool, text: words.join(' ') };
  });
}

function action(random: Prng): string {
  const table = random.pick(['100', '101', 'main']);
  return random.pick([
    `lookup ${table}`,
    `lookup ${table}`,
    `lookup ${table}`,
    'lookup main suppress_prefixlength 0',
    random.pick(['blackhole', 'unreachable', 'prohibit']),
  ]);
}

function parameters(pool: Pool, random: Prng): readonly Line[] {
  const value = (path: string, ...values: readonly [string, ...string[]]): Line => ({
    tool: 'sysctl',
    text: `${path} ${random.pick(values)}`,
  });
  const where = () => random.pick(['all', ...pool.devices.map(({ name }) => name)]);
  const four = [
    () => value(`net/ipv4/conf/${where()}/rp_filter`, '0', '1', '2'),
    () => value(`net/ipv4/conf/${where()}/accept_local`, '0', '1'),
    () => value(`net/ipv4/conf/${where()}/route_localnet`, '0', '1'),
    () => value(`net/ipv4/conf/${where()}/forwarding`, '0', '1', '1'),
    () => value(`net/ipv4/conf/${where()}/src_valid_mark`, '0', '1'),
    () => value('net/ipv4/ip_forward', '0', '1', '1'),
    () => value('net/ipv4/fwmark_reflect', '0', '1'),
    () => value('net/ipv4/ip_forward_use_pmtu', '0', '1'),
  ];
  const six = [
    () => value('net/ipv6/conf/all/forwarding', '0', '1'),
    () => value(`net/ipv6/conf/${where()}/forwarding`, '0', '1'),
    () => value(`net/ipv6/conf/${where()}/accept_ra`, '0', '2'),
  ];
  const choices = pool.family === 4 ? four : six;
  const chosen = Array.from({ length: 1 + random.below(4) }, () => choices[random.below(choices.length)]?.());
  const tracking = random.chance(0.3) ? [value('net/netfilter/nf_conntrack_tcp_loose', '0', '1')] : [];
  return [...chosen.filter((line) => line !== undefined), ...tracking];
}
