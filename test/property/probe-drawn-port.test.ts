/** Rules that ask for a port which the kernel draws: the answer is settled where the whole range gives the same. include/net/udp.h udp_flow_src_port. */
import { describe, expect, it } from 'vitest';
import { router, rules } from './node-text.js';
import { answerTo, interviewOf, type Json, said } from './probe-node.js';

const inward: Json = {
  kind: 'ingress',
  family: 4,
  in_iface: 'eth0',
  src: '10.1.0.9',
  dst: '10.2.0.9',
  proto: 'udp',
  sport: 4000,
  dport: 53,
};

describe('a port that NAT draws', () => {
  const drawn = (match: string) => {
    const nat = ['-A POSTROUTING -p udp -j MASQUERADE --to-ports 2000-2999 --random'];
    const mangle = [`-A PREROUTING -p udp ${match}`];
    const ask = interviewOf({ 'iptables-save.txt': rules({ mangle, nat }) });
    return said(answerTo(ask, inward, { kind: 'reply', family: 4, of: '1' }));
  };

  it.each([
    ['outside of the range', '-m multiport --dports 53,1999,3000', false],
    ['the whole range', '-m multiport --dports 2000:2999', true],
    ['more than the range', '-m udp --dport 1024:65535', true],
  ])('is settled for a rule that asks for %s', (_, match, counts) => {
    const answer = drawn(match);
    expect(answer).not.toContain(' or ');
    expect(answer.includes('mangle/PREROUTING/1')).toBe(counts);
  });

  it('is open for a rule that asks for a part of it', () => {
    expect(drawn('-m multiport --dports 2000:2998')).toContain(' or ');
  });
});

describe('the source port of what carries a VXLAN frame', () => {
  const link = (srcport: string) =>
    `${String(router['ip-addr.txt'])}9: vx: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN mode DEFAULT group default
    link/ether 02:00:00:00:09:01 brd ff:ff:ff:ff:ff:ff promiscuity 0
    vxlan id 1 local 10.2.0.1 dev eth1 ${srcport}dstport 4789 nolearning ttl auto ageing 300 addrgenmode eui64
`;
  const usual = 'net.ipv4.ip_local_port_range = 32768\t60999\n';
  const sent = (srcport: string, match: string, sysctl = '') => {
    const dumps = {
      'ip-addr.txt': link(srcport),
      'ip-route.txt': `${String(router['ip-route.txt'])}10.9.0.0/24 via 10.9.0.1 dev vx onlink\n`,
      'ip-neigh.txt': `${String(router['ip-neigh.txt'])}10.9.0.1 dev vx lladdr 02:00:00:00:09:02 PERMANENT\n`,
      'bridge-fdb.txt': '02:00:00:00:09:02 dev vx dst 10.2.0.9 self permanent\n',
      'sysctl.txt': `${String(router['sysctl.txt'])}${sysctl}`,
      'iptables-save.txt': rules({ mangle: [`-A OUTPUT -p udp ${match}`] }),
    };
    return said(answerTo(interviewOf(dumps), { ...inward, dst: '10.9.0.9' }));
  };

  it.each([
    ['ports of local sockets', 'srcport 0 0 ', '-m multiport --sports 53,80,32767,60999', usual, 'no'],
    ['ports of local sockets', 'srcport 0 0 ', '-m multiport --sports 32768:60998', usual, 'yes'],
    ['ports of local sockets', 'srcport 0 0 ', '-m multiport --sports 32768:60997', usual, 'open'],
    ['its own range', 'srcport 2000 3000 ', '-m multiport --sports 2000:2999', '', 'yes'],
    ['its own range', 'srcport 2000 3000 ', '-m multiport --sports 3000', '', 'no'],
    [
      'a range that was set',
      'srcport 0 0 ',
      '-m multiport --sports 1000:1099',
      'net.ipv4.ip_local_port_range = 1000\t1100\n',
      'yes',
    ],
    ['ports of local sockets that were not captured', 'srcport 0 0 ', '-m multiport --sports 53', '', 'open'],
    ['a range that is not shown', '', '-m multiport --sports 53', '', 'open'],
  ])('lies in %s: %s%s', (_, srcport, match, sysctl, counts) => {
    const answer = sent(srcport, match, sysctl);
    const found = answer.startsWith('unknown') ? 'open' : answer.includes('mangle/OUTPUT/1') ? 'yes' : 'no';
    expect(`${found}: ${answer}`).toMatch(new RegExp(`^${counts}:`));
  });
});
