/** IPv6 packets with addresses that no wire may carry end before the first hook. net/ipv6/ip6_input.c ip6_rcv_core. */
import { isLoopback, isMulticast } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import type { Skb } from '../packet/skb.js';

/** Why; null where nothing is wrong. A source that is an IPv4 address (`::ffff:10.0.0.1`) is refused by TCP and UDP alone, since Linux 5.12 and in what was mended before. */
export function refusedAtOnce({ family, src, dst }: Skb): string | null {
  if (family === 4) return null;
  if (isLoopback(src) || isMulticast(src)) return `${formatIp(src)} comes from no wire`;
  const narrow = isMulticast(dst) && ((dst.a >>> 16) & 15) <= 1;
  return isLoopback(dst) || narrow ? `${formatIp(dst)} is reached over no wire` : null;
}
