/** The other end of a veth pair, found among the captured namespaces of a node by the numbers that `ip link` prints. ip-link(8). */
import type { Link } from '../snapshot/link.js';
import { linkOf } from './frame.js';
import type { Place } from './place.js';

export interface FarEnd {
  readonly place: Place;
  readonly link: Link;
}

/** null: no pair that is known; `unclear`: several devices fit. */
export function farEndOf(places: readonly Place[], place: Place, dev: string): FarEnd | 'unclear' | null {
  const link = linkOf(place, dev);
  if (link === undefined) return null;
  if (link.peerIfindex === null) return isPair(link) ? within(place, link) : null;
  const fitting = places
    .filter((other) => other.node === place.node && other !== place)
    .filter(
      (other) =>
        link.peerNetns === null ||
        other.ns.name === null ||
        !isName(link.peerNetns) ||
        other.ns.name === link.peerNetns,
    )
    .flatMap((other) =>
      other.ns.links.rows
        .filter(
          (row) => row.ifindex === link.peerIfindex && row.peerIfindex === link.ifindex && row.trust !== 'claimed',
        )
        .map((row) => ({ place: other, link: row })),
    );
  const [only, another] = fitting;
  return another === undefined ? (only ?? null) : 'unclear';
}

/** A number stands for a namespace without a name. */
function isName(peerNetns: string): boolean {
  return !peerNetns.startsWith('nsid ');
}

function isPair({ details, peer }: Link): boolean {
  return peer !== null && details?.kind === 'other' && details.type === 'veth';
}

/** Do the numbers of two devices say that neither is the other end of the other? */
export function areNoPair(link: Link, other: Link): boolean {
  if (link.peerIfindex === null || other.ifindex === null) return false;
  return link.peerIfindex !== other.ifindex || (other.peerIfindex !== null && other.peerIfindex !== link.ifindex);
}

function within(place: Place, link: Link): FarEnd | null {
  const other = linkOf(place, link.peer ?? '');
  return other === undefined ? null : { place, link: other };
}
