/** `-m udp`: ports of UDP. iptables-extensions(8); net/netfilter/xt_tcpudp.c. */

import type { PortRange } from '../../inet/port.js';
import { endsBefore, headerSize } from '../../packet/cut.js';
import { isLaterFragment } from '../../packet/extension-headers.js';
import type { XtablesVariant } from '../../snapshot/xtables.js';
import type { Tri } from '../../tri.js';
import { type Choose, defineMatch, type Given, negatable, type ReadContext } from '../extension.js';
import { libraryPortRange } from '../library-port.js';
import { readListedPorts } from '../listed-ports.js';
import { pinNumber } from '../pin.js';
import { formatPorts, portRange, printed } from '../value.js';
import { fragmentPortsPass, pinPorts, portsPass } from './both-ports.js';
import { mergedPorts } from './merged-ports.js';

/** A range with its negation; null when the option is absent. */
export interface PortTest {
  readonly range: PortRange;
  readonly invert: boolean;
}

export interface UdpMatch {
  readonly sport: PortTest | null;
  readonly dport: PortTest | null;
}

/** The definition; ports are null where the rule does not test them, or tests nothing by them (`0:65535`). */
export const udp = defineMatch({
  name: 'udp',
  families: [4, 6],
  protos: [17],
  options: {
    sport: negatable(libraryPortRange, { aliases: ['source-port'] }),
    dport: negatable(libraryPortRange, { aliases: ['destination-port'] }),
  },
  build: (given): UdpMatch => ({ sport: portTest(given.sport), dport: portTest(given.dport) }),
  sample: samplePorts,
  native: {
    is: (data: UdpMatch) => isNative(data, 'nft'),
    merge: (earlier: UdpMatch, later: UdpMatch): UdpMatch => ({
      sport: mergedPorts(earlier.sport, later.sport),
      dport: mergedPorts(earlier.dport, later.dport),
    }),
  },
  loses: (data) => lostPorts(data.sport, data.dport),
  save: (data, { variant }) => {
    const native = variant === 'nft';
    return [...savePort('--sport', data.sport, native), ...savePort('--dport', data.dport, native)];
  },
  listing: (cursor): UdpMatch | null => (cursor.accept('udp') ? readListedPorts(cursor) : null),
  pins: (data) => [pinNumber('proto', [{ first: 17, last: 17 }]), ...pinPorts(data)],
  drops: (data, { skb, variant }) => skb.proto === 17 && endsBefore(skb, headerSize.udp) && !isNative(data, variant),
  test: (data, { skb, variant }): Tri => {
    if (skb.proto !== 17) return false;
    const native = isNative(data, variant);
    const sport = native ? portInNft(data.sport) : data.sport;
    const dport = native ? portInNft(data.dport) : data.dport;
    if (isLaterFragment(skb)) return native && fragmentPortsPass({ sport, dport }, skb);
    if (!native && endsBefore(skb, headerSize.udp)) return false;
    return portsPass({ sport, dport }, skb, native);
  },
});

/** Without a port to compare iptables-nft keeps the xtables match. */
function isNative({ sport, dport }: UdpMatch, variant: XtablesVariant): boolean {
  return variant === 'nft' && (sport !== null || dport !== null);
}

/** Every port is no test; `! 0:65535` never passes. */
export function portTest(given: Given<PortRange> | undefined): PortTest | null {
  if (given === undefined || (allPorts(given.value) && !given.invert)) return null;
  return { range: given.value, invert: given.invert };
}

function allPorts(range: PortRange): boolean {
  return range.first === 0 && range.last === 65535;
}

/**
 * The tools print a test of every port not at all, be it negated or not. iptables-nft keeps ports as comparisons, where
 * "not from 0 to N" is "above N" and comes back as that.
 */
export function savePort(option: string, test: PortTest | null, native: boolean): readonly string[] {
  if (test === null || allPorts(test.range)) return [];
  const { first, last } = test.range;
  if (native && test.invert && first === 0 && last > 0) return [option, formatPorts({ first: last + 1, last: 65535 })];
  return printed(option, [formatPorts(test.range)], test.invert);
}

/** What their print loses. */
export function lostPorts(...tests: readonly (PortTest | null)[]): string | null {
  const never = tests.some((test) => test !== null && allPorts(test.range));
  return never ? 'a test of ports that no packet passes' : null;
}

/** Random port options without the ones that print as nothing: those do not survive a round through the tools. */
export function samplePorts(choose: Choose, cx: ReadContext): readonly string[] {
  return ['--sport', '--dport'].flatMap((option) => {
    if (choose(2) === 0) return [];
    const words = portRange.sample(choose, cx);
    const every = words[0] === '0:65535' || words[0] === ':65535' || words[0] === '0:';
    return printed(option, every ? ['1:'] : words, choose(3) === 0);
  });
}

/** What iptables-nft compares: it makes nothing of a test of every port, so that `! 0:65535` passes there. */
export function portInNft(test: PortTest | null): PortTest | null {
  return test === null || allPorts(test.range) ? null : test;
}
