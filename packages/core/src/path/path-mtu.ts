/**
 * How long a packet may be on the way out and on the way back to its sender, as `TCPMSS --clamp-mss-to-pmtu` asks. net/netfilter/xt_TCPMSS.c
 * tcpmss_reverse_mtu; net/ipv4/route.c ipv4_mtu; net/ipv6/route.c ip6_mtu.
 */
import type { Family } from '../inet/ip.js';
import type { Skb } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import { towardsOf } from '../route/question.js';
import type { Unknown } from '../tri.js';
import { linkOf } from './frame.js';
import { missing, type Place, sysctl } from './place.js';

export function pathMtu(place: Place, skb: Skb): number | Unknown {
  const out = skb.outMtu ?? deviceMtu(place, skb.family, skb.oif);
  const back = reverseMtu(place, skb);
  if (typeof back !== 'number') return back;
  return out === null ? unknownMtu(place, skb.oif) : Math.min(out, back);
}

/** Without a route back the way out alone counts. */
function reverseMtu(place: Place, { family, src }: Skb): number | Unknown {
  const answer = lookupRoute(place, { ...towardsOf(src), reverse: true });
  if (answer.kind === 'open') return { because: answer.because };
  if (answer.assumptions.length > 0 && place.assume === 'none') return { because: answer.assumptions };
  if (answer.kind === 'error') return Number.POSITIVE_INFINITY;
  const { route, hops } = answer;
  if (route.mtu !== null) return route.mtu;
  const devices = route.type === 'local' ? ['lo'] : [...hops, ...route.nexthops].map(({ dev }) => dev);
  const [first, ...others] = new Set(devices.map((dev) => deviceMtu(place, family, dev)));
  if (first === undefined || first === null || others.length > 0) return unknownMtu(place, devices.join(', '));
  return first;
}

/** What IPv6 knows of a device counts for IPv6. */
export function deviceMtu(place: Place, family: Family, dev: string | null): number | null {
  if (dev === null) return null;
  const own = family === 6 ? sysctl(place, `net/ipv6/conf/${dev}/mtu`).value : null;
  return own === null ? (linkOf(place, dev)?.mtu ?? null) : Number(own);
}

function unknownMtu(place: Place, dev: string | null): Unknown {
  return { because: [missing(place, 'ip-link', `the MTU of ${dev} is not known`)] };
}
