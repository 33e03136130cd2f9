/**
 * What the node's own TCP puts into the header of a SYN: its MSS, how long the options make it, and whether it asks for ECN. net/ipv4/tcp_output.c
 * tcp_syn_options, tcp_synack_options; include/net/tcp_ecn.h tcp_ecn_send_syn; net/ipv4/route.c ipv4_default_advmss, net/ipv6/route.c ip6_default_advmss.
 */

import type { Family } from '../inet/ip.js';
import { draftSkb, type TcpHeader, tcpFlag } from '../packet/skb.js';
import { isHosts } from '../route/hosts-address.js';
import type { NextHop, Route } from '../snapshot/route.js';
import { deviceMtu } from './path-mtu.js';
import { perPlace } from './per-place.js';
import { type Place, sysctl } from './place.js';
import type { Routed } from './routing.js';
import { type World, withPacket } from './world.js';

const header: Readonly<Record<Family, number>> = { 4: 20, 6: 40 };
const tcpHeader = 20;
const mssOption = 4;

type Asks = Pick<TcpHeader, 'flags' | 'openEcn'>;
type Announces = Pick<TcpHeader, 'mss' | 'openMss'>;

/** A socket sends it; other packets stay as they are. */
export function withOwnHeader(place: Place, routed: Routed): World {
  const { world, route, hop } = routed;
  const { tcp, owner, family, fragment } = world.skb;
  if (tcp === null || owner === null || fragment !== null || (tcp.flags & tcpFlag.SYN) === 0) return world;
  const least = header[family] + tcpHeader + mssOption;
  const length = world.skb.length ?? lengthOf(place, tcp, least);
  const skb = draftSkb(world.skb);
  skb.tcp = segmentOf(asking(place, tcp.flags, route), announced(place, family, route, hop), length === least);
  skb.length = length;
  return withPacket(world, skb);
}

/** Fields are set one by one: that is several times cheaper than spreads. */
function segmentOf({ flags, openEcn }: Asks, { mss, openMss }: Announces, plain: boolean): TcpHeader {
  const segment: { -readonly [Field in keyof TcpHeader]: TcpHeader[Field] } = { flags, mss };
  if (openEcn !== undefined) segment.openEcn = openEcn;
  if (openMss !== undefined) segment.openMss = openMss;
  if (!plain) segment.plain = plain;
  return segment;
}

/** Options are answered, not offered again: a SYN with an MSS alone gets one alone. */
function lengthOf(place: Place, { flags, plain }: TcpHeader, least: number): number | null {
  if ((flags & tcpFlag.ACK) !== 0 && plain !== false) return least;
  const options = optionsLength(place, 'syn');
  return options === null ? null : least + options;
}

/** Timestamps have room for what says that SACK is understood. */
const optionsLength = perPlace((place: Place, _of: 'syn'): number | null => {
  const [timestamps, sack, scaling] = ['tcp_timestamps', 'tcp_sack', 'tcp_window_scaling'].map((name) =>
    isOn(place, name),
  );
  if (timestamps === undefined || sack === undefined || scaling === undefined) return null;
  if (timestamps === null || sack === null || scaling === null) return null;
  return (timestamps ? 12 : sack ? 4 : 0) + (scaling ? 4 : 0);
});

/** By net.ipv4.tcp_ecn (2 by default: only when asked), or the route's `features ecn`. What answers a SYN does not ask. */
function asking(place: Place, flags: number, { rest }: Route): Asks {
  if ((flags & tcpFlag.ACK) !== 0) return { flags };
  const { value, known } = sysctl(place, 'net/ipv4/tcp_ecn');
  if (rest.includes('features ecn') || asksForEcn.has(value)) return { flags: flags | tcpFlag.ECE | tcpFlag.CWR };
  return value === null && !known ? { flags, openEcn: true } : { flags };
}

/** 3 and 4 are those of kernels with accurate ECN. */
const asksForEcn: ReadonlySet<string | null> = new Set(['1', '3', '4']);

function isOn(place: Place, name: string): boolean | null {
  const { value, known } = sysctl(place, `net/ipv4/${name}`);
  if (value !== null) return value !== '0';
  return known ? true : null;
}

const mostPayload = 65535;
const leastMss: Readonly<Record<Family, number>> = { 4: 256, 6: 1220 };

function announced(place: Place, family: Family, route: Route, hop: NextHop | undefined): Announces {
  if (route.advmss !== null) return { mss: route.advmss };
  const mtu = mtuOf(place, route, hop);
  if (mtu === null) return { mss: null, openMss: true };
  const room = family === 4 ? Math.min(mtu, mostPayload) : mtu;
  const mss = Math.max(room - header[family] - tcpHeader, leastMss[family]);
  return { mss: family === 6 && mss > mostPayload - tcpHeader ? mostPayload : mss };
}

function mtuOf(place: Place, route: Route, hop: NextHop | undefined): number | null {
  if (route.mtu !== null) return route.mtu;
  return deviceMtu(place, route.family, isHosts(route) ? 'lo' : (hop?.dev ?? null));
}
