/**
 * Tests of both ports. Where both are negated and each names one port, iptables-nft since 1.8.8 compares the four bytes at once, and the rule holds unless
 * both ports are those; a rule that an older one has loaded prints alike. iptables: iptables/nft-shared.c add_nft_tcpudp.
 */
import { portRangeContains } from '../../inet/port.js';
import { endsBefore } from '../../packet/cut.js';
import type { Skb } from '../../packet/skb.js';
import { and, inverted, type Tri, unknown } from '../../tri.js';
import { pinTest } from '../pin.js';
import { fragmentPort } from './fragment-header.js';
import type { PortTest } from './udp.js';

export interface PortTests {
  readonly sport: PortTest | null;
  readonly dport: PortTest | null;
}

const together = unknown(
  'iptables-nft may compare both ports at once: the rule then holds unless both are those that it names',
);

export function portsPass({ sport, dport }: PortTests, skb: Skb, native: boolean): Tri {
  const one = portPasses(sport, endsBefore(skb, 2) ? null : skb.sport);
  const other = portPasses(dport, endsBefore(skb, 4) ? null : skb.dport);
  return both(one, other, native && comparedAtOnce({ sport, dport }));
}

/** Of a later fragment, by the bytes that stand in place of the ports. */
export function fragmentPortsPass({ sport, dport }: PortTests, skb: Skb): Tri {
  return both(fragmentPort(sport, skb, 0), fragmentPort(dport, skb, 2), comparedAtOnce({ sport, dport }));
}

function both(one: Tri, other: Tri, atOnce: boolean): Tri {
  const passes = and(one, other);
  return atOnce && passes !== true && !(one === false && other === false) ? together : passes;
}

/** What an index may go by. */
export function pinPorts(tests: PortTests) {
  return comparedAtOnce(tests) ? [] : [...pinTest('sport', tests.sport), ...pinTest('dport', tests.dport)];
}

function comparedAtOnce({ sport, dport }: PortTests): boolean {
  return [sport, dport].every(
    (test) => test?.invert === true && test.range.first === test.range.last && test.range.first !== 0,
  );
}

/** A packet without that header (a later fragment) passes no port test, negated or not, in the legacy variant. */
export function portPasses(test: PortTest | null, port: number | null): boolean {
  if (test === null) return true;
  return port !== null && inverted(portRangeContains(test.range, port), test.invert) === true;
}
