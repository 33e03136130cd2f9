/** Routes to addresses that this node has itself, or shares with others. net/ipv6/route.c addrconf_f6i_alloc, ip6_rt_get_dev_rcu. */
import type { Route } from '../snapshot/route.js';

/** Over such a route the node reaches itself. */
export function isHosts(route: Route): boolean {
  return route.type === 'local' || isKernelsAnycast(route);
}

/** Not one that somebody added: by that the node takes packets, and sends its own by the device. */
export function isKernelsAnycast({ family, type, protocol }: Route): boolean {
  return family === 6 && type === 'anycast' && protocol === 'kernel';
}
