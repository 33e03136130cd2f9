/** IPv6 knows no ways over lo but to its own addresses: a network there is one to which it refuses to lead. net/ipv6/route.c fib6_is_reject, ip6_rt_init_dst_reject. */
import { isLoopback } from '../inet/ip-kind.js';
import type { NextHop, Route } from '../snapshot/route.js';

/** The lookup finds such a route like any other; only the packet that would take it is refused. Next hop objects are asked for no destination. */
export function isReject({ family, type, nhid, dst }: Route, hop: NextHop | undefined): boolean {
  return family === 6 && type === 'unicast' && nhid === null && hop?.dev === 'lo' && !isLoopback(dst.ip);
}
