/** The question that a process of the node asks of routing when it calls an address: nothing else is known of the packet yet. */
import type { Ip, RouteQuestion } from '@coldtrace/core';

export function routeQuestion(dst: Ip): RouteQuestion {
  return {
    family: dst.family,
    dst,
    src: null,
    iif: null,
    oif: null,
    mark: 0,
    tos: 0,
    proto: null,
    sport: null,
    dport: null,
    uid: 0,
  };
}
