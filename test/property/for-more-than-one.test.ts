/** Who answers an echo request, or TCP, that is for everybody, for a group, or for whoever is nearest, and from which address. */
import { describe, expect, it } from 'vitest';
import { askOne, type Dumps, router, sysctls } from './node-text.js';
import { routerWith } from './router.js';

const routes6 = `fe80::/64 dev eth0 proto kernel metric 256 pref medium
fd01::/64 dev eth0 proto kernel metric 256 pref medium
anycast fd01:: dev eth0 table local proto kernel metric 0 pref medium
local fd01::1 dev eth0 table local proto kernel metric 0 pref medium
local ::1 dev lo table local proto kernel metric 0 pref medium
multicast ff00::/8 dev eth0 table local proto kernel metric 256 pref medium
`;

function with6(settings: string): Dumps {
  return {
    'ip-addr.txt': (router['ip-addr.txt'] ?? '').replace(
      'scope global eth0\n',
      'scope global eth0\n       valid_lft forever preferred_lft forever\n    inet6 fd01::1/64 scope global\n',
    ),
    'ip-6-route.txt': routes6,
    'ip-6-rule.txt': '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
    'ip6tables-save.txt': '',
    'sysctl.txt': `${router['sysctl.txt']}${sysctls({ 'net.ipv6.conf.all.forwarding': 1 })}${settings}`,
  };
}

const broadcasts = 'net.ipv4.icmp_echo_ignore_broadcasts';
const groups = 'net.ipv6.icmp.echo_ignore_multicast';
const anycast = 'net.ipv6.icmp.echo_ignore_anycast';
const every = 'net.ipv6.icmp.echo_ignore_all';

describe('an echo request', () => {
  it.each<[string, string, Readonly<Record<string, number>>, string]>([
    ['for everybody on a link is not answered', '10.1.0.255', {}, 'dropped'],
    ['for everybody is answered where that is allowed', '10.1.0.255', { [broadcasts]: 0 }, 'delivered'],
    ['for a group is not answered', '224.0.0.1', {}, 'dropped'],
    ['for a group is answered where that is allowed', '224.0.0.1', { [broadcasts]: 0 }, 'delivered'],
    ['for the node itself is answered all the same', '10.1.0.1', { [broadcasts]: 1 }, 'delivered'],
    ['of IPv6 for a group is answered', 'ff02::1', {}, 'delivered'],
    ['of IPv6 for a group is not where that is forbidden', 'ff02::1', { [groups]: 1 }, 'dropped'],
    ['of IPv6 for a group is not where none is', 'ff02::1', { [every]: 1 }, 'dropped'],
    ['of IPv6 for whichever router is near is answered', 'fd01::', {}, 'delivered'],
    ['of IPv6 for whichever router is not where that is forbidden', 'fd01::', { [anycast]: 1 }, 'dropped'],
    ['of IPv6 for the node itself is answered', 'fd01::1', { [anycast]: 1, [groups]: 1 }, 'delivered'],
  ])('%s', (_sentence, to, settings, disposition) => {
    const v6 = to.includes(':');
    const outcome = askOne(routerWith(with6(sysctls(settings))), {
      in: 'eth0',
      src: v6 ? 'fd01::9' : '10.1.0.9',
      to,
      proto: v6 ? 58 : 1,
      port: null,
      assume: 'defaults',
    });
    expect(outcome).toMatchObject({ disposition: 'delivered', reply: { disposition } });
  });
});

describe('TCP', () => {
  const listens = `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
tcp   LISTEN 0      5                  *:22              *:*
`;

  it.each<[string, string, number, string, string | null]>([
    ['for the node itself is taken', '10.1.0.1', 22, 'delivered', null],
    ['for the node itself is refused where nobody listens', '10.1.0.1', 23, 'rejected', 'tcp-reset'],
    ['for everybody is lost', '10.1.0.255', 22, 'dropped', null],
    ['for everybody is not even refused', '10.1.0.255', 23, 'dropped', null],
    ['of IPv6 for the node itself is taken', 'fd01::1', 22, 'delivered', null],
    ['of IPv6 for whichever router is near is lost', 'fd01::', 22, 'dropped', null],
    ['of IPv6 for whichever router is near is not even refused', 'fd01::', 23, 'dropped', null],
  ])('%s', (_sentence, to, port, disposition, rejectWith) => {
    const outcome = askOne(routerWith({ ...with6(''), 'ss.txt': listens }), {
      in: 'eth0',
      src: to.includes(':') ? 'fd01::9' : '10.1.0.9',
      to,
      port,
      assume: 'defaults',
    });
    expect(outcome).toMatchObject({ disposition, rejectWith });
  });
});

describe('what is for more than one is answered', () => {
  const listens = `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
udp   UNCONN 0      0                  *:53              *:*
`;
  const settings = sysctls({ [broadcasts]: 0 });

  it.each<[string, string, number | null, string, string]>([
    ['by a node in its own name', '10.1.0.255', 53, '', 'delivered from 10.1.0.1'],
    ['by a member of the group in its own name', '224.0.0.1', 53, '', 'delivered from 10.1.0.1'],
    ['by a member of the group of IPv6 in its own name', 'ff02::1', 53, '', 'delivered from fd01::1'],
    ['by one that is asked for an echo in its own name, too', 'fd01::', null, '', 'delivered from fd01::1'],
    [
      'with the address that stands for several where that is allowed',
      'fd01::',
      null,
      sysctls({ 'net.ipv6.anycast_src_echo_reply': 1 }),
      'delivered from fd01::',
    ],
    ['from fd01:: or not as the program likes', 'fd01::', 53, '', 'undetermined'],
  ])('%s', (_sentence, to, port, more, expected) => {
    const v6 = to.includes(':');
    const { reply } = askOne(routerWith({ ...with6(`${settings}${more}`), 'ss.txt': listens }), {
      in: 'eth0',
      src: v6 ? 'fd01::9' : '10.1.0.9',
      to,
      proto: port === null ? 58 : 17,
      port,
      assume: 'defaults',
    });
    const chosen = reply?.steps.find(({ stage }) => stage === 'source selection')?.what.replace('the source is ', '');
    const said = reply?.disposition === 'delivered' ? `delivered from ${chosen ?? to}` : reply?.disposition;
    expect(said).toBe(expected);
  });
});

describe('a server of UDP that is called by another address than its routes choose', () => {
  const listens = (address: string) => `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
udp   UNCONN 0      0      ${address}:53              *:*
tcp   LISTEN 0      5            *:53              *:*
`;

  it.each<[string, string, string, number, 'defaults' | 'none', string]>([
    ['is taken to answer by that', '*', '10.2.0.1', 17, 'defaults', 'delivered, assumed'],
    ['may answer by another', '*', '10.2.0.1', 17, 'none', 'undetermined'],
    ['answers by it where its socket has it', '10.2.0.1', '10.2.0.1', 17, 'none', 'delivered'],
    ['answers by it where the routes choose it', '*', '10.1.0.1', 17, 'none', 'delivered'],
    ['always answers by it over TCP', '*', '10.2.0.1', 6, 'none', 'delivered'],
  ])('%s', (_sentence, address, to, l4, assume, expected) => {
    const node = routerWith({ 'ss.txt': listens(address) });
    const outcome = askOne(node, { in: 'eth0', src: '10.1.0.9', to, proto: l4, port: 53, assume });
    const doubted = outcome.assumptions.some(({ text }) => text.includes('which its routes choose'));
    expect(`${outcome.reply?.disposition}${doubted ? ', assumed' : ''}`).toBe(expected);
  });
});
