/** A frame for everybody on a device with macvlan devices: what becomes of all copies, or why that is open. */
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
