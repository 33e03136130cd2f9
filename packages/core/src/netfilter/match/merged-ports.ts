/** Two port tests of one rule as iptables-nft prints them: it reads its comparisons into one pair of ports. iptables: iptables/nft-shared.c. */
import type { PortTest } from './udp.js';

/**
 * What is left of both: a "!" of either stays; "up to" sets the upper end only, "not up to", which is kept as "above", the lower one only; a
 * test of all ports, negated or not, makes no comparison.
 */
export function mergedPorts(earlier: PortTest | null, later: PortTest | null): PortTest | null {
  if (later === null || earlier === null) return later ?? earlier;
  const { first, last } = later.range;
  const before = compared(earlier);
  if (first === 0 && last === 65535) return earlier;
  if (earlier.range.first === 0 && earlier.range.last === 65535) return later;
  if (first > 0 || last === 0) return { range: later.range, invert: before.invert || later.invert };
  const range = later.invert ? { ...before.range, first: last + 1 } : { ...before.range, last };
  return { range, invert: before.invert };
}

/** "Not from 0 to N" is kept as "above N". */
function compared(test: PortTest): PortTest {
  const { first, last } = test.range;
  if (!test.invert || first !== 0 || last === 0 || last === 65535) return test;
  return { range: { first: last + 1, last: 65535 }, invert: false };
}
