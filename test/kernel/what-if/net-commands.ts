/** Random commands of ip, bridge and sysctl on two veth pairs, on few addresses so that they meet. */
import type { Draw } from './draw.js';

export const netSetup = [
  'sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.router_solicitations=0 net.ipv6.conf.default.router_solicitations=0',
  'ip link add a0 address 02:00:00:00:00:01 type veth peer name a1 address 02:00:00:00:00:02',
  'ip link add b0 address 02:00:00:00:00:03 type veth peer name b1 address 02:00:00:00:00:04',
  'ip link set lo up; ip link set a0 up; ip link set a1 up; ip link set b0 up; ip link set b1 up',
  'ip addr add 10.0.0.1/24 dev a0; ip addr add fd00::1/64 dev a0 nodad; ip addr add 10.1.0.1/16 brd + dev b0',
  'ip route add default via 10.0.0.254; ip -6 route add default via fd00::ff',
] as const;

const dev = (draw: Draw) => draw.from(['a0', 'a0', 'b0', 'a1', 'c0']);
const host4 = (draw: Draw) => `10.${draw.below(2)}.${draw.from([0, 0, 7])}.${draw.from([1, 2, 3, 9, 254])}`;
const host6 = (draw: Draw) => `fd0${draw.below(2)}::${draw.from([1, 2, 9])}`;

export function netCommand(draw: Draw): string {
  if (draw.oneIn(25)) return batch(draw);
  switch (draw.below(10)) {
    case 0:
    case 1:
      return addressCommand(draw);
    case 2:
      return linkCommand(draw);
    case 3:
      return ruleCommand(draw);
    case 4:
      return neighbourCommand(draw);
    case 5:
      return draw.oneIn(2) ? route6Command(draw) : route4Command(draw);
    default:
      return draw.oneIn(3) ? route6Command(draw) : route4Command(draw);
  }
}

/** Without the word `ip`; what stands before the line that fails is done. */
function batch(draw: Draw): string {
  const lines = Array.from({ length: 1 + draw.below(4) }, () =>
    draw.from([addressCommand, linkCommand, neighbourCommand, route4Command])(draw),
  );
  const plain = lines.filter((line) => /^ip [a-z]/.test(line)).map((line) => line.replace(/^ip /, ''));
  return `ip${draw.from(['', '', ' -force'])} -b - <<'END'\n${plain.join('\n')}\nEND\n`;
}

function addressCommand(draw: Draw): string {
  const verb = draw.from(['add', 'add', 'add', 'del', 'del', 'replace', 'flush']);
  if (verb === 'flush')
    return `ip${draw.from(['', ' -4', ' -6'])} addr flush dev ${dev(draw)}${draw.oneIn(3) ? ' scope global' : ''}`;
  if (draw.oneIn(3))
    return `ip addr ${verb} ${host6(draw)}/${draw.from([64, 64, 128, 48])} dev ${dev(draw)}${verb === 'del' ? '' : ' nodad'}`;
  const peer = draw.oneIn(6) ? ` peer ${host4(draw)}` : '';
  const length = draw.from([24, 24, 16, 32, 25, 31]);
  const more = verb === 'del' ? '' : draw.from(['', '', ' brd +', ' noprefixroute', ' scope link']);
  if (verb === 'del' && draw.oneIn(5))
    return `ip addr del ${draw.oneIn(3) ? host6(draw) : host4(draw)} dev ${dev(draw)}`;
  return `ip addr ${verb} ${host4(draw)}${peer === '' ? `/${length}` : peer} dev ${dev(draw)}${more}`;
}

function linkCommand(draw: Draw): string {
  return draw.from([
    `ip link set ${dev(draw)} down`,
    `ip link set dev ${dev(draw)} up`,
    `ip link set ${dev(draw)} up`,
    `ip link set ${dev(draw)} mtu ${draw.from([1400, 1450, 9000])}`,
    `ip link del ${draw.from(['c0', 'b1', 'nope', 'nope'])}`,
    `ip link set ${draw.from(['b1', 'c0'])} name c0`,
  ]);
}

function ruleCommand(draw: Draw): string {
  const selector = draw.from([
    'from 10.0.0.0/24',
    'to 10.7.0.0/16',
    'fwmark 0x1/0xff',
    'iif a0',
    'from all',
    'not from 10.1.0.0/16',
    'from 10.0.0.1 ipproto tcp dport 80',
  ]);
  const action = draw.from([
    'table 100',
    'lookup main',
    'lookup local',
    'blackhole',
    'table main suppress_prefixlength 0',
    'goto 300',
    'unreachable',
    'prohibit',
  ]);
  const number = draw.from(['', ' pref 100', ' priority 200', ' pref 300', ' pref 0', ' pref 32766']);
  if (draw.oneIn(5)) {
    const six = `${draw.from(['from fd00::/64', 'to fd07::/32', 'from 10.0.0.0/24', 'iif a0'])} ${action}${number}`;
    return `ip${draw.from(['', ' -6', ' -6'])} rule ${draw.from(['add', 'add', 'del'])} ${six}`;
  }
  return draw.from([
    `ip rule add ${selector} ${action}${number}`,
    `ip rule add ${selector} ${action}${number}`,
    `ip rule del ${selector} ${action}${number}`,
    `ip rule del${number === '' ? ` ${selector}` : number}`,
  ]);
}

function neighbourCommand(draw: Draw): string {
  const verb = draw.from(['add', 'add', 'replace', 'del', 'change']);
  const ip = draw.oneIn(3) ? host6(draw) : host4(draw);
  const mac = `02:00:00:00:01:0${draw.below(3)}`;
  if (draw.oneIn(12)) return `ip neigh flush dev ${dev(draw)}`;
  if (draw.oneIn(12)) return `ip neigh ${verb} proxy ${ip} dev ${dev(draw)}`;
  const address = verb === 'del' || draw.oneIn(10) ? '' : ` lladdr ${mac}`;
  return `ip neigh ${verb} ${ip}${address} dev ${dev(draw)}${verb === 'del' ? '' : draw.from(['', ' nud permanent', ' nud noarp'])}`;
}

function route4Command(draw: Draw): string {
  const verb = draw.from(['add', 'add', 'add', 'append', 'replace', 'change', 'del', 'del', 'prepend']);
  const dst = draw.from(['10.7.0.0/16', '10.8.0.0/16', 'default', '10.9.0.1', '10.0.0.0/24', '10.7.7.0/24']);
  const table = draw.from(['', '', '', ' table 100']);
  const metric = draw.from(['', '', '', ' metric 5', ' metric 100']);
  if (verb === 'del')
    return `ip route del ${dst}${draw.from(['', '', ` via ${host4(draw)}`, ` dev ${dev(draw)}`, ' scope link', ' proto static', ` src ${host4(draw)}`])}${metric}${table}`;
  if (draw.oneIn(8))
    return `ip route ${verb} ${draw.from(['blackhole', 'unreachable', 'prohibit', 'throw'])} ${dst}${metric}${table}`;
  if (draw.oneIn(6))
    return `ip route ${verb} ${dst}${metric}${table} nexthop via ${host4(draw)} weight ${1 + draw.below(3)} nexthop via ${host4(draw)}${draw.oneIn(3) ? ` dev ${dev(draw)}` : ''}`;
  if (draw.oneIn(16))
    return `ip route flush ${draw.from([`dev ${dev(draw)}`, 'proto kernel', 'root 10.0.0.0/8', 'exact 10.7.0.0/16', 'scope link', 'type blackhole', 'all'])}`;
  const way = draw.from([
    `via ${host4(draw)}`,
    `via ${host4(draw)} dev ${dev(draw)}`,
    `dev ${dev(draw)}`,
    `via ${host4(draw)} dev ${dev(draw)} onlink`,
    `dev ${dev(draw)} scope ${draw.from(['host', 'link', 'global'])}`,
  ]);
  const source = draw.oneIn(6) ? ` src ${host4(draw)}` : '';
  return `ip route ${verb} ${dst} ${way}${source}${metric}${table}${draw.oneIn(10) ? ' proto static' : ''}${draw.oneIn(12) ? ' mtu 1400' : ''}`;
}

function route6Command(draw: Draw): string {
  const verb = draw.from(['add', 'add', 'add', 'replace', 'change', 'del', 'del']);
  const dst = draw.from(['fd07::/32', 'fd08::/48', 'default', 'fd09::1', 'fd00::/64']);
  const metric = draw.from(['', '', '', ' metric 5']);
  const table = draw.from(['', '', '', ' table 100']);
  if (verb === 'del')
    return `ip -6 route del ${dst}${draw.from(['', '', ` via ${host6(draw)}`, ` dev ${dev(draw)}`])}${metric}${table}`;
  if (draw.oneIn(8))
    return `ip -6 route ${verb} ${draw.from(['blackhole', 'unreachable', 'prohibit'])} ${dst}${metric}${table}`;
  const way = draw.from([
    `via ${host6(draw)}`,
    `via ${host6(draw)} dev ${dev(draw)}`,
    `dev ${dev(draw)}`,
    `via fe80::9 dev ${dev(draw)}`,
    'via fe80::9',
    `via ${host6(draw)} dev ${dev(draw)} onlink`,
  ]);
  return `ip -6 route ${verb} ${dst} ${way}${draw.oneIn(8) ? ` src ${host6(draw)}` : ''}${metric}${table}`;
}
