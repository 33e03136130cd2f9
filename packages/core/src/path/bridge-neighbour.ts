/** Who answers a bridge that asks for an address on its ports: captured namespaces of the same node, over veth pairs. net/core/neighbour.c, br_netfilter_hooks.c. */
import type { Ip } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { Evidence } from '../verdict/step.js';
import { answersFor } from './answers-arp.js';
import { askerOf } from './arp-filter.js';
import { linkOf } from './frame.js';
import { eitherSwitch } from './parameter.js';
import { oncePerPlace } from './per-place.js';
import { type Place, placeOf } from './place.js';
import { membersBehind, outletsOf, wiresOf } from './segment.js';
import { silence } from './silence.js';

export type Answerer =
  | { readonly kind: 'answers'; readonly lladdr: Mac; readonly evidence: readonly Evidence[] }
  /** Everybody who hears the question was captured. */
  | { readonly kind: 'nobody'; readonly evidence: readonly Evidence[] };

/** null: it hangs on what was not captured, or several answer. */
export function answererBehind(place: Place, bridge: string, ip: Ip, src: Ip): Answerer | null {
  const exit = { dev: bridge, towards: ip } as const;
  const places = ofTheNode(place);
  const wires = wiresOf(places, place, exit);
  if (wires === 'unclear') return null;
  const asker = askerOf(place, bridge, ip, src, eitherSwitch(place, 'arp_announce', bridge).on);
  const segments = wires.map((wire) => ({ wire, ...membersBehind(places, wire) }));
  const heard = segments.flatMap(({ members }) => members);
  const [only, another] = heard.filter((member) => answersFor(member, ip, asker) === true);
  if (only !== undefined) {
    const link = linkOf(only.place, only.dev);
    if (another !== undefined || link === undefined || link.mac === null) return null;
    return { kind: 'answers', lladdr: link.mac, evidence: [{ span: link.span, why: `${only.place.name} answers` }] };
  }
  const all = wires.length === outletsOf(place, exit).length && segments.every(({ closed }) => closed);
  if (!all || heard.some((member) => answersFor(member, ip, asker) === null)) return null;
  return { kind: 'nobody', evidence: segments.flatMap(({ wire, members }) => silence(place, wire, members, ip)) };
}

const ofTheNode = oncePerPlace((place): readonly Place[] =>
  [place.node.host, ...place.node.namespaces].map((ns) =>
    ns === place.ns ? place : placeOf(place.node, ns, place.assume),
  ),
);
