/** Random IPVS nodes as commands, and packets to send at them: services of every kind, servers near, far, local and unreachable, rules that see it all. */
import { type Choose, chooser } from './routing-generator.js';

export interface IpvsProbe {
  readonly kind: 'ingress' | 'output';
  readonly family: 4 | 6;
  readonly in_iface?: string;
  readonly src?: string;
  readonly dst: string;
  readonly proto: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'ipv6-icmp' | 'esp';
  readonly sport: number;
  readonly dport: number;
  readonly tcp_flags: string;
  readonly ttl?: number;
  readonly mark?: number;
  /** Flags of what answers a packet that is no SYN. */
  readonly reply_flags?: string;
  /** In order, where packets went before. */
  readonly seq?: number;
  readonly ack?: number;
  /** Of the whole packet, and whether it may not be cut up. */
  readonly length?: number;
  readonly df?: boolean;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
  /** What an ICMP error quotes. */
  readonly inner?: Pick<IpvsProbe, 'dst' | 'proto' | 'sport' | 'dport'> & { readonly src: string };
  /** Offset in 8 bytes; more follow. */
  readonly frag_off?: number;
  readonly mf?: boolean;
  /** Behind the IP header; of SCTP without the checksum. */
  readonly frag_body?: string;
}

export interface IpvsCase {
  readonly family: 4 | 6;
  readonly setup: readonly string[];
  /** Arguments of ipvsadm, one command each; those that it refuses are skipped. */
  readonly services: readonly string[];
  /** Packets that were sent before the capture, and commands of ipvsadm after them. */
  readonly before: readonly IpvsProbe[];
  readonly later: readonly string[];
  readonly probes: readonly IpvsProbe[];
}

const pick = <T>(choose: Choose, of: readonly T[]): T => of[choose(of.length)] as T;
const oneIn = (choose: Choose, count: number) => choose(count) === 0;

interface Plan {
  readonly family: 4 | 6;
  readonly choose: Choose;
  readonly ip: (name: Name) => string;
}

type Name = keyof typeof addresses;

/** Who is who: IPv4 and IPv6. `vip4` is bound nowhere; `far` is behind a server; `gone` has a route that refuses. */
const addresses = {
  node0: ['10.0.0.1', 'fd00:0::1'],
  node1: ['10.0.1.1', 'fd00:1::1'],
  client: ['10.0.0.9', 'fd00:0::9'],
  client2: ['10.0.0.10', 'fd00:0::10'],
  outside: ['203.0.113.5', '2001:db8::5'],
  gateway: ['10.0.0.254', 'fd00:0::fe'],
  server1: ['10.0.1.11', 'fd00:1::11'],
  server2: ['10.0.1.12', 'fd00:1::12'],
  server3: ['10.0.1.13', 'fd00:1::13'],
  far: ['10.0.2.11', 'fd00:2::11'],
  gone: ['10.0.3.1', 'fd00:3::1'],
  vip1: ['10.96.0.1', 'fd96::1'],
  vip2: ['10.96.0.2', 'fd96::2'],
  vip3: ['10.96.0.3', 'fd96::3'],
  vip4: ['10.96.0.4', 'fd96::4'],
  loopback: ['127.0.0.1', '::1'],
} as const satisfies Record<string, readonly [string, string]>;

const clients: readonly Name[] = ['client', 'client', 'client2', 'outside'];
const remote: readonly Name[] = ['server1', 'server1', 'server2', 'server3', 'far'];
const servers: readonly Name[] = [...remote, ...remote, 'node0', 'node1', 'gone', 'loopback', 'client', 'vip2'];
const vips: readonly Name[] = ['vip1', 'vip1', 'vip1', 'vip2', 'vip3', 'vip4', 'node0'];
export const servicePorts = [80, 443, 8080, 21, 53] as const;
const ports = [80, 80, ...servicePorts] as const;

export function randomIpvsCase(seed: number, probes: number): IpvsCase {
  const choose = chooser(seed);
  const family = oneIn(choose, 4) ? 6 : 4;
  const plan: Plan = { family, choose, ip: (name) => addresses[name][family === 4 ? 0 : 1] };
  const setup = [...links(plan), ...routes(plan), ...settings(plan), rules(plan)];
  const given = services(plan);
  const fresh = Array.from({ length: probes }, (_, at) => probe(plan, at === 0 && oneIn(choose, 4) ? 20 : 40_000 + at));
  const known = history(plan, given);
  // What goes on comes first: connections do not wait for ever.
  return { family, services: given, ...known, setup: [...setup, ...known.setup], probes: [...known.probes, ...fresh] };
}

type History = Pick<IpvsCase, 'setup' | 'before' | 'later' | 'probes'>;

/** Connections of before, what became of the services since, and packets that go on with them or come from the same clients. */
function history(plan: Plan, given: readonly string[]): History {
  const { choose } = plan;
  if (oneIn(choose, 3)) return { setup: [], before: [], later: [], probes: [] };
  const before: IpvsProbe[] = [];
  const probes: IpvsProbe[] = [];
  for (let at = 0; at < 5; at++) {
    const flow = { ...probe(plan, 50_000 + at), tcp_flags: 'SYN' };
    before.push(flow);
    const local = flow.kind === 'output' || flow.proto === 'udp';
    const steps = ['ACK', 'FIN,ACK', 'ACK'].slice(0, local ? 0 : choose(4));
    const next = (tcp_flags: string, seq: number) => ({ ...flow, tcp_flags, seq, ack: 2 });
    steps.forEach((tcp_flags, step) => {
      before.push({ ...next(tcp_flags, step < 2 ? 2 : 3), reply_flags: steps.length > 1 ? 'FIN,ACK' : 'ACK' });
    });
    // No reset: the fence of the test stops those that IPVS sends on.
    const goesOn = local ? 'SYN' : pick(choose, ['ACK', 'ACK', 'SYN', 'FIN,ACK']);
    probes.push(goesOn === 'SYN' ? flow : next(goesOn, steps.length > 1 ? 3 : 2));
    if (oneIn(choose, 2))
      probes.push({ ...flow, sport: 51_000 + at, tcp_flags: local ? 'SYN' : pick(choose, ['SYN', 'SYN', 'ACK']) });
  }
  const setup = [
    ...(oneIn(choose, 4) ? ['sysctl -qw net.ipv4.vs.expire_nodest_conn=1'] : []),
    ...(oneIn(choose, 4) ? ['sysctl -qw net.ipv4.vs.expire_quiescent_template=1'] : []),
    ...(oneIn(choose, 3) ? [`sysctl -qw net.ipv4.vs.conn_reuse_mode=${choose(3)}`] : []),
  ];
  const servers = given.filter((line) => line.startsWith('-a ') && oneIn(choose, 4));
  const later = servers.map((line) =>
    oneIn(choose, 2)
      ? line.replace(/^-a (.*) (-r \S+) .*$/, '-d $1 $2')
      : line.replace(/^-a (.*) -w \d+$/, '-e $1 -w 0'),
  );
  return { setup, before, later, probes };
}

function links({ family, choose, ip }: Plan): readonly string[] {
  const length = family === 4 ? 24 : 64;
  const host = family === 4 ? 32 : 128;
  const add = (name: Name, dev: string, bits: number) =>
    `ip addr add ${ip(name)}/${bits} dev ${dev}${family === 6 ? ' nodad' : ''}`;
  return [
    'sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.addr_gen_mode=1',
    'sysctl -qw net.ipv6.conf.eth0.addr_gen_mode=1 net.ipv6.conf.eth1.addr_gen_mode=1',
    'sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0',
    'for dev in lo eth0 eth1; do ip link set $dev up; done',
    'ip link add kube-ipvs0 type dummy',
    ...(oneIn(choose, 4) ? ['ip link set kube-ipvs0 up'] : []),
    add('node0', 'eth0', length),
    add('node1', 'eth1', length),
    ...(['vip1', 'vip2', 'vip3'] as const).map((name) => add(name, 'kube-ipvs0', host)),
    ...(['client', 'client2', 'gateway'] as const).map((name) => neighbour(ip(name), 'eth0')),
    ...(['server1', 'server2', 'server3'] as const).map((name) => neighbour(ip(name), 'eth1')),
  ];
}

function neighbour(ip: string, dev: string): string {
  return `ip neigh add ${ip} lladdr 02:00:00:00:00:99 dev ${dev} nud permanent`;
}

function routes({ family, choose, ip }: Plan): readonly string[] {
  const bits = family === 4 ? 32 : 128;
  const far = family === 4 ? '10.0.2.0/24' : 'fd00:2::/64';
  const table = `ip -${family} route add default via ${ip('server3')} dev eth1 table 100`;
  const rule = pick(choose, [
    `from ${ip('vip1')}/${bits} lookup 100`,
    'fwmark 0x10/0x10 lookup 100',
    `to ${ip('server2')}/${bits} lookup 100`,
    `from ${ip('client')}/${bits} lookup 100`,
    'iif lo lookup 100',
  ]);
  return [
    `ip -${family} route add default via ${ip('gateway')} dev eth0`,
    `ip -${family} route add ${far} via ${ip('server1')} dev eth1`,
    `ip -${family} route add ${pick(choose, ['unreachable', 'blackhole', 'prohibit'])} ${ip('gone')}/${bits}`,
    table,
    ...(oneIn(choose, 3) ? [`ip -${family} rule add ${rule}`] : []),
  ];
}

function settings({ choose }: Plan): readonly string[] {
  const set = (key: string, value: number) => `sysctl -qw ${key}=${value}`;
  const forwarding = oneIn(choose, 8) ? 0 : 1;
  return [
    set('net.ipv4.ip_forward', forwarding),
    set('net.ipv6.conf.all.forwarding', forwarding),
    set('net.ipv4.vs.conntrack', choose(2)),
    set('net.ipv4.conf.all.rp_filter', 0),
    ...['eth0', 'eth1'].map((dev) => set(`net.ipv4.conf.${dev}.rp_filter`, choose(3))),
    ...(oneIn(choose, 5) ? [set('net.ipv4.vs.sloppy_tcp', 1)] : []),
    ...(oneIn(choose, 4) ? [set('net.ipv4.vs.snat_reroute', 0)] : []),
    ...(oneIn(choose, 8) ? [set('net.ipv4.vs.nat_icmp_send', 1)] : []),
    ...(oneIn(choose, 8) ? [set('net.ipv4.conf.eth0.route_localnet', 1)] : []),
    ...(oneIn(choose, 6) ? [set('net.ipv4.conf.all.accept_local', 1)] : []),
  ];
}

function bracketed(plan: Plan, name: Name, port: number): string {
  return plan.family === 4 ? `${plan.ip(name)}:${port}` : `[${plan.ip(name)}]:${port}`;
}

const schedulers = [
  'rr',
  'rr',
  'wrr',
  'lc',
  'wlc',
  'sh',
  'dh',
  'sed',
  'nq',
  'fo',
  'ovf',
  'mh',
  'lblc',
  'lblcr',
  'twos',
];

function services(plan: Plan): readonly string[] {
  const { choose, family } = plan;
  const lines: string[] = [];
  const seen = new Set<string>();
  for (let count = 1 + choose(4); count > 0; count--) {
    const byMark = oneIn(choose, 7);
    const udp = !byMark && oneIn(choose, 3);
    const anyPort = !byMark && oneIn(choose, 8);
    const service = byMark
      ? `-f ${choose(2) + 1}`
      : `${udp ? '-u' : '-t'} ${bracketed(plan, pick(choose, vips), anyPort ? 0 : pick(choose, ports))}`;
    if (seen.has(service)) continue;
    seen.add(service);
    const persistent = anyPort || oneIn(choose, 6) ? ' -p 300' : '';
    const once = udp && oneIn(choose, 5) ? ' -o' : '';
    const six = byMark && family === 6 ? ' -6' : '';
    const scheduler = pick(choose, schedulers);
    // Earlier packets of the test are connections that no dump shows; they must not fill a server.
    const unit = scheduler === 'ovf' ? 100 : 1;
    lines.push(`-A ${service}${six} -s ${scheduler}${persistent}${once}`);
    const method = oneIn(choose, 5) ? pick(choose, ['-g', '-i']) : '-m';
    const taken = new Set<string>();
    for (let servers_ = choose(9) === 0 ? 0 : 1 + choose(3); servers_ > 0; servers_--) {
      const port = anyPort || byMark ? 0 : pick(choose, ports);
      const server = bracketed(plan, pick(choose, servers), port);
      if (taken.has(server)) continue;
      taken.add(server);
      lines.push(`-a ${service}${six} -r ${server} ${method} -w ${oneIn(choose, 6) ? 0 : unit * (1 + choose(3))}`);
    }
  }
  return lines;
}

const hooks = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;

/** One command that loads the rules; tables that are left out stay unloaded, so that conntrack is off at times. */
function rules(plan: Plan): string {
  const { choose, family } = plan;
  const tables = (Object.keys(hooks) as (keyof typeof hooks)[]).filter(
    (table) => !oneIn(choose, table === 'nat' ? 4 : 6),
  );
  const text = tables.flatMap((table) => [
    `*${table}`,
    ...hooks[table].flatMap((hook) => Array.from({ length: 1 + choose(5) }, () => rule(plan, table, hook))),
    'COMMIT',
  ]);
  const tool = family === 4 ? 'iptables-legacy-restore' : 'ip6tables-legacy-restore';
  return `${tool} <<'END'\n${text.join('\n')}\nEND`;
}

function rule(plan: Plan, table: string, hook: string): string {
  const asked = condition(plan, hook);
  const does = verdict(plan, table, hook);
  // A port is named for a protocol that is named.
  const proto = does.includes('DNAT') && !asked.includes('-p ') ? ' -p tcp' : '';
  const fits = !does.includes('DNAT') || !asked.includes('-p udp');
  return `-A ${hook} ${asked}${proto} ${fits ? does : ''}`.trim();
}

function condition(plan: Plan, hook: string): string {
  const { choose, ip, family } = plan;
  const out = hook === 'OUTPUT' || hook === 'POSTROUTING' || hook === 'FORWARD';
  const into = hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD';
  const name = () => pick<Name>(choose, [...vips, ...remote, ...clients, 'node0', 'node1']);
  const not = oneIn(choose, 5) ? '! ' : '';
  const host = family === 4 ? 32 : 128;
  switch (choose(12)) {
    case 0:
      return `${not}-s ${ip(name())}/${host}`;
    case 1:
    case 2:
      return `${not}-d ${ip(name())}/${host}`;
    case 3:
      return `-p ${pick(choose, ['tcp', 'udp'])} --dport ${pick(choose, ports)}`;
    case 4:
      return out
        ? `${not}-o ${pick(choose, ['eth0', 'eth1', 'lo'])}`
        : `${not}-i ${pick(choose, ['eth0', 'eth1', 'lo'])}`;
    case 5:
      return into && out ? `-i ${pick(choose, ['eth0', 'eth1'])}` : '';
    case 6:
      return `-m conntrack ${not}--ctstate ${pick(choose, ['NEW', 'ESTABLISHED', 'INVALID', 'UNTRACKED', 'RELATED,ESTABLISHED', 'SNAT', 'DNAT'])}`;
    case 7:
      return `-m ipvs ${not}--ipvs`;
    case 8:
      return `-m ipvs ${ipvsDetail(plan)}`;
    case 9:
      return `-m mark ${not}--mark 0x${pick(choose, [0, 1, 2, 16]).toString(16)}`;
    case 10:
      return `-m addrtype ${not}--${pick(choose, ['src', 'dst'])}-type LOCAL`;
    default:
      return '';
  }
}

function ipvsDetail({ choose, ip, family }: Plan): string {
  const not = oneIn(choose, 4) ? '! ' : '';
  return pick(choose, [
    `${not}--vaddr ${ip(pick(choose, vips))}/${family === 4 ? 32 : 128}`,
    `${not}--vport ${pick(choose, ports)}`,
    `${not}--vproto ${pick(choose, [6, 17])}`,
    `--vdir ${pick(choose, ['ORIGINAL', 'REPLY'])}`,
    `${not}--vmethod ${pick(choose, ['MASQ', 'GATE', 'IPIP'])}`,
    `${not}--vportctl ${pick(choose, ports)}`,
  ]);
}

function verdict(plan: Plan, table: string, hook: string): string {
  const { choose, ip } = plan;
  if (table === 'nat' && oneIn(choose, 3)) {
    const destination = hook === 'PREROUTING' || hook === 'OUTPUT';
    const port = pick(choose, ports);
    if (destination) return `-j DNAT --to-destination ${bracketed(plan, pick(choose, [...vips, ...remote]), port)}`;
    if (hook === 'POSTROUTING') return oneIn(choose, 3) ? `-j SNAT --to-source ${ip('node1')}` : '-j MASQUERADE';
  }
  if (table === 'raw' && oneIn(choose, 8)) return '-j CT --notrack';
  if (table === 'mangle' && oneIn(choose, 4))
    return `-j MARK --set-xmark 0x${pick(choose, [1, 2, 16]).toString(16)}/0xffffffff`;
  if (table === 'filter' && oneIn(choose, 14)) return pick(choose, ['-j DROP', '-j REJECT']);
  return oneIn(choose, 8) ? '-j ACCEPT' : '';
}

function probe(plan: Plan, sport: number): IpvsProbe {
  const { choose, family, ip } = plan;
  const proto = oneIn(choose, 4) ? 'udp' : 'tcp';
  const tcp_flags = oneIn(choose, 8) ? pick(choose, ['ACK', 'SYN,ACK', 'RST', 'FIN,ACK']) : 'SYN';
  const dst = ip(oneIn(choose, 10) ? pick(choose, [...remote, 'outside']) : pick(choose, vips));
  const head = { family, dst, proto, sport, dport: pick(choose, ports) } as const;
  const ttl = oneIn(choose, 12) ? { ttl: 1 + choose(2) } : {};
  if (oneIn(choose, 3)) {
    const mark = oneIn(choose, 8) ? { mark: pick(choose, [1, 2, 16]) } : {};
    return { kind: 'output', ...head, tcp_flags: 'SYN', ...ttl, ...mark };
  }
  const fromServer = oneIn(choose, 10);
  const src = ip(fromServer ? pick(choose, remote) : pick(choose, clients));
  return { kind: 'ingress', in_iface: fromServer ? 'eth1' : 'eth0', src, ...head, tcp_flags, ...ttl };
}
