/** Two port tests of one rule as iptables-nft prints them: it reads its comparisons into one pair of ports. iptables: iptables/nft-shared.c. */
import type { PortTest } from './udp.js';

/** What the later test leaves of the earlier one: its "!" stays, and its lower end where the later one only says "up to". */
export function mergedPorts(earlier: PortTest | null, later: PortTest | null): PortTest | null {
  if (later === null || earlier === null) return later ?? earlier;
  const before = compared(earlier);
  const after = compared(later);
  const upTo = !after.invert && after.range.first === 0 && after.range.last > 0;
  const first = upTo ? before.range.first : after.range.first;
  return { range: { first, last: after.range.last }, invert: before.invert || after.invert };
}

/** "Not from 0 to N" is kept as "above N". */
function compared(test: PortTest): PortTest {
  const { first, last } = test.range;
  if (!test.invert || first !== 0 || last === 0 || last === 65535) return test;
  return { range: { first: last + 1, last: 65535 }, invert: false };
}
