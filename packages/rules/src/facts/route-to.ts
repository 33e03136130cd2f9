/** Which route of table main leads to an address. ip-route(8). */
import { type Ip, type Node, prefixContains, type Route } from '@coldtrace/core';

/** The most specific route to the address that is not a default one. */
export function routeTo(node: Node, ip: Ip): Route | null {
  let best: Route | null = null;
  for (const route of node.host.routes.rows) {
    const { type, dst, table } = route;
    if (dst.length <= (best?.dst.length ?? 0) || type !== 'unicast' || table !== 'main') continue;
    if (prefixContains(dst, ip)) best = route;
  }
  return best;
}
