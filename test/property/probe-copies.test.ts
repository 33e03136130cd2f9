/** Copies of a packet: of a frame for everybody with macvlan devices, of what is sent to a group, of TEE. What becomes of all of them, or why that is open. */
import { describe, expect, it } from 'vitest';
import { router, rules } from './node-text.js';
import { answerTo, interviewOf, type Json, said } from './probe-node.js';

const macvlan = (
  name: string,
  index: number,
  mac: string,
) => `${index}: ${name}@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether ${mac} brd ff:ff:ff:ff:ff:ff promiscuity 0
    macvlan mode bridge bcqueuelen 1000 usedbcqueuelen 1000
`;

const links = `${(router['ip-addr.txt'] ?? '').replace(/^ {4}(?:inet| {3}valid).*\n/gm, '')}${macvlan('mv0', 4, '02:00:00:00:55:01')}`;
const masking = ['-A POSTROUTING -o eth1 -j MASQUERADE', '-A INPUT -p udp --dport 98'];

function ask(question: Json, tables: Parameters<typeof rules>[0] = {}): string {
  const dumps = { 'ip-link.txt': links, 'iptables-save.txt': rules(tables) };
  const frame = { kind: 'ingress', family: 4, in_iface: 'eth0', src: '10.1.0.9', dst: '10.1.0.1', proto: 'udp' };
  const answer = answerTo(interviewOf(dumps, 'defaults'), {
    ...{ ...frame, sport: 4000, dport: 53, dst_mac: 'ff:ff:ff:ff:ff:ff' },
    ...question,
  });
  return `${said(answer)}${answer['because'] === undefined ? '' : `: ${String(answer['because'])}`}`;
}

const each = { raw: ['-A PREROUTING -i eth0', '-A PREROUTING -i mv0'] };

describe('a frame for everybody', () => {
  it.each([
    [
      'is copied to the macvlan device',
      {},
      each,
      'local 10.1.0.9:4000 > 10.1.0.1:53 ttl 64 raw/PREROUTING/1 raw/PREROUTING/2',
    ],
    [
      'arrives where one copy does',
      {},
      { ...each, filter: ['-A INPUT -i mv0 -j DROP'] },
      'local 10.1.0.9:4000 > 10.1.0.1:53 ttl 64 raw/PREROUTING/1 raw/PREROUTING/2 filter/INPUT/1',
    ],
    [
      'is lost with all copies',
      {},
      { ...each, filter: ['-A INPUT -j DROP'] },
      'drop raw/PREROUTING/1 filter/INPUT/1 raw/PREROUTING/2 filter/INPUT/1',
    ],
    ['is a fragment and waits for the rest', { frag_off: 10, frag_body: '00350035' }, each, 'drop'],
  ])('%s', (_what, question, tables, answer) => {
    expect(ask(question, tables)).toBe(answer);
  });

  it.each([
    [
      'whose copies are marked differently',
      {},
      { mangle: ['-A PREROUTING -i mv0 -j MARK --set-mark 1'] },
      'end in different ways',
    ],
    [
      'of which one copy is refused',
      { proto: 'tcp', tcp_flags: 'SYN' },
      { filter: ['-A INPUT -i mv0 -p tcp -j REJECT --reject-with tcp-reset'] },
      'end in different ways',
    ],
    [
      'whose first copy settles NAT for the others',
      { dport: 98 },
      { nat: masking },
      'which of eth0, mv0 gets its copy of the frame first is not known',
    ],
    ['that mv0 itself seems to have sent', { src_mac: '02:00:00:00:55:01' }, {}, 'which devices take a frame'],
    [
      'for a group that nobody shows',
      { dst_mac: '01:00:5e:01:01:01' },
      each,
      'whether mv0 takes frames for 01:00:5e:01:01:01 is not known',
    ],
  ])('is open: one %s', (_what, question, tables, why) => {
    expect(ask(question, tables)).toMatch(/^unknown\b/);
    expect(ask(question, tables)).toContain(why);
  });
});

describe('what a process sends to a group', () => {
  const groups = '2:\teth0\n\tinet  224.0.0.1\n\tinet  239.0.0.5\n3:\teth1\n\tinet  224.0.0.1\n';
  const back = {
    raw: ['-A PREROUTING -i eth0'],
    nat: ['-A POSTROUTING -m owner --uid-owner 0', '-A POSTROUTING -d 239.0.0.0/8', '-A OUTPUT -p tcp -j REDIRECT'],
  };
  const to = (dst: string, tables: Parameters<typeof rules>[0], more: Readonly<Record<string, string | null>> = {}) => {
    const routes = `${router['ip-route.txt']}224.0.0.0/4 dev eth0\n`;
    const sysctl = `${router['sysctl.txt']}net.ipv4.conf.eth0.mc_forwarding = 0\n`;
    const dumps = {
      'ip-route.txt': routes,
      'sysctl.txt': sysctl,
      'ip-maddr.txt': groups,
      'iptables-save.txt': rules(tables),
      ...more,
    };
    const question = { kind: 'output', family: 4, dst, proto: 'udp', sport: 4000, dport: 53 };
    const answer = answerTo(interviewOf({ 'ip-link.txt': links, ...dumps }, 'none'), question);
    const way = said(answer).replaceAll(/ \[.*?\]/g, '');
    return `${way}${answer['because'] === undefined ? '' : `: ${String(answer['because'])}`}`;
  };

  it.each([
    [
      'leaves where the device does not listen to it',
      '239.1.1.1',
      back,
      'forward eth0 10.1.0.1:4000 > 239.1.1.1:53 ttl 64 from 10.1.0.1 nat/POSTROUTING/1 nat/POSTROUTING/2',
    ],
    [
      'leaves alone where the copy for the node is dropped, which nat was asked about without a socket',
      '239.0.0.5',
      { ...back, filter: ['-A INPUT -d 239.0.0.5 -j DROP'] },
      'forward eth0 10.1.0.1:4000 > 239.0.0.5:53 ttl 64 from 10.1.0.1 nat/POSTROUTING/2 raw/PREROUTING/1 filter/INPUT/1',
    ],
    [
      'is lost twice where POSTROUTING drops it',
      '239.0.0.5',
      { mangle: ['-A POSTROUTING -j DROP'] },
      'drop from 10.1.0.1 mangle/POSTROUTING/1 mangle/POSTROUTING/1',
    ],
    [
      'leaves and is delivered here, which is no single outcome',
      '239.0.0.5',
      back,
      'unknown either local 10.1.0.1:4000 > 239.0.0.5:53 ttl 64 from 10.1.0.1 nat/POSTROUTING/2 raw/PREROUTING/1 or forward eth0 10.1.0.1:4000 > 239.0.0.5:53 ttl 64 from 10.1.0.1 nat/POSTROUTING/2 raw/PREROUTING/1: the packet leaves for the group, and a copy of it is delivered on this node',
    ],
  ])('%s', (_sentence, dst, tables, expected) => {
    expect(to(dst, tables)).toBe(expected);
  });

  it.each([
    ['who listens', { 'ip-maddr.txt': null }, 'whether eth0 is in a multicast group'],
    ['whether a daemon routes multicast', { 'sysctl.txt': null }, 'multicast forwarding'],
  ])('is open where it is not known %s', (_sentence, more, expected) => {
    expect(to('239.1.1.1', back, more)).toContain(expected);
  });
});

describe('what TEE sends to the node itself', () => {
  const counting = { filter: ['-A INPUT -i lo -m addrtype ! --dst-type LOCAL -m conntrack --ctstate UNTRACKED'] };
  const to = (...mangle: readonly string[]) =>
    ask({ dst: '10.2.0.9', dst_mac: undefined }, { ...counting, mangle }).replace(/ \[.*\]/, '');

  it('comes in at lo, whatever its destination', () => {
    expect(to('-A FORWARD -j TEE --gateway 10.1.0.1')).toBe(
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:53 ttl 63 mangle/FORWARD/1 filter/INPUT/1',
    );
  });

  it('is copied again by rules of PREROUTING and INPUT, and may be so without end', () => {
    expect(to('-A PREROUTING -i eth0 -j TEE --gateway 10.1.0.1', '-A PREROUTING -i lo -j TEE --gateway 10.2.0.9')).toBe(
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:53 ttl 63 mangle/PREROUTING/1 mangle/PREROUTING/2 filter/INPUT/1',
    );
    expect(to('-A PREROUTING -j TEE --gateway 10.1.0.1')).toBe(
      'unknown: TEE sends copies to the node itself that are copied again and again',
    );
  });
});
