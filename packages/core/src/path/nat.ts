/** Carries out what NAT targets ask for: which address and port the connection really gets. net/netfilter/nf_nat_core.c. */

import { reverseTuple, sameTuple } from '../conntrack/connection.js';
import { entriesFrom } from '../conntrack/entries.js';
import { isUnknownVersion } from '../conntrack/gre.js';
import { anyRange, type NatRange } from '../conntrack/nat-range.js';
import {
  isMoved,
  mappedTuple,
  type NatSide,
  settle,
  settleUnmoved,
  translateError,
  translatePacket,
} from '../conntrack/translate.js';
import { type Chosen, type Others, uniqueTuple } from '../conntrack/unique-tuple.js';
import { type Ip, ip4, ip6 } from '../inet/ip.js';
import { isLinkLocal, isUnspecified } from '../inet/ip-kind.js';
import { formatIp } from '../inet/ip-text.js';
import { proto } from '../inet/proto.js';
import type { NatSpec, TargetAction } from '../netfilter/action.js';
import type { Hook } from '../netfilter/hook.js';
import { type Connection, type Drawn, draftConnection, type Skb, withConnection } from '../packet/skb.js';
import { selectMasquerade } from '../route/source.js';
import type { ConnTuple } from '../snapshot/conntrack.js';
import { isCompleteFor } from '../snapshot/dump.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import type { Evidence } from '../verdict/step.js';
import { firstAddress } from './first-address.js';
import type { Since } from './kernel-release.js';
import { apartByZone, hasTwoZones, mayClash, takenBy } from './known-connection.js';
import { missing, type Place } from './place.js';
import { assume, finish, leaveOpen, note, type World, withPacket } from './world.js';

export function sideAt(hook: Hook): NatSide {
  return hook === 'PREROUTING' || hook === 'OUTPUT' ? 'dst' : 'src';
}

export function translateWorld(
  place: Place,
  hook: Hook,
  world: World,
  action: TargetAction,
  evidence: Evidence,
): readonly World[] {
  switch (action.kind) {
    case 'nat':
      return [byRange(place, hook, world, action.spec, evidence)];
    case 'masquerade':
      return [masquerade(place, hook, world, action, evidence)];
    case 'redirect':
      return [redirect(place, hook, world, action, evidence)];
    default:
      return [world];
  }
}

function byRange(place: Place, hook: Hook, world: World, spec: NatSpec, evidence: Evidence): World {
  if (spec.netmap === null) return bind(place, hook, world, spec.kind, spec, evidence);
  const { skb } = world;
  const ip = netmapped(spec.kind === 'dst' ? skb.dst : skb.src, spec.netmap);
  return bind(place, hook, world, spec.kind, { ...spec, addresses: { first: ip, last: ip } }, evidence);
}

function netmapped(ip: Ip, to: { readonly ip: Ip; readonly mask: Ip }): Ip {
  const mix = (host: number, net: number, mask: number) => ((host & ~mask) | (net & mask)) >>> 0;
  if (ip.family === 4) return ip4(mix(ip.a, to.ip.a, to.mask.a));
  return ip6(
    mix(ip.a, to.ip.a, to.mask.a),
    mix(ip.b, to.ip.b, to.mask.b),
    mix(ip.c, to.ip.c, to.mask.c),
    mix(ip.d, to.ip.d, to.mask.d),
  );
}

function masquerade(
  place: Place,
  hook: Hook,
  world: World,
  { ports, portBase, random }: Extract<TargetAction, { readonly kind: 'masquerade' }>,
  evidence: Evidence,
): World {
  const { skb, exit } = world;
  // Who asks for an address by DHCP has none to hide. net/netfilter/nf_nat_masquerade.c.
  if (skb.family === 4 && skb.ct !== null && isUnspecified(skb.ct.original.src)) return world;
  const chosen = selectMasquerade(place, skb.oif, exit?.towards ?? skb.dst, skb.dst);
  if (chosen.kind === 'none') return finish(world, ending('dropped'));
  if (chosen.kind === 'open') return finish(leaveOpen(world, chosen.because), ending('undetermined'));
  const addresses = { first: chosen.ip, last: chosen.ip };
  const range = { addresses, ports, portBase, random, persistent: anyRange.persistent };
  return bind(place, hook, assume(world, chosen.assumptions), 'src', range, evidence);
}

/** To 127.0.0.1 or ::1 for the node's own packets, else to the first address of the device they came in by. net/netfilter/nf_nat_redirect.c. */
function redirect(
  place: Place,
  hook: Hook,
  world: World,
  { ports, random }: Extract<TargetAction, { readonly kind: 'redirect' }>,
  evidence: Evidence,
): World {
  const { skb } = world;
  const loopback = skb.family === 4 ? ip4(0x7f000001) : ip6(0, 0, 0, 1);
  const ip = hook === 'OUTPUT' ? loopback : redirectTo(place, skb.dst, skb.iif);
  if (ip === null && !isCompleteFor(place.ns.addresses, skb.family)) {
    const reason = missing(place, 'ip-addr', `which address REDIRECT takes on ${skb.iif} is not known`);
    return undetermined(world, reason);
  }
  if (ip === null) return finish(world, ending('dropped'));
  return bind(place, hook, world, 'dst', { ...anyRange, addresses: { first: ip, last: ip }, ports, random }, evidence);
}

/** IPv6 takes an address of the link for a packet to one, and of the site (RFC 3513) for one to a site. nf_nat_redirect_ipv6_usable. */
function redirectTo(place: Place, dst: Ip, dev: string | null): Ip | null {
  const { family } = dst;
  const unusable = family === 4 ? ['secondary'] : ['tentative', 'dadfailed'];
  const scope = family === 6 ? scopeOf(dst) : null;
  return firstAddress(place, dev, family, unusable, (ip) => scope === null || scopeOf(ip) === scope);
}

function scopeOf(ip: Ip): 'link' | 'site' | null {
  const start = ip.a >>> 16;
  if (isLinkLocal(ip) || start === 0xff02) return 'link';
  return (start & 0xffc0) === 0xfec0 || start === 0xff05 ? 'site' : null;
}

function undetermined(world: World, reason: Reason): World {
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}

/** Settles one side of the connection; `evidence` null: no rule asked for it. */
function bind(
  place: Place,
  hook: Hook,
  world: World,
  side: NatSide,
  range: NatRange,
  evidence: Evidence | null,
): World {
  const { skb } = world;
  const { ct } = skb;
  // A connection that the table holds already stays as it is. net/netfilter/nf_nat_core.c nf_nat_setup_info.
  if (ct === null || ct.confirmed) return world;
  const { yes: apart, because, assumed } = hasTwoZones(ct) ? apartByZone(place) : alwaysApart;
  if (side === 'src' && mayClash.has(ct.proto) && meetsItself(place, world, ct, apart)) {
    const text =
      'the connection is one in the other direction too, by its zones: whether it gets another port depends on the kernel';
    return undetermined(world, { dump: null, text });
  }
  const chosen = choose(place, world, side, ct, range, apart);
  const depends =
    because.length + assumed.length > 0 && !sameChoice(chosen, choose(place, world, side, ct, range, !apart));
  if (depends && because.length > 0) return finish(leaveOpen(world, because), ending('undetermined'));
  if (chosen.kind === 'contested') {
    const text = `whether a closing connection of ${place.name} is given up, so that this one gets its port, depends on their sequence numbers`;
    return undetermined(world, { dump: null, text });
  }
  const bound = withConnection(
    skb,
    chosen.kind === 'drawn' ? settleDrawn(ct, side, chosen) : settle(ct, side, chosen.tuple),
  );
  if (isUntranslatable(bound, side)) return finish(world, ending('dropped'));
  return told(place, hook, depends ? assume(world, assumed) : world, translatePacket(bound, side), side, evidence);
}

const alwaysApart: Since = { yes: true, because: [], assumed: [] };

function choose(place: Place, world: World, side: NatSide, ct: Connection, range: NatRange, apart: boolean): Chosen {
  const others = othersOf(place, world, ct, apart);
  return uniqueTuple(side, ct.proto, mappedTuple(ct), range, ct.zone.original || ct.zone.reply, others);
}

function sameChoice(one: Chosen, other: Chosen): boolean {
  return one.kind === other.kind && sameTuple(one.tuple, other.tuple);
}

/** A zone for one direction alone hides a connection from its own answers, which then begin one the other way round. Where two such may clash, Linux 6.12 and later ones changed what follows: nf_nat_used_tuple_new. */
function meetsItself(place: Place, world: World, ct: Connection, apart: boolean): boolean {
  const older = takenBy(place, world, ct, reverseTuple(mappedTuple(ct)), apart);
  return older !== null && sameTuple(older.original, ct.reply) && sameTuple(older.reply, ct.original);
}

/** Eight bytes of a GRE header are there, and for another destination of a known version, or the packet cannot be translated. net/netfilter/nf_nat_proto.c gre_manip_pkt. */
function isUntranslatable(skb: Skb, side: NatSide): boolean {
  const { family, length, proto: l4 } = skb;
  if (l4 !== proto.gre || translatePacket(skb, side) === skb) return false;
  if (side === 'dst' && isUnknownVersion(skb)) return true;
  return length !== null && length < (family === 4 ? 20 : 40) + 8;
}

/** The kernel draws the port, and nothing tells which. */
function settleDrawn(
  ct: Connection,
  side: NatSide,
  { tuple, first, size }: Chosen & { readonly kind: 'drawn' },
): Connection {
  const drawn: Drawn = [first, first + size - 1];
  const settled = draftConnection(settle(ct, side, withoutKey(tuple, side)));
  settled.drawn =
    ct.drawn === undefined ? (side === 'src' ? { src: drawn } : { dst: drawn }) : { ...ct.drawn, [side]: drawn };
  return settled;
}

function withoutKey({ src, dst, sport, dport, icmpType, icmpCode }: ConnTuple, side: NatSide): ConnTuple {
  return side === 'src'
    ? { src, dst, sport: null, dport, icmpType, icmpCode, icmpId: null }
    : { src, dst, sport, dport: null, icmpType, icmpCode, icmpId: null };
}

/** A TCP connection with another source that is closing makes room for one that begins. net/netfilter/nf_nat_core.c nf_nat_used_tuple_harder. */
function mayGo(older: Connection | null): boolean {
  return older?.direction === 'reply' && older.srcNat && (older.tcpState === 'TIME_WAIT' || older.tcpState === 'CLOSE');
}

function othersOf(place: Place, world: World, ct: Connection, apart: boolean): Others {
  const { ns } = place;
  return {
    taken: (tuple) => takenBy(place, world, ct, reverseTuple(tuple), apart) !== null,
    yields: (tuple) => ct.tcpState === 'SYN_SENT' && mayGo(takenBy(place, world, ct, reverseTuple(tuple), apart)),
    sourcesFor: (tuple) =>
      entriesFrom(ns, ct.proto, tuple, ct.zone).map((entry) => {
        const { src, sport, icmpId } = reverseTuple(entry.reply);
        return { src, sport, icmpId };
      }),
  };
}

function told(place: Place, hook: Hook, world: World, skb: Skb, side: NatSide, evidence: Evidence | null): World {
  if (world.probed || (evidence === null && !isMoved(world.skb, skb))) return withPacket(world, skb);
  const open =
    skb.openPort !== undefined && world.skb.openPort === undefined ? " with a port of the kernel's choice" : '';
  const what =
    side === 'dst'
      ? `destination becomes ${endpoint(skb.dst, skb.dport)}${open}`
      : `source becomes ${endpoint(skb.src, skb.sport)}${open}`;
  const because = evidence === null ? [] : [{ ...evidence, why: 'translates' }];
  return note(withPacket(world, skb), place.name, `nat/${hook}`, what, because);
}

export function endpoint(ip: Ip, port: number | null): string {
  if (port === null) return formatIp(ip);
  return ip.family === 6 ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`;
}

/** No rule took the connection: it keeps what it has, but a source port that would clash with another connection's changes. */
export function bindToItself(place: Place, hook: Hook, world: World): World {
  const { ct } = world.skb;
  if (ct === null) return world;
  const side = sideAt(hook);
  if (!ct.confirmed && !(side === 'src' ? ct.srcNat : ct.dstNat) && isAlone(place, world)) {
    return withPacket(world, withConnection(world.skb, settleUnmoved(ct, side)));
  }
  const { src, dst } = mappedTuple(ct);
  const own = side === 'src' ? src : dst;
  return bind(place, hook, world, side, { ...anyRange, addresses: { first: own, last: own } }, null);
}

/** There is no other connection that one of this packet's could clash with. */
function isAlone({ ns }: Place, { hops }: World): boolean {
  return hops.length === 0 && ns.conntrack.rows.length === 0;
}

/** What conntrack does at the nat hooks to a packet of a known connection: no rule is asked. */
export function translateKnown(place: Place, hook: Hook, world: World): World {
  const side = sideAt(hook);
  if (isUntranslatable(world.skb, side)) return finish(world, ending('dropped'));
  const changed = translatePacket(world.skb, side);
  if (changed === world.skb || !isMoved(world.skb, changed)) return world;
  if (world.probed) return withPacket(world, changed);
  const again = world.skb.ct?.direction === 'reply' ? ' again' : '';
  const what =
    side === 'dst'
      ? `the connection is known: destination becomes ${endpoint(changed.dst, changed.dport)}${again}`
      : `the connection is known: source becomes ${endpoint(changed.src, changed.sport)}${again}`;
  return note(withPacket(world, changed), place.name, `nat/${hook}`, what);
}

const redirectMessage = 5;

/** An ICMP error is translated as its connection is, and so is what it quotes; a redirect of a translated connection is no use to anybody. */
export function translateRelated(place: Place, hook: Hook, world: World): World {
  const { skb } = world;
  if (skb.family === 4 && skb.icmp?.type === redirectMessage && skb.ct !== null && (skb.ct.srcNat || skb.ct.dstNat))
    return finish(note(world, place.name, `nat/${hook}`, 'a redirect does not pass NAT'), ending('dropped'));
  const changed = translateError(skb, sideAt(hook));
  if (changed === skb) return world;
  const what = `the error is translated: from ${formatIp(changed.src)} to ${formatIp(changed.dst)}`;
  return note(withPacket(world, changed), place.name, `nat/${hook}`, what);
}
