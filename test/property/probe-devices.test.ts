/** Devices that hand a packet on or take it over: what is modelled of them is answered, everything else is open. `ip -d link` of iproute2. */
import { describe, expect, it } from 'vitest';
import { router, rules } from './node-text.js';
import { answerTo, interviewOf, type Json, said } from './probe-node.js';

const ends = 'promiscuity 0 minmtu 68 maxmtu 65535';
const ethernet = 'link/ether 02:00:00:00:77:01 brd ff:ff:ff:ff:ff:ff';

/** eth0 and eth1 as they are, or with words of a member, and one more device. */
function links(device: string, member = ''): string {
  const plain = (router['ip-addr.txt'] ?? '').replace(/^ {4}(?:inet| {3}valid).*\n/gm, '');
  const mastered = plain.replace(/qdisc (\S+) state UP(?=[^\n]*\n {4}link\/ether)/g, `qdisc $1 ${member}state UP`);
  return `${mastered}9: ${device}\n`;
}

function ask(linkText: string, question: Json, routes = ''): string {
  const dumps = {
    'ip-link.txt': linkText,
    'ip-route.txt': `${routes}${router['ip-route.txt']}`,
    'iptables-save.txt': rules({ mangle: ['-A OUTPUT -o dev0', '-A POSTROUTING -o dev0', '-A PREROUTING -i dev0'] }),
  };
  const answer = answerTo(interviewOf(dumps, 'defaults'), {
    ...{ family: 4, proto: 'udp', sport: 4000, dport: 53 },
    ...question,
  });
  return `${said(answer).replace(/ \[.*\]/, '')}${answer['because'] === undefined ? '' : `: ${String(answer['because'])}`}`;
}

const out = { kind: 'output', dst: '10.7.0.9' };
const byDevice = '10.7.0.0/24 dev dev0 scope link src 10.1.0.1\n';
const pointed =
  '<POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1400 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000';
const wired = '<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400 qdisc noqueue state UP mode DEFAULT group default qlen 1000';

describe('what leaves by a device', () => {
  it.each([
    [
      'gre',
      `dev0@NONE: ${pointed}\n    link/gre 10.1.0.1 peer 10.1.0.9 ${ends}\n    gre remote 10.1.0.9 local 10.1.0.1 ttl inherit`,
    ],
    [
      'sit',
      `dev0@NONE: ${pointed}\n    link/sit 10.1.0.1 peer 10.1.0.9 ${ends}\n    sit ip6ip remote 10.1.0.9 local 10.1.0.1 ttl 64`,
    ],
    ['geneve', `dev0: ${wired}\n    ${ethernet} ${ends}\n    geneve id 5 remote 10.1.0.9 ttl auto dstport 6081`],
    ['wireguard', `dev0: ${pointed}\n    link/none  ${ends}\n    wireguard`],
    ['xfrm', `dev0@eth0: ${pointed}\n    link/none  ${ends}\n    xfrm if_id 0x2a`],
    ['ipvlan', `dev0@eth0: ${wired}\n    ${ethernet} ${ends}\n    ipvlan  mode l3 bridge`],
  ])('is open where %s sends another packet for it', (kind, device) => {
    expect(ask(links(device), out, byDevice)).toBe(
      `unknown: dev0 (${kind}) sends the packet on in another one or once more, which is not modelled`,
    );
  });

  it.each([
    ['ipvlan', `dev0@eth0: ${wired}\n    ${ethernet} ${ends}\n    ipvlan  mode l2 bridge`],
    ['vlan', `dev0@eth0: ${wired}\n    ${ethernet} ${ends}\n    vlan protocol 802.1Q id 10 <REORDER_HDR>`],
  ])('leaves as it is by %s', (_kind, device) => {
    expect(ask(links(device), out, byDevice)).toBe(
      'forward dev0 10.1.0.1:4000 > 10.7.0.9:53 ttl 64 from 10.1.0.1 mangle/OUTPUT/1 mangle/POSTROUTING/1',
    );
  });
});

describe('what comes in by a member of a bond', () => {
  const at = (words: string, dev: string) =>
    ask(links(`dev0: ${wired}\n    ${ethernet} ${ends}\n    bond ${words}`, 'master dev0 '), {
      ...{ kind: 'ingress', in_iface: dev, src: '10.1.0.9', dst: '10.1.0.1' },
    });
  const taken = 'local 10.1.0.9:4000 > 10.1.0.1:53 ttl 64 mangle/PREROUTING/1';

  it.each([
    ['mode active-backup active_slave eth0 miimon 100', 'eth0', taken],
    ['mode active-backup active_slave eth0 miimon 100', 'eth1', 'drop'],
    ['mode active-backup active_slave eth0 miimon 100 all_slaves_active 1', 'eth1', taken],
    ['mode balance-rr miimon 100', 'eth1', taken],
    ['mode 802.3ad miimon 100 ad_aggregator 1 ad_num_ports 2', 'eth1', taken],
    ['mode 802.3ad miimon 100', 'eth1', 'unknown: whether dev0 takes anything from its member eth1 is not known'],
  ])('%s: %s', (words, dev, answer) => {
    expect(at(words, dev)).toBe(answer);
  });
});
