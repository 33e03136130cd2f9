/**
 * A packet that leaves by a tunnel's device goes on inside another, which the node sends itself: its rules count too, and what becomes of it becomes of both.
 * The answer stays that of the packet which was asked about. path/tunnel.ts.
 */
import { formatIp } from '../inet/ip-text.js';
import { formatProto } from '../inet/proto.js';
import { linkOf, mayBeTunnel } from '../path/frame.js';
import { missing, type Place } from '../path/place.js';
import { encapsulate } from '../path/tunnel.js';
import { assume, change, finish, leaveOpen, type World } from '../path/world.js';
import type { Link } from '../snapshot/link.js';
import { ending } from '../verdict/disposition.js';
import type { CarrierAnswer } from './answer.js';
import type { Way } from './probed.js';

/** A tunnel in a tunnel in a tunnel goes in circles. */
const deepest = 3;

export function carried(place: Place, ways: readonly Way[]): readonly Way[] {
  return ways.some(({ world }) => mayBeCarried(place, world)) ? ways.flatMap((way) => carry(place, way)) : ways;
}

function mayBeCarried(place: Place, world: World): boolean {
  const link = leavesBy(place, world);
  return link !== undefined && (link.details !== null || mayBeTunnel(link));
}

function leavesBy(place: Place, { end, exit }: World): Link | undefined {
  return end === null && exit !== null ? linkOf(place, exit.dev) : undefined;
}

function carry(place: Place, way: Way): readonly Way[] {
  const { world, asked } = way;
  const link = leavesBy(place, world);
  if (link === undefined) return [way];
  const packed = packedBy(place, world, link);
  if (packed === null) return [isUnclear(place, link) ? { world: perhaps(place, world, link.name), asked } : way];
  return packed
    .flatMap((outer) => sent(place, outer, 1))
    .map((outer) => ({
      world: joined(world, outer),
      asked: { ...asked, carrier: carrierOf(outer) },
    }));
}

function packedBy(place: Place, world: World, link: Link): readonly World[] | null {
  const packed = encapsulate(place, world, link);
  if (packed !== null || !packsOtherwise(place, link)) return packed;
  const { details } = link;
  const kind = details !== null && 'type' in details ? details.type : '';
  const text = `${link.name} (${kind}) sends the packet on in another one or once more, which is not modelled`;
  return [finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'))];
}

const packers: ReadonlySet<string> = new Set(['amt', 'bareudp', 'geneve', 'gtp', 'ovpn', 'pfcp', 'wireguard', 'xfrm']);

/** ipvlan of layer 3 routes the packet by the device below, with its OUTPUT and POSTROUTING. drivers/net/ipvlan/ipvlan_core.c ipvlan_process_v4_outbound. */
function packsOtherwise({ ns }: Place, { details, peer }: Link): boolean {
  if (details?.kind === 'tunnel') return true;
  if (details?.kind !== 'other') return false;
  if (packers.has(details.type)) return true;
  const routes =
    (details.type === 'ipvlan' || details.type === 'ipvtap') && !/\bmode l2\b/.test(details.words.join(' '));
  return routes && ns.links.rows.some(({ name }) => name === peer);
}

/** What has ports is a bridge. */
function isUnclear(place: Place, link: Link): boolean {
  return mayBeTunnel(link) && !place.ns.links.rows.some(({ master }) => master === link.name);
}

/** What kind of device it is was not shown: as a tunnel it would have rules of OUTPUT and POSTROUTING count the packet once more. */
function perhaps(place: Place, world: World, dev: string): World {
  const reason = missing(place, 'ip-link', `what kind of device ${dev} is was not shown`);
  if (place.assume === 'none') return finish(leaveOpen(world, [reason]), ending('undetermined'));
  return assume(world, [{ ...reason, text: `${reason.text}; it is taken to be no tunnel` }]);
}

/** What the node sends besides, tunnels included. */
export function onward(place: Place, world: World): readonly World[] {
  return sent(place, world, 0);
}

function sent(place: Place, world: World, depth: number): readonly World[] {
  const link = leavesBy(place, world);
  const packed = link === undefined ? null : packedBy(place, world, link);
  if (packed === null) return [world];
  if (depth === deepest) return [finish(world, ending('looped'))];
  return packed.flatMap((outer) => sent(place, outer, depth + 1));
}

/** The inner packet, at the end of the outer one's way. */
function joined(inner: World, { trail, choices, weight, because, assumptions, end, exit }: World): World {
  const kept = change(inner, { trail, choices, weight, because, assumptions, end });
  if (end?.disposition !== 'delivered' && (end !== null || exit?.dev !== 'lo')) return kept;
  const text = 'a tunnel whose other end is the node itself is not modelled';
  return finish(leaveOpen(kept, [{ dump: null, text }]), ending('undetermined'));
}

function carrierOf({ skb, exit }: World): CarrierAnswer | null {
  if (exit === null) return null;
  return {
    out_iface: exit.dev,
    src: formatIp(skb.src),
    dst: formatIp(skb.dst),
    proto: formatProto(skb.proto),
    ...(skb.dport === null ? {} : { dport: skb.dport }),
    ttl: skb.ttl,
    tos: skb.tos,
    mark: skb.mark,
  };
}
