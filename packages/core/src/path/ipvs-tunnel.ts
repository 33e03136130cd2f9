/** The outer packet around one that IPVS sends through a tunnel: a flow of its own. net/netfilter/ipvs/ip_vs_xmit.c ip_vs_tunnel_xmit, RFC 2003. */
import type { Ip } from '../inet/ip.js';
import type { IpvsConnection } from '../ipvs/connection.js';
import type { Skb } from '../packet/skb.js';
import type { RouteQuestion } from '../route/question.js';
import { type SourceAnswer, selectByDevice, selectSource } from '../route/source.js';
import { ending } from '../verdict/disposition.js';
import type { Place } from './place.js';
import { type Routed, type Routing, routeWorld } from './routing.js';
import { assume, finish, leaveOpen, type World } from './world.js';

export interface TunnelWay extends Routed {
  /** Of the outer packet; absent: none was found, or none is needed. */
  readonly source?: Ip;
}

export interface TunnelRouting extends Routing {
  readonly routed: readonly TunnelWay[];
}

/**
 * The way of the outer packet, and its source. IPv4 looks the route up once more with the source that the first one gave; IPv6 takes an address of the device,
 * whatever `src` the route has. do_output_route4, __ip_vs_route_output_v6.
 */
export function routeTunnel(place: Place, world: World, question: RouteQuestion): TunnelRouting {
  const first = routeWorld(place, world, question);
  const next = first.routed.map((one) =>
    question.family === 4 ? sourced4(place, one, question) : sourced6(place, one, question),
  );
  return {
    ended: [...first.ended, ...next.flatMap(({ ended }) => ended)],
    routed: next.flatMap(({ routed }) => routed),
  };
}

function sourced4(place: Place, one: Routed, question: RouteQuestion): TunnelRouting {
  const chosen = selectSource(place, one.route, one.hop, question.dst);
  if (chosen.kind === 'open') return open(one.world, chosen);
  if (chosen.kind === 'none') return { ended: [], routed: [one] };
  const { ended, routed } = routeWorld(place, assume(one.world, chosen.assumptions), { ...question, src: chosen.ip });
  return { ended, routed: routed.map((way) => ({ ...way, source: chosen.ip })) };
}

function sourced6(place: Place, one: Routed, { dst }: RouteQuestion): TunnelRouting {
  if (one.route.type === 'local' || one.hop?.dev == null) return { ended: [], routed: [one] };
  const chosen = selectByDevice(place, one.hop.dev, dst);
  if (chosen.kind === 'open') return open(one.world, chosen);
  if (chosen.kind === 'none') return { ended: [finish(one.world, ending('unreachable'))], routed: [] };
  return { ended: [], routed: [{ ...one, world: assume(one.world, chosen.assumptions), source: chosen.ip }] };
}

function open(world: World, { because }: SourceAnswer & { readonly kind: 'open' }): TunnelRouting {
  return { ended: [finish(leaveOpen(world, because), ending('undetermined'))], routed: [] };
}

const IPIP = 4;
const IP6IP6 = 41;
const headerLength = { 4: 20, 6: 40 } as const;

export function inTunnel(inner: Skb, source: Ip, connection: IpvsConnection): Skb {
  const { openPort: _openPort, body: _body, unaltered: _unaltered, quoted: _quoted, ...kept } = inner;
  return {
    ...kept,
    ipvs: { role: 'carrier', connection },
    src: source,
    dst: connection.server.ip,
    proto: inner.family === 4 ? IPIP : IP6IP6,
    sport: null,
    dport: null,
    tcp: null,
    icmp: null,
    fragment: null,
    length: inner.length === null ? null : inner.length + headerLength[inner.family],
    ctState: 'INVALID',
    ct: null,
  };
}
