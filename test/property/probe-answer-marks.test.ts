/** The mark of what answers a packet that has one: parameters decide, each for its kind of answer. docs/kernel-facts.md. */
import { interview, placeOf } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { nodeOf, router, rules } from './node-text.js';

const marking = { 'iptables-save.txt': rules({ mangle: ['-A PREROUTING -j MARK --set-xmark 0x55/0xffffffff'] }) };
const echo = { proto: 'icmp', icmp_type: 8, icmp_id: 1 };
const syn = { proto: 'tcp', sport: 4000, dport: 22 };

/** The mark of the answer, or what the answer is where it has none. */
function markOf(parameters: readonly string[] | null, packet: Readonly<Record<string, unknown>>) {
  const lines4 = ['fwmark_reflect', 'tcp_fwmark_accept'].map(
    (name) => `net.ipv4.${name} = ${parameters?.includes(name) === true ? 1 : 0}\n`,
  );
  const sysctl = `${router['sysctl.txt']}${lines4.join('')}`;
  const { 'sysctl.txt': _, ...rest } = router;
  const node = nodeOf({ ...rest, ...marking, ...(parameters === null ? {} : { 'sysctl.txt': sysctl }) });
  const ask = interview(placeOf(node, node.host, 'none'));
  const lines = [
    { id: 'a', kind: 'ingress', family: 4, in_iface: 'eth0', src: '10.1.0.9', dst: '10.1.0.1', ...packet },
    { id: 'b', kind: 'reply', family: 4, of: 'a' },
  ];
  const answers = lines.map((line, at) => ask(JSON.stringify(line), at + 1));
  const said: Readonly<Record<string, unknown>> = { ...answers[1] };
  return said['mark'] ?? said['outcome'];
}

describe('the mark of an answer', () => {
  it.each([
    ['none as a rule', [], echo, 0],
    ["an echo reply's is that of the request", ['fwmark_reflect'], echo, 0x55],
    ['of a socket it says nothing', ['fwmark_reflect'], syn, 0],
    ["a listening socket takes the SYN's", ['tcp_fwmark_accept'], syn, 0x55],
    ['one of UDP does not', ['tcp_fwmark_accept'], { proto: 'udp', sport: 4000, dport: 53 }, 0],
    ['that the kernel sends does not either', ['tcp_fwmark_accept'], echo, 0],
    [
      'with what mark the connection began is not known',
      ['tcp_fwmark_accept'],
      { ...syn, tcp_flags: 'ACK' },
      'unknown',
    ],
    ['nor is what was not captured', null, echo, 'unknown'],
  ])('%s', (_sentence, parameters, packet, expected) => {
    expect(markOf(parameters, packet)).toBe(expected);
  });
});
