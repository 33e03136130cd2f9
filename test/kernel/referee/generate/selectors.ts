/** Policy rules with every selector and action there is, and tables that they lead to. ip-rule(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { anyDevice, anyPrefix, marks, type Pool, ports } from './pool.js';
import type { Widened } from './widening.js';

const tables = ['100', '101', 'main', 'local', 'default'] as const;

export function ruleSelectors(pool: Pool, _tool: string, random: Prng): Widened {
  const ip = (text: string): Line => ({ tool: pool.family === 6 ? 'ip6' : 'ip', text });
  const groups = pool.devices.map(({ name }) => ip(`link set ${name} group ${random.pick([0, 5, 7])}`));
  const routes = Array.from({ length: 4 + random.below(5) }, () => ip(route(pool, random)));
  const rules = Array.from({ length: 3 + random.below(5) }, () => ip(rule(pool, random)));
  return { network: [...groups, ...routes, ...rules], aim: (probe) => marked(probe, random) };
}

function route(pool: Pool, random: Prng): string {
  const table = random.pick(['100', '101', 'default']);
  const to = anyPrefix(pool, random).replace(/^(?:0\.0\.0\.0|::)\/0$/, 'default');
  const dst = random.chance(0.35) ? 'default' : to;
  const { name, hosts } = anyDevice(pool, random);
  const way = random.chance(0.2) ? `dev ${name}` : `via ${hosts[0]} dev ${name}`;
  const [type, hop] = random.chance(0.2)
    ? [random.pick(['throw ', 'throw ', 'blackhole ', 'unreachable ', 'prohibit ']), '']
    : ['', ` ${way}`];
  return `route replace ${type}${dst}${hop} table ${table}`;
}

type Words = (pool: Pool, random: Prng) => string;

const ends: readonly Words[] = [
  (pool, random) => `from ${anyPrefix(pool, random)}`,
  (pool, random) => `to ${anyPrefix(pool, random)}`,
];

const others: readonly Words[] = [
  (pool, random) => `iif ${random.pick([anyDevice(pool, random).name, 'lo', 'eth9'])}`,
  (pool, random) => `oif ${random.pick([anyDevice(pool, random).name, 'lo'])}`,
  (_, random) => `fwmark ${random.pick([`${random.pick(marks)}`, '0x4000/0x4000', '0x10/0xf0', '0/0x1', '0x1/0x3'])}`,
  (_, random) => `${random.pick(['tos', 'dsfield'])} ${random.pick(['0x10', '0x08', '0x00'])}`,
  (_, random) => `uidrange ${random.pick(['0-0', '1-1000', '0-4294967294', '1000-2000'])}`,
  (_, random) => `ipproto ${random.pick(['tcp', 'udp', 'sctp', 'icmp', 'ipv6-icmp', '47'])}`,
  (_, random) => `ipproto ${random.pick(['tcp', 'udp'])} ${random.pick(['sport', 'dport'])} ${portRange(random)}`,
  (_, random) => `${random.pick(['sport', 'dport'])} ${portRange(random)}`,
  (_, random) => `tun_id ${random.pick([0, 5])}`,
];

function portRange(random: Prng): string {
  return random.pick([`${random.pick(ports)}`, '1-1023', '1024-65535', '4000-40000']);
}

function rule(pool: Pool, random: Prng): string {
  const pref = 50 + random.below(40);
  const asks = [...ends.filter(() => random.chance(0.25)), ...others.filter(() => random.chance(0.15))];
  const not = random.chance(0.12) ? ' not' : '';
  const words = asks.map((ask) => ask(pool, random)).join(' ');
  return `rule add pref ${pref}${not} ${words} ${action(pref, random)}`.replace('  ', ' ');
}

function action(pref: number, random: Prng): string {
  const table = random.pick(tables);
  const hides = random.pick([
    '',
    '',
    '',
    ` suppress_prefixlength ${random.pick([0, 8, 23, 24])}`,
    ' suppress_ifgroup 5',
  ]);
  return random.pick([
    `lookup ${table}${hides}`,
    `lookup ${table}${hides}`,
    `lookup ${table}${hides}`,
    `goto ${pref + 1 + random.below(30)}`,
    'goto 32766',
    'nop',
    random.pick(['blackhole', 'unreachable', 'prohibit']),
  ]);
}

/** Of the kind that selectors ask for. */
function marked(probe: ProbeLine, random: Prng): ProbeLine {
  const { kind } = probe;
  const tos = random.chance(0.25) && kind !== 'reply' && kind !== 'source' ? { tos: random.pick([0x10, 0x08]) } : {};
  const mark = random.chance(0.25) && (kind === 'output' || kind === 'routeget') ? { mark: random.pick(marks) } : {};
  return { ...probe, ...tos, ...mark };
}
