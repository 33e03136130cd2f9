/** Random networks as `ip` commands, and destinations to ask the kernel about: addresses, routes of every type, policy rules of every selector. */

export type Choose = (below: number) => number;

/** mulberry32: the same seed gives the same network. */
export function chooser(seed: number): Choose {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const pick = <T>(choose: Choose, of: readonly T[]): T => of[choose(of.length)] as T;
const often = (choose: Choose, outOf: number) => choose(outOf) === 0;

export interface Network {
  readonly family: 4 | 6;
  /** Commands that build it; those that the kernel refuses are skipped. */
  readonly setup: readonly string[];
  readonly queries: readonly Query[];
}

export interface Query {
  readonly dst: string;
  readonly from: string | null;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly mark: number;
  readonly tos: number;
  readonly proto: 'tcp' | 'udp' | null;
  readonly sport: number | null;
  readonly dport: number | null;
}

const devices = ['d0', 'd1', 'd2', 'd3'] as const;
const tables = [
  'main',
  'main',
  'main',
  'main',
  'main',
  'main',
  'main',
  'local',
  'default',
  '100',
  '100',
  '101',
  '101',
  '102',
];

interface Plan {
  readonly family: 4 | 6;
  readonly choose: Choose;
  /** Addresses with their lengths, as given to `ip addr add`. */
  readonly own: { readonly dev: string; readonly ip: string; readonly length: number }[];
  readonly prefixes: string[];
}

export function randomNetwork(seed: number, queries: number): Network {
  const choose = chooser(seed);
  const plan: Plan = { family: choose(2) === 0 ? 4 : 6, choose, own: [], prefixes: [] };
  const setup = [...links(plan), ...addresses(plan), ...routes(plan), ...rules(plan)];
  return { family: plan.family, setup, queries: Array.from({ length: queries }, () => query(plan)) };
}

function links({ choose, family }: Plan): readonly string[] {
  const up = devices.flatMap((dev, index) => [
    `ip link add ${dev} type veth peer name q${index}`,
    ...(often(choose, 12) ? [] : [`ip link set q${index} up`]),
    `ip link set ${dev} up${often(choose, 3) ? ' group 5' : ''}`,
  ]);
  const forwarding = family === 4 || !often(choose, 4) ? 1 : 0;
  const filters = devices.map((dev) => `sysctl -qw net.ipv4.conf.${dev}.rp_filter=${pick(choose, [0, 0, 1, 2])}`);
  const flags = ['accept_local', 'src_valid_mark', 'route_localnet', 'ignore_routes_with_linkdown'].flatMap((name) =>
    often(choose, 4) ? [`sysctl -qw net.ipv4.conf.${pick(choose, ['all', ...devices])}.${name}=1`] : [],
  );
  return [
    'ip link set lo up',
    'sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0',
    ...up,
    `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=${forwarding} net.ipv4.conf.all.rp_filter=0`,
    ...filters,
    ...flags,
  ];
}

function subnet({ choose, family }: Plan): { readonly net: string; readonly host: string; readonly length: number } {
  if (family === 6) {
    const net = pick(choose, ['fd00:0', 'fd00:1', '2001:db8', '2002:a00:1', 'fec0:0']);
    const part = `${net}:${choose(3)}`;
    return {
      net: `${part}::`,
      host: `${part}::${(1 + choose(254)).toString(16)}`,
      length: pick(choose, [32, 48, 64, 64, 112, 128]),
    };
  }
  const net = `10.${choose(3)}.${choose(3)}`;
  const length = pick(choose, [8, 16, 24, 24, 25, 30, 31, 32]);
  return { net: `${net}.0`, host: `${net}.${1 + choose(254)}`, length };
}

function addresses(plan: Plan): readonly string[] {
  const { choose, family, own, prefixes } = plan;
  return Array.from({ length: 2 + choose(6) }, () => {
    const { net, host, length } = subnet(plan);
    const dev = pick(choose, [...devices, 'd0', 'd1', 'lo']);
    own.push({ dev, ip: host, length });
    prefixes.push(`${net}/${length}`);
    const words = [`${host}/${length}`, 'dev', dev];
    if (family === 6) {
      if (often(choose, 5)) words.push('preferred_lft', '0');
      if (often(choose, 8)) words.push('noprefixroute');
      return `ip -6 addr add ${words.join(' ')}`;
    }
    if (length < 31 && often(choose, 2)) words.push('brd', '+');
    if (often(choose, 6)) words.push('scope', pick(choose, ['link', 'host', 'site']));
    if (often(choose, 10)) words.push('noprefixroute');
    if (often(choose, 10))
      words[0] = `${host} peer 10.${choose(3)}.${choose(3)}.${1 + choose(254)}/${pick(choose, [24, 32])}`;
    return `ip addr add ${words.join(' ')}`;
  });
}

function destination(plan: Plan): string {
  const { choose, family, prefixes } = plan;
  if (often(choose, 6)) return 'default';
  if (often(choose, 5) && prefixes.length > 0) return pick(choose, prefixes);
  const { net, host } = subnet(plan);
  const length =
    family === 6 ? pick(choose, [16, 32, 48, 64, 120, 128]) : pick(choose, [7, 8, 15, 16, 22, 24, 24, 28, 32]);
  const made = length >= (family === 6 ? 65 : 25) ? `${host}/${length}` : `${net}/${length}`;
  prefixes.push(made);
  return made;
}

/** An address of a subnet that the device is in, mostly. */
function gateway(plan: Plan, dev: string): string {
  const { choose, own, family } = plan;
  const mine = own.filter((one) => one.dev === dev && one.length < (family === 6 ? 128 : 31));
  const [one] = mine.length > 0 ? [pick(choose, mine)] : [];
  if (one === undefined) return subnet(plan).host;
  const cut = family === 6 ? one.ip.lastIndexOf(':') + 1 : one.ip.lastIndexOf('.') + 1;
  const last = 1 + choose(254);
  return `${one.ip.slice(0, cut)}${family === 6 ? last.toString(16) : last}`;
}

function hop(plan: Plan): string {
  const { choose } = plan;
  const dev = pick(choose, devices);
  if (often(choose, 3)) return `dev ${dev}`;
  return `via ${gateway(plan, dev)} dev ${dev}${often(choose, 4) ? ' onlink' : ''}`;
}

function routes(plan: Plan): readonly string[] {
  const { choose, family } = plan;
  const ip = family === 6 ? 'ip -6' : 'ip';
  return Array.from({ length: 8 + choose(24) }, () => {
    const table = pick(choose, tables);
    const special = often(choose, 4) ? pick(choose, ['blackhole', 'unreachable', 'prohibit', 'throw', 'local']) : '';
    const verb = often(choose, 8) ? 'append' : 'add';
    const dst = destination(plan);
    // Were every address local, gateways would be too, and are none then.
    const type = special === 'local' && dst === 'default' ? 'throw' : special;
    const words = [ip, 'route', verb, type, dst, 'table', table];
    if (often(choose, 3)) words.push('metric', String(1 + choose(3)));
    if (family === 4 && often(choose, 8)) words.push('tos', pick(choose, ['0x10', '0x08']));
    if (family === 6 && type === '' && often(choose, 10)) words.push('from', `${subnet(plan).net}/48`);
    if (type === 'local') words.push('dev', pick(choose, ['lo', ...devices]));
    if (type === '') {
      if (often(choose, 5) && plan.own.length > 0) words.push('src', pick(choose, plan.own).ip);
      if (family === 4 && often(choose, 8)) words.push('scope', pick(choose, ['link', 'global']));
      const several = often(choose, 7) ? 2 + choose(2) : 1;
      if (several === 1) words.push(hop(plan));
      else for (let at = 0; at < several; at++) words.push('nexthop', hop(plan), 'weight', String(1 + choose(3)));
    }
    return words.filter((word) => word !== '').join(' ');
  });
}

function rules(plan: Plan): readonly string[] {
  const { choose, family } = plan;
  if (often(choose, 4)) return [];
  const ip = family === 6 ? 'ip -6' : 'ip';
  return Array.from({ length: 1 + choose(8) }, () => {
    const words = [ip, 'rule', 'add'];
    if (often(choose, 6)) words.push('not');
    const address = () => `${subnet(plan).net}/${family === 6 ? 48 : pick(choose, [16, 24])}`;
    if (often(choose, 3))
      words.push('from', often(choose, 2) && plan.own.length > 0 ? pick(choose, plan.own).ip : address());
    if (often(choose, 3)) words.push('to', address());
    if (often(choose, 4)) words.push('iif', pick(choose, [...devices, 'lo', 'gone']));
    if (often(choose, 8)) words.push('oif', pick(choose, devices));
    if (often(choose, 3)) words.push('fwmark', pick(choose, ['0x1', '0x2/0x3', '0x0/0x4', '0x10/0xf0']));
    if (often(choose, 6)) words.push('tos', pick(choose, ['0x10', '0x08']));
    if (often(choose, 4))
      words.push(
        'ipproto',
        pick(choose, ['tcp', 'udp']),
        ...(often(choose, 2) ? ['dport', pick(choose, ['80', '1-100'])] : []),
      );
    if (often(choose, 8)) words.push('sport', '1000-2000');
    if (often(choose, 8)) words.push('uidrange', pick(choose, ['0-0', '1-1000']));
    words.push('pref', String(pick(choose, [10, 20, 30, 40, 50, 32000, 32766, 40000])));
    words.push(...action(plan));
    return words.join(' ');
  });
}

function action({ choose }: Plan): readonly string[] {
  const table = pick(choose, ['main', 'local', 'default', '100', '101', '102', '103']);
  switch (choose(8)) {
    case 0:
      return [pick(choose, ['blackhole', 'unreachable', 'prohibit'])];
    case 1:
      return ['goto', String(pick(choose, [20, 30, 40, 50, 60, 32766]))];
    case 2:
      return ['nop'];
    case 3:
      return ['lookup', table, 'suppress_ifgroup', pick(choose, ['default', '5'])];
    case 4:
      return ['lookup', table, 'suppress_prefixlength', String(pick(choose, [0, 8, 16, 24]))];
    default:
      return ['lookup', table];
  }
}

function target(plan: Plan): string {
  const { choose, own, family } = plan;
  if (often(choose, 6) && own.length > 0) return pick(choose, own).ip;
  if (often(choose, 12)) return family === 6 ? '2606:4700::1111' : '1.1.1.1';
  const { host, net } = subnet(plan);
  if (family === 4 && often(choose, 10)) return net.replace(/0$/, '255');
  return host;
}

function query(plan: Plan): Query {
  const { choose, own } = plan;
  const way = choose(4);
  const proto = often(choose, 2) ? pick(choose, ['tcp', 'udp'] as const) : null;
  return {
    dst: target(plan),
    from: way === 0 && own.length > 0 ? pick(choose, own).ip : way === 1 ? target(plan) : null,
    iif: way === 1 ? pick(choose, devices) : null,
    oif: way === 2 && often(choose, 3) ? pick(choose, devices) : null,
    mark: often(choose, 2) ? pick(choose, [1, 2, 3, 4, 0x10, 0x12]) : 0,
    tos: often(choose, 4) ? pick(choose, [0x10, 0x08]) : 0,
    proto,
    sport: proto !== null && often(choose, 2) ? pick(choose, [1500, 3000]) : null,
    dport: proto !== null && often(choose, 2) ? pick(choose, [80, 443]) : null,
  };
}

/** The words after `ip route get`. */
export function wordsOf({ dst, from, iif, oif, mark, tos, proto, sport, dport }: Query): string {
  const words = [dst];
  if (from !== null) words.push('from', from);
  if (iif !== null) words.push('iif', iif);
  if (oif !== null) words.push('oif', oif);
  if (mark !== 0) words.push('mark', String(mark));
  if (tos !== 0) words.push('tos', `0x${tos.toString(16)}`);
  if (proto !== null) words.push('ipproto', proto);
  if (sport !== null) words.push('sport', String(sport));
  if (dport !== null) words.push('dport', String(dport));
  return words.join(' ');
}
