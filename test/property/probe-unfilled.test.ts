/** Elements of bitmap:ip,mac that take the first hardware address they are looked for with. docs/kernel-facts.md. */
import { interview, placeOf } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { nodeOf, router, rules } from './node-text.js';

const sets = `Name: b
Type: bitmap:ip,mac
Revision: 3
Header: range 10.1.0.0-10.1.0.255
Size in memory: 2104
References: 2
Number of entries: 1
Members:
10.1.0.9
`;

function answerWith(lines: readonly string[]) {
  const node = nodeOf({ ...router, 'ipset-list.txt': sets, 'iptables-save.txt': rules({ mangle: lines }) });
  const probe = { id: 1, kind: 'ingress', family: 4, in_iface: 'eth0', src: '10.1.0.9', dst: '10.2.0.9', proto: 'udp' };
  const line = JSON.stringify({ ...probe, sport: 5, dport: 6, src_mac: '02:00:00:00:00:09' });
  const said: Readonly<Record<string, unknown>> = { ...interview(placeOf(node, node.host, 'none'))(line, 1) };
  return [said['outcome'], said['hits']];
}

it('takes any address where all rules ask for the same side', () => {
  const lines = ['-A PREROUTING -m set --match-set b src,src', '-A FORWARD -m set --match-set b src,src'];
  expect(answerWith(lines)).toEqual([
    'forward',
    [
      ['mangle', 'PREROUTING', 1],
      ['mangle', 'FORWARD', 1],
    ],
  ]);
});

it('may hold the address of the other side by now where rules ask for both', () => {
  const lines = ['-A PREROUTING -m set --match-set b src,src', '-A FORWARD -m set --match-set b src,dst'];
  expect(answerWith(lines)[0]).toBe('unknown');
});
