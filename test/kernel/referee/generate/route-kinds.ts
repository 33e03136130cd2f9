/** Routes of every type and with every attribute, addresses of every kind, labels. ip-route(8), ip-address(8), ip-addrlabel(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyDevice, anyHost, anyPrefix, type Pool } from './pool.js';
import type { Widened } from './widening.js';

export function routeKinds(pool: Pool, _tool: string, random: Prng): Widened {
  const ip = (text: string): Line => ({ tool: pool.family === 6 ? 'ip6' : 'ip', text });
  const some = (most: number, make: () => string): readonly Line[] =>
    Array.from({ length: random.below(most) }, () => ip(make()));
  return {
    network: [
      ...some(4, () => address(pool, random)),
      ...(pool.family === 6 ? some(3, () => label(pool, random)) : linkLocals(pool)),
      ...Array.from({ length: 3 + random.below(7) }, () => ip(route(pool, random))),
      ...(pool.family === 6 && random.chance(0.4) ? rivals(pool, random).map(ip) : []),
      ...parameters(pool, random),
    ],
  };
}

/** Where none of the least metric fits (by its device, or by a gateway that failed), those of all other metrics compete by their preference. */
function rivals(pool: Pool, random: Prng): readonly string[] {
  const { net } = random.pick(pool.remotes);
  const first = anyDevice(pool, random);
  const others = Array.from({ length: 2 + random.below(2) }, () => anyDevice(pool, random));
  const preferred = () => random.pick(['', ' pref low', ' pref high', ' pref medium']);
  return [
    ...(random.chance(0.5) ? [`neigh replace ${first.hosts[0]} dev ${first.name} nud failed`] : []),
    ...[first, ...others].map(
      ({ name, hosts }, at) =>
        `route replace ${net} ${random.chance(0.7) ? `via ${hosts[0]} ` : ''}dev ${name} metric ${10 * (at + 1)}${preferred()}`,
    ),
  ];
}

/** Neighbours of IPv6 that routes of IPv4 may lead to. */
function linkLocals({ devices }: Pool): readonly Line[] {
  return devices.map(({ name }) => ({
    tool: 'ip6',
    text: `neigh replace fe80::9 lladdr 02:00:00:00:ff:09 dev ${name} nud permanent`,
  }));
}

function address(pool: Pool, random: Prng): string {
  const name = random.pick([anyDevice(pool, random).name, 'lo']);
  if (pool.family === 6) {
    const own = random.pick([
      'fd77::1/128',
      'fd00:0::3/64',
      'fd00:1::3/128',
      '2001:db8:7::1/64',
      'fec0::5/64',
      '2002:a00:1::1/64',
    ]);
    const more = random.pick(['', '', ' preferred_lft 0', ' noprefixroute', ' home', ' metric 50']);
    return `addr add ${own} dev ${name} nodad${more}`;
  }
  const own = random.pick([
    '10.77.0.1/32',
    '10.0.0.3/24',
    '10.1.0.3/32',
    '172.16.9.1/24',
    '10.0.0.4/25',
    '169.254.7.7/16',
    '10.78.0.0/31',
  ]);
  const scope = random.pick(['', '', ' scope host', ' scope link']);
  const more = random.pick(['', '', ' noprefixroute', ' brd +', ' metric 50', ' preferred_lft 0']);
  if (random.chance(0.2)) return `addr add 10.79.0.1 peer ${anyHost(pool, random)} dev ${name}${scope}`;
  // On lo a whole network is local, and whether longer routes of table main win over that one no dump tells.
  const dev = own.endsWith('/32') || random.chance(0.1) ? name : anyDevice(pool, random).name;
  return `addr add ${own} dev ${dev}${scope}${more}`;
}

function label({ devices }: Pool, random: Prng): string {
  const prefix = random.pick(['fd00::/8', '2001:db8::/32', 'fd00:0::/64', '2001:db8:1::/64', 'fec0::/10']);
  const dev = random.chance(0.25) ? ` dev ${random.pick(devices).name}` : '';
  return `addrlabel add prefix ${prefix} label ${random.pick([1, 5, 13, 99])}${dev}`;
}

function route(pool: Pool, random: Prng): string {
  const prefix = random.chance(0.5) ? random.pick(pool.remotes).net : anyPrefix(pool, random);
  const dst = random.chance(0.15) ? 'default' : prefix.replace(/^(?:0\.0\.0\.0|::)\/0$/, 'default');
  const { name, hosts, own } = anyDevice(pool, random);
  const special = random.unit();
  if (special < 0.02)
    return `route add local ${dst} dev ${random.pick(['lo', name])}${source(pool, random)} table ${random.pick(['local', 'main'])}`;
  if (special < 0.06)
    return `route add ${pool.family === 4 ? 'broadcast' : 'anycast'} ${dst} dev ${name} table ${random.pick(['local', 'main'])}`;
  if (special < 0.1)
    return `route add ${random.pick(['blackhole', 'unreachable', 'prohibit'])} ${dst}${metric(random)}`;
  const via =
    pool.family === 4 && random.chance(0.15) ? 'via inet6 fe80::9' : `via ${random.chance(0.9) ? hosts[0] : own[0]}`;
  const way = random.chance(0.2) ? `dev ${name}` : `${via} dev ${name}${random.chance(0.1) ? ' onlink' : ''}`;
  return `route ${random.pick(['add', 'append', 'replace'])} ${tos(pool, random)}${dst} ${way}${source(pool, random)}${metric(random)}${attributes(pool, random)}`;
}

const tos = ({ family }: Pool, random: Prng): string =>
  family === 4 && random.chance(0.2) ? `tos ${random.pick(['0x10', '0x08', '0x04'])} ` : '';

const metric = (random: Prng): string => (random.chance(0.4) ? ` metric ${random.pick([1, 2, 100, 1024])}` : '');

function source(pool: Pool, random: Prng): string {
  return random.chance(0.25) ? ` src ${random.pick(anyDevice(pool, random).own)}` : '';
}

function attributes({ family }: Pool, random: Prng): string {
  const four = ['scope link', 'scope global', 'scope host', 'realm 5', 'realm 3/7', 'proto static', 'proto 42'];
  const six = ['pref high', 'pref low', 'pref medium', 'expires 1000', 'proto static'];
  const both = ['advmss 900', 'initcwnd 5', 'window 4000', 'rtt 100', 'quickack 1', 'congctl reno'];
  const words = [...(family === 4 ? four : six), ...both].filter(() => random.chance(0.07));
  return words.map((word) => ` ${word}`).join('');
}

function parameters({ family, devices }: Pool, random: Prng): readonly Line[] {
  const dev = random.pick(['all', random.pick(devices).name]);
  const four = [
    `net/ipv4/conf/${dev}/promote_secondaries 1`,
    'net/ipv4/ip_nonlocal_bind 1',
    'net/ipv4/ip_forward_update_priority 0',
    `net/ipv4/conf/${dev}/ignore_routes_with_linkdown 1`,
    `net/ipv4/conf/${dev}/bc_forwarding 1`,
    `net/ipv4/conf/${dev}/disable_policy 1`,
    `net/ipv4/conf/${dev}/disable_xfrm 1`,
    'net/ipv4/icmp_errors_use_inbound_ifaddr 1',
    'net/ipv4/ip_no_pmtu_disc 1',
    'net/ipv4/icmp_echo_ignore_all 1',
    'net/ipv4/icmp_echo_ignore_broadcasts 0',
    'net/ipv4/raw_l3mdev_accept 0',
    'net/netfilter/nf_conntrack_tcp_be_liberal 1',
    'net/netfilter/nf_conntrack_checksum 0',
  ];
  const six = [
    `net/ipv6/conf/${dev}/force_forwarding 1`,
    `net/ipv6/conf/${dev}/use_tempaddr 2`,
    `net/ipv6/conf/${dev}/use_optimistic 1`,
    `net/ipv6/conf/${dev}/use_oif_addrs_only 1`,
    `net/ipv6/conf/${dev}/ignore_routes_with_linkdown 1`,
    'net/ipv6/ip_nonlocal_bind 1',
    'net/ipv6/fwmark_reflect 1',
    'net/ipv6/anycast_src_echo_reply 1',
    'net/ipv6/icmp/error_anycast_as_unicast 1',
    'net/ipv6/auto_flowlabels 0',
    'net/ipv6/route/skip_notify_on_dev_down 1',
    'net/netfilter/nf_conntrack_checksum 0',
  ];
  const names = family === 4 ? four : six;
  return names.filter(() => random.chance(0.12)).map((text) => ({ tool: 'sysctl', text }));
}
