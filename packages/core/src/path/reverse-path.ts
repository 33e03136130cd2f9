/** `-m rpfilter`: the route back to the sender. net/ipv4/netfilter/ipt_rpfilter.c, net/ipv6/netfilter/ip6t_rpfilter.c. */
import type { Ip } from '../inet/ip.js';
import { isBroadcast4, isLinkLocal, isMulticast, isUnspecified, isZeronet } from '../inet/ip-kind.js';
import type { ReversePathOptions } from '../netfilter/packet-input.js';
import type { Skb } from '../packet/skb.js';
import { isKernelsAnycast } from '../route/hosts-address.js';
import { lookupRoute } from '../route/lookup.js';
import type { RouteQuestion } from '../route/question.js';
import { isReject } from '../route/reject-route.js';
import type { Tri } from '../tri.js';
import type { Place } from './place.js';

export function reversePath(place: Place, skb: Skb, options: ReversePathOptions): Tri {
  if (isUnrouted(skb)) return true;
  const answer = lookupRoute(place, questionBack(skb, options));
  if (answer.kind === 'open') return { because: answer.because };
  if (answer.assumptions.length > 0 && place.assume === 'none') return { because: answer.assumptions };
  if (answer.kind === 'error') return false;
  const { route, hops } = answer;
  if (hops.some((hop) => isReject(route, hop))) return false;
  // IPv6 does not ask whose device an address of its own is on.
  if (skb.family === 6 && route.type === 'local') return options.acceptLocal;
  // An anycast route that somebody added lacks the kernel's flag (RTF_ANYCAST), by which IPv6 knows them.
  const isAnycast = skb.family === 6 && route.type === 'anycast' && !isKernelsAnycast(route);
  const fits = route.type === 'unicast' || isAnycast || (route.type === 'local' && options.acceptLocal);
  return fits && (options.loose || [...hops, ...route.nexthops].some((hop) => hop.dev === skb.iif));
}

/** A sender without an address, to everybody on the link (IPv4) or to anybody (IPv6). */
function isUnrouted({ family, src, dst }: Skb): boolean {
  if (!isUnspecified(src)) return false;
  return family === 6 || isBroadcast4(dst) || (isMulticast(dst) && dst.a >>> 8 === 0xe00000);
}

/** The device that the packet came in by is preferred in IPv6, and needed for an address that is valid on its link only. */
function questionBack(skb: Skb, { loose, validmark }: ReversePathOptions): RouteQuestion {
  const { family, src, dst, iif } = skb;
  const scoped = family === 6 && isLinkLocal(src);
  return {
    family,
    dst: src,
    src: isHost(dst) ? dst : null,
    iif: null,
    oif: family === 6 && (scoped || !loose) ? iif : null,
    mark: validmark ? skb.mark : 0,
    tos: skb.tos,
    proto: family === 6 ? skb.proto : null,
    sport: null,
    dport: null,
    uid: 0,
    strict: scoped,
    reverse: true,
  };
}

function isHost(ip: Ip): boolean {
  return !isMulticast(ip) && !isBroadcast4(ip) && !isZeronet(ip);
}
