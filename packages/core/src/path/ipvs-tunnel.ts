/** The outer packet around one that IPVS sends through a tunnel: a flow of its own. net/netfilter/ipvs/ip_vs_xmit.c ip_vs_tunnel_xmit, RFC 2003. */
import type { Ip } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import type { IpvsConnection } from '../ipvs/connection.js';
import type { Skb } from '../packet/skb.js';
import type { RouteQuestion } from '../route/question.js';
import { type SourceAnswer, selectByDevice, selectSource } from '../route/source.js';
import { ending } from '../verdict/disposition.js';
import { since } from './kernel-release.js';
import { missing, type Place } from './place.js';
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
/** Of the outer header. */
export const headerLength = { 4: 20, 6: 40 } as const;

/** The other kinds, of kernels since 5.2, put the packet into UDP (`gue`) or GRE. */
export function asIpip(place: Place, world: World, { encapsulation, server }: IpvsConnection): World {
  if (encapsulation?.includes('ipip')) return world;
  if (encapsulation !== null) {
    const text = `what IPVS sends to ${formatIp(server.ip)} (${encapsulation}) is not modelled`;
    return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
  }
  const { yes, because } = since(place, 5, 2, 'where tunnels of IPVS have more than one kind');
  if (!yes) return world;
  const reason = missing(place, 'ipvsadm', `of which kind the tunnel to ${formatIp(server.ip)} is was not shown`);
  if (place.assume === 'none') return finish(leaveOpen(world, [reason, ...because]), ending('undetermined'));
  return assume(world, [{ ...reason, text: `${reason.text}; it is taken to be IPIP` }]);
}

export function inTunnel(inner: Skb, source: Ip, connection: IpvsConnection): Skb {
  const { openPort: _openPort, body: _body, unaltered: _unaltered, quoted: _quoted, ...kept } = inner;
  return {
    ...kept,
    family: connection.server.ip.family,
    ipvs: { role: 'carrier', connection },
    src: source,
    dst: connection.server.ip,
    proto: inner.family === 4 ? IPIP : IP6IP6,
    sport: null,
    dport: null,
    tcp: null,
    icmp: null,
    fragment: null,
    length: inner.length === null ? null : inner.length + headerLength[connection.server.ip.family],
    ctState: 'INVALID',
    ct: null,
  };
}
