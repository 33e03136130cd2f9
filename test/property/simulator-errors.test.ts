/** What a sender is told, or not, and packets that end before the first hook: a small router asked by probes. */
import { interview, placeOf } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { nodeOf, router, rules } from './node-text.js';

const v6 = {
  'ip-addr.txt': (router['ip-addr.txt'] ?? '').replace(
    /^3: eth1/m,
    '    inet6 fd00::1/64 scope global\n       valid_lft forever preferred_lft forever\n3: eth1',
  ),
  'ip-6-route.txt': 'local fd00::1 dev eth0 table local metric 0\nfd00::/64 dev eth0 metric 256\n',
  'ip-6-rule.txt': '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n',
};
const away = (router['ip-route.txt'] ?? '').replace(/^default.*\n/, '');

function answer(changes: Readonly<Record<string, string>>, probe: Readonly<Record<string, unknown>>) {
  const node = nodeOf({ ...router, ...changes });
  const line = JSON.stringify({
    id: 1,
    kind: 'ingress',
    family: 4,
    in_iface: 'eth0',
    proto: 'udp',
    sport: 9,
    dport: 9,
    ...probe,
  });
  const said: Readonly<Record<string, unknown>> = { ...interview(placeOf(node, node.host, 'defaults'))(line, 1) };
  return [said['outcome'], said['reject_with']].filter((word) => word !== undefined).join(' ');
}

const none = { 'ip-route.txt': away };
const rejecting = {
  'iptables-save.txt': rules({ filter: ['-A FORWARD -j REJECT --reject-with icmp-host-prohibited'] }),
};

describe('errors', () => {
  it.each([
    ['no route: the sender is told', none, { src: '10.1.0.9', dst: '9.9.9.9' }, 'reject icmp 3/0'],
    ['a sender that no route leads to is not', none, { src: '7.7.7.7', dst: '9.9.9.9' }, 'drop'],
    ['a rejected packet is answered', rejecting, { src: '10.1.0.9', dst: '10.2.0.9' }, 'reject icmp 3/10'],
    [
      'an ICMP error is not answered by another',
      rejecting,
      { src: '10.1.0.9', dst: '10.2.0.9', proto: 'icmp', icmp_type: 3, icmp_code: 1 },
      'drop',
    ],
    ['nor is a later fragment', rejecting, { src: '10.1.0.9', dst: '10.2.0.9', frag_off: 5 }, 'drop'],
    ['the TTL is used up', {}, { src: '10.1.0.9', dst: '10.2.0.9', ttl: 1 }, 'reject icmp 11/0'],
    ['all of 0.0.0.0/8 but its first address is ordinary', {}, { src: '10.1.0.9', dst: '0.1.2.3' }, 'forward'],
    ['::1 comes over no wire', v6, { family: 6, src: 'fd00::9', dst: '::1' }, 'drop'],
    [
      'IPv6 tells of a missing route though it does not forward',
      v6,
      { family: 6, src: 'fd00::9', dst: 'fd77::1' },
      'reject icmpv6 1/0',
    ],
  ])('%s', (_sentence, changes, probe, expected) => {
    expect(answer(changes, probe)).toBe(expected);
  });
});
