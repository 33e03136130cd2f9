/** Packets that are too long for a tunnel, or for what carries it. net/ipv4/ip_output.c ip_fragment, net/ipv6/ip6_output.c ip6_fragment, net/ipv4/ip_tunnel.c tnl_update_pmtu. */
import type { Skb } from '../packet/skb.js';
import type { Link } from '../snapshot/link.js';
import { ending } from '../verdict/disposition.js';
import { linkOf } from './frame.js';
import type { Place } from './place.js';
import { change, finish, forkOpen, note, type World } from './world.js';

/** IP cuts it up before the device sees it, and the device packs each piece by itself. */
export function goesInPieces({ skb: { length } }: World, { mtu }: Link): boolean {
  return length !== null && mtu !== null && length > mtu;
}

/** Whether the outer packet may be cut up: DF of IPv4, which `inherit` takes from the inner packet. */
export interface Cutting {
  readonly inner: Skb;
  readonly df: 'set' | 'unset' | 'inherit';
  /** Of a tunnel that tells the inner packet's sender, where that has forbidden to cut it up: as it was before it was packed, since nothing is sent then. */
  readonly told: World | null;
}

/** Behind POSTROUTING the outer packet is cut up for its device, or lost: IPv6 is never cut up. */
export function outerFits(place: Place, sent: World, { inner, df, told }: Cutting): readonly World[] {
  const { skb, exit, end } = sent;
  const mtu = end === null && exit !== null ? (linkOf(place, exit.dev)?.mtu ?? null) : null;
  if (skb.length === null || mtu === null || skb.length <= mtu) return [sent];
  const what = `the packet that carries it has ${skb.length} bytes, ${exit?.dev} takes ${mtu}`;
  const lost = (live: World) => finish(note(live, place.name, 'egress', what), ending('dropped'));
  const refused = (live: World) => {
    if (told === null) return lost(live);
    const { choices, weight, assumptions } = live;
    const unsent = note(change(told, { choices, weight, assumptions }), place.name, 'tunnel', what);
    return finish(unsent, ending('rejected', 'icmp 3/4'));
  };
  if (skb.family === 6) return [lost(sent)];
  const cut = (live: World) => (df === 'set' ? lost(live) : live);
  const forbidden = told !== null || df === 'inherit' ? forbidsCutting(inner) : false;
  if (forbidden !== null) return [forbidden ? refused(sent) : cut(sent)];
  const text = `whether the packet, too long for ${exit?.dev} with what carries it, may be cut up (DF) is not told`;
  const [one, other] = forkOpen(sent, [{ dump: null, text }]);
  return [refused(one), cut(other)];
}

/** null: not told. */
function forbidsCutting({ family, unaltered }: Skb): boolean | null {
  return family === 6 ? true : (unaltered?.df ?? null);
}
