/** `-m udp`: ports of UDP. iptables-extensions(8); net/netfilter/xt_tcpudp.c. */
import type { PortRange } from '../../inet/port.js';
import { portRangeContains } from '../../inet/port.js';
import { inverted } from '../../tri.js';
import { defineMatch, type Given, negatable } from '../extension.js';
import { readListedPorts } from '../listed-ports.js';
import { formatPorts, portRange, printed } from '../value.js';

/** A range with its negation; null when the option is absent. */
export interface PortTest {
  readonly range: PortRange;
  readonly invert: boolean;
}

export interface UdpMatch {
  readonly sport: PortTest | null;
  readonly dport: PortTest | null;
}

export const udp = defineMatch({
  name: 'udp',
  families: [4, 6],
  protos: [17],
  options: {
    sport: negatable(portRange, { aliases: ['source-port'] }),
    dport: negatable(portRange, { aliases: ['destination-port'] }),
  },
  build: (given): UdpMatch => ({ sport: portTest(given.sport), dport: portTest(given.dport) }),
  save: (data) => [...savePort('--sport', data.sport), ...savePort('--dport', data.dport)],
  listing: (cursor): UdpMatch | null => (cursor.accept('udp') ? readListedPorts(cursor) : null),
  test: (data, { skb }) => skb.proto === 17 && portPasses(data.sport, skb.sport) && portPasses(data.dport, skb.dport),
});

export function portTest(given: Given<PortRange> | undefined): PortTest | null {
  return given === undefined ? null : { range: given.value, invert: given.invert };
}

export function savePort(option: string, test: PortTest | null): readonly string[] {
  if (test === null || (test.range.first === 0 && test.range.last === 65535 && !test.invert)) return [];
  return printed(option, [formatPorts(test.range)], test.invert);
}

/** A packet without that header (a later fragment) passes no port test, negated or not, in the legacy variant. */
export function portPasses(test: PortTest | null, port: number | null): boolean {
  if (test === null) return true;
  return port !== null && inverted(portRangeContains(test.range, port), test.invert) === true;
}
