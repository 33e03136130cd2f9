/** Which options a TCP segment carries. RFC 9293; net/netfilter/xt_tcpudp.c tcp_find_option. */
import { type Skb, type TcpHeader, tcpFlag } from '../../packet/skb.js';
import { numberAt, upperHeader } from '../../packet/upper-header.js';

const mss = 2;
const plainHeader = 20;

/** null: not told. */
export function hasOption(number: number, skb: Skb, tcp: TcpHeader): boolean | null {
  if (number === mss) return tcp.mss !== null || tcp.openMss === true;
  const header = upperHeader(skb, plainHeader);
  if (header !== null) {
    const whole = upperHeader(skb, (numberAt(header, 12, 1) >> 4) * 4);
    return whole === null ? null : holds(whole.slice(plainHeader), number);
  }
  // A SYN that comes in has an MSS and nothing else; of other segments, and where a rule has taken it away, nothing is told.
  return (tcp.flags & tcpFlag.SYN) !== 0 && tcp.mss !== null && tcp.plain !== false ? false : null;
}

/** The end of the list and what fills gaps are one byte long, all others tell how long they are. */
function holds(options: readonly number[], number: number): boolean {
  for (let at = 0; at < options.length; ) {
    const kind = options[at] ?? 0;
    if (kind === number) return true;
    at += kind < 2 ? 1 : options[at + 1] || 1;
  }
  return false;
}
