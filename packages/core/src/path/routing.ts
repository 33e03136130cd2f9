/** The routing decision as a stage: asks the lookup, records its lines, and branches over nexthops by weight. */
import type { Family, Ip } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { proto } from '../inet/proto.js';
import { endsBefore, headerSize } from '../packet/cut.js';
import { protocolSeen } from '../packet/extension-headers.js';
import { alter, type Skb } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import type { RouteAnswer, RouteErrno, RouteQuestion } from '../route/question.js';
import type { Share } from '../route/spread.js';
import type { NextHop, Route } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { fraction } from '../verdict/fraction.js';
import { isHashedAnew } from './multipath-hash.js';
import type { Place } from './place.js';
import { hasRealms, tagOfRoute } from './realms.js';
import { type Ways, waysOf } from './ways.js';
import { assume, change, finish, forkByChance, forkOpen, leaveOpen, note, type World, withPacket } from './world.js';

export interface Routed {
  readonly world: World;
  readonly route: Route;
  readonly hop: NextHop | undefined;
}

/** Worlds that ended, and the routed ones. */
export interface Routing {
  readonly ended: readonly World[];
  readonly routed: readonly Routed[];
}

/** A question that nobody has seen yet, to be written to. */
export type RouteDraft = { -readonly [Field in keyof RouteQuestion]: RouteQuestion[Field] };

/** What a packet asks; all questions have one shape. */
export function questionOf({ skb }: World): RouteDraft {
  const { sport, dport } = portsSeen(skb);
  return {
    family: skb.family,
    dst: skb.dst,
    src: skb.src,
    iif: skb.iif,
    oif: skb.owner?.dev ?? null,
    mark: skb.mark,
    tos: skb.tos,
    proto: protocolSeen(skb, 'nft'),
    sport,
    dport,
    openPort: skb.openPort,
    openPorts: skb.openPorts,
    uid: skb.owner?.uid ?? null,
    ofPacket: undefined,
    reverse: undefined,
    strict: undefined,
  };
}

/** Of a packet that policy rules look into themselves, where a socket would tell them its ports. */
export function questionOfPacket(world: World): RouteDraft {
  const question = questionOf(world);
  question.ofPacket = true;
  const at = indexAt[protocolSeen(world.skb, 'nft')];
  if (at === undefined || isPiece(world.skb) || endsBefore(world.skb, at + headerSize.ports)) return question;
  const { body } = world.skb;
  if (body === undefined) question.openPort = 'both';
  else {
    question.sport = uint16At(body, at);
    question.dport = uint16At(body, at + 2);
  }
  return question;
}

/** Where ESP and AH have their security parameters index, which is taken for two ports. include/linux/in.h proto_ports_offset. */
const indexAt: Readonly<Record<number, number>> = { [proto.esp]: 0, [proto.ah]: 4 };

function uint16At(body: Uint8Array, at: number): number {
  return ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
}

function isPiece({ fragment }: Skb): boolean {
  return fragment !== null && (fragment.more || fragment.offset > 0);
}

/** Policy rules do not see the ports of a fragment, not even of the first, nor one of two. net/core/flow_dissector.c without PARSE_1ST_FRAG. */
function portsSeen(skb: Skb): Pick<RouteQuestion, 'sport' | 'dport'> {
  const { sport, dport } = skb;
  return isPiece(skb) || endsBefore(skb, headerSize.ports) ? { sport: null, dport: null } : { sport, dport };
}

export function routeWorld(place: Place, world: World, question: RouteQuestion): Routing {
  const answer = lookupRoute(place, question);
  const informed = assume(world, answer.assumptions);
  switch (answer.kind) {
    case 'open':
      return only(
        finish(
          leaveOpen(
            say(place, informed, answer, () => 'the route is open'),
            answer.because,
          ),
          ending('undetermined'),
        ),
      );
    case 'error':
      return only(failed(place, informed, answer, question));
    case 'route':
      return alongWays(place, informed, answer, question);
  }
}

function alongWays(
  place: Place,
  world: World,
  answer: RouteAnswer & { readonly kind: 'route' },
  question: RouteQuestion,
): Routing {
  const ways = waysOf(place, answer, question);
  if (ways.because.length > 0) return only(finish(leaveOpen(world, ways.because), ending('undetermined')));
  const told = assume(world, ways.assumed);
  return { ended: [], routed: choices(place, told, answer, ways, question) };
}

function only(world: World): Routing {
  return { ended: [world], routed: [] };
}

function say(place: Place, world: World, answer: RouteAnswer, what: () => string): World {
  return world.probed ? world : note(world, place.name, 'routing', what(), answer.evidence);
}

/** A process gets an error number; forwarded packets are answered by an ICMP error, blackholes by nothing. */
function failed(
  place: Place,
  world: World,
  answer: RouteAnswer & { readonly kind: 'error' },
  question: RouteQuestion,
): World {
  const told = say(
    place,
    world,
    answer,
    () => `no way to ${formatIp(question.dst)}: ${answer.type === 'none' ? 'no route' : answer.type}`,
  );
  const disposition = answer.type === 'none' ? 'no-route' : 'unreachable';
  if (question.iif === null) return finish(told, ending(disposition, answer.errno));
  if (answer.type === 'blackhole') return finish(told, ending('dropped'));
  return finish(told, ending(disposition, icmpErrors[question.family][answer.errno] ?? null));
}

/** What a sender is told whose packet cannot be passed on. net/ipv4/route.c ip_error, net/ipv6/route.c ip6_pkt_drop. */
const icmpErrors: Readonly<Record<Family, Partial<Record<RouteErrno, string>>>> = {
  4: { ENETUNREACH: 'icmp 3/0', EHOSTUNREACH: 'icmp 3/1', EACCES: 'icmp 3/13' },
  6: { ENETUNREACH: 'icmpv6 1/0', EHOSTUNREACH: 'icmpv6 1/0', EACCES: 'icmpv6 1/1' },
};

function choices(
  place: Place,
  world: World,
  answer: RouteAnswer & { readonly kind: 'route' },
  { shares, open = [] }: Ways,
  question: RouteQuestion,
): readonly Routed[] {
  const { route } = answer;
  const { dst, family } = question;
  const tagged = (one: World, hop: NextHop | undefined): World =>
    family === 4 && hasRealms(place, 4) === true
      ? withPacket(one, alter(one.skb, { realm: tagOfRoute(place, answer, hop) }))
      : one;
  const flow = shares.length > 1 ? flowOf(place, question) : '';
  const before = world.way?.route === route && world.way.flow === flow ? world.way.hop : null;
  const again = shares.find(({ hop }) => hop === before);
  const only = again ?? shares[0];
  if (only === undefined || shares.length === 1 || again !== undefined)
    return [
      {
        world: tagged(
          say(place, world, answer, () => described(route, only?.hop, dst)),
          only?.hop,
        ),
        route,
        hop: only?.hop,
      },
    ];
  const sides = open.length > 0 ? eitherOf(world, shares, open) : byWeight(world, shares);
  return shares.flatMap(({ hop }, index) => {
    const side = sides[index];
    return side === undefined
      ? []
      : [
          {
            world: change(
              tagged(
                say(place, side, answer, () => described(route, hop, dst)),
                hop,
              ),
              { way: { route, flow, hop } },
            ),
            route,
            hop,
          },
        ];
  });
}

function byWeight(world: World, shares: readonly Share[]): readonly World[] {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  return forkByChance(
    world,
    shares.map(({ weight }) => fraction(weight, total)),
  );
}

/** One world for each share, of which nothing tells the right one. */
function eitherOf(world: World, shares: readonly Share[], because: readonly Reason[]): readonly World[] {
  let rest = world;
  return shares.map((_, index) => {
    if (index === shares.length - 1) return rest;
    const [taken, others] = forkOpen(rest, because);
    rest = others;
    return taken;
  });
}

/** Whatever the policy takes of it, two packets that are alike in all of this have one hash. */
function flowOf(place: Place, question: RouteQuestion): string {
  const { src, dst, iif, proto, sport, dport } = question;
  const addresses = [src === null ? '' : formatIp(src), formatIp(dst)];
  return [place.name, ...addresses, iif, proto, sport, dport, isHashedAnew(place, question)].join(' ');
}

function described(route: Route, hop: NextHop | undefined, dst: Ip): string {
  if (route.type === 'local') return `${formatIp(dst)} is an address of this node`;
  const via = hop?.via === null || hop === undefined ? '' : ` via ${formatIp(hop.via)}`;
  return `${formatIp(dst)} goes${via} dev ${hop?.dev ?? '?'}`;
}
