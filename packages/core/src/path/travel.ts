/** From namespace to namespace: what leaves one by a device comes in at the next, or goes into a tunnel. */
import { type Ip, sameIp } from '../inet/ip.js';
import { formatIp } from '../inet/ip-text.js';
import { alter, type Skb } from '../packet/skb.js';
import { lookupRoute } from '../route/lookup.js';
import { towardsOf } from '../route/question.js';
import type { Reason } from '../tri.js';
import { ending } from '../verdict/disposition.js';
import { backByItsPort } from './back-by-its-port.js';
import { refusedDiscovery } from './discovery.js';
import { linkOf, mayBeTunnel } from './frame.js';
import { ingress } from './ingress.js';
import { beyond } from './neighbourhood.js';
import { missing, type Place } from './place.js';
import type { Holder } from './places.js';
import { handToProgram } from './program-tunnel.js';
import { encapsulate } from './tunnel.js';
import { unpack } from './unpack.js';
import { assume, type Exit, finish, leaveOpen, note, type World, withPacket } from './world.js';

/** A packet may cross this many captured namespaces before it counts as going in circles. */
const mostHops = 16;

/** Follows every live world from namespace to namespace until it ends; `home` is whom an answer is for. */
export function travel(
  places: readonly Place[],
  from: Place,
  begun: readonly World[],
  home: Home | null,
): readonly World[] {
  let live: readonly { readonly place: Place; readonly world: World }[] = begun.map((world) => ({
    place: from,
    world,
  }));
  const ended: World[] = [];
  for (let hop = 0; live.length > 0; hop++) {
    const next: { place: Place; world: World }[] = [];
    for (const { place, world } of live) {
      if (world.end?.disposition === 'delivered' && world.carried !== undefined)
        next.push(...arriving(place, unpack(place, world)));
      else if (world.end !== null) ended.push(world);
      else if (hop > mostHops) ended.push(finish(world, ending('looped')));
      else next.push(...cross(places, place, world, home));
    }
    live = next;
  }
  return ended;
}

/** The one an answer must reach: a client that stands outside the captured namespaces, behind a device. */
export interface Home {
  readonly place: Place;
  readonly dev: string;
  readonly ip: Ip;
  /** Whom the client takes an answer from. */
  readonly called: { readonly ip: Ip; readonly port: number | null };
}

function cross(
  places: readonly Place[],
  place: Place,
  world: World,
  home: Home | null,
): readonly { place: Place; world: World }[] {
  const { exit, skb } = world;
  if (exit === null) return [{ place, world: finish(world, ending('undetermined')) }];
  if (
    home !== null &&
    home.place === place &&
    home.dev === exit.dev &&
    sameIp(skb.dst, home.ip) &&
    sameIp(exit.towards, home.ip)
  ) {
    return [
      {
        place,
        world: finish(note(world, place.name, 'link', `${formatIp(skb.dst)} receives it`), ending('delivered')),
      },
    ];
  }
  const link = linkOf(place, exit.dev);
  const packed = link === undefined ? null : encapsulate(place, world, link);
  if (packed !== null) return arriving(place, packed);
  const handed = link === undefined ? null : handToProgram(places, place, world, link);
  if (handed !== null) return arriving(place, handed);
  if (link === undefined || !mayBeTunnel(link)) return onwards(places, place, world, exit, home);
  const reason = missing(place, 'ip-link', `what kind of device ${link.name} is was not shown`);
  if (place.assume === 'none') return [{ place, world: finish(leaveOpen(world, [reason]), ending('undetermined')) }];
  const taken = { ...reason, text: `${reason.text}; it is taken to be no tunnel` };
  return onwards(places, place, assume(world, [taken]), exit, home);
}

/** By a device that sends frames as they are. */
function onwards(
  places: readonly Place[],
  place: Place,
  world: World,
  exit: Exit,
  home: Home | null,
): readonly { place: Place; world: World }[] {
  const far = beyond(places, place, exit, world.skb);
  switch (far.kind) {
    case 'open':
      return [{ place, world: finish(leaveOpen(world, far.because), ending('undetermined')) }];
    case 'place': {
      const { holder, assumption, lladdr } = far;
      const lost = undiscovered(place, world, exit, holder);
      if (lost !== null) return [{ place, world: lost }];
      if (assumption === null) return enter(holder, framed(place, world, lladdr));
      const reason: Reason = { dump: null, text: assumption, ...(far.elseLost ? { unlessFails: true } : {}) };
      if (place.assume === 'defaults' || far.elseLost)
        return enter(holder, framed(place, assume(world, [reason]), lladdr));
      return [{ place, world: finish(leaveOpen(world, [reason]), ending('undetermined')) }];
    }
    case 'nobody':
      return [
        {
          place,
          world: finish(note(world, place.name, 'neighbour', far.what, far.evidence), ending('neighbour-unresolved')),
        },
      ];
    case 'outside':
      return [
        {
          place,
          world:
            backByItsPort(place, world) ??
            outside(place, world, far.gateway, home === null ? 'no' : leadsHome(places, place, world, home)),
        },
      ];
  }
}

/** The holder would be asked for its hardware address, and the question or the answer does not pass. */
function undiscovered(place: Place, world: World, { dev, towards, lladdr }: Exit, holder: Holder): World | null {
  if (towards.family === 4 || (lladdr ?? null) !== null) return null;
  const found = refusedDiscovery({ place, dev }, holder, towards, world.skb.src);
  if (found === null) return null;
  if (found.kind === 'open') return finish(leaveOpen(world, found.because), ending('undetermined'));
  return finish(note(world, place.name, 'neighbour', found.what, found.evidence), ending('neighbour-unresolved'));
}

/** A bridge passes the frame on as it is; a router makes a new one. */
function framed(place: Place, world: World, dstMac: World['skb']['dstMac']): World {
  const { exit, skb } = world;
  const srcMac = exit?.ports === undefined ? (linkOf(place, exit?.dev ?? '')?.mac ?? null) : skb.srcMac;
  return withPacket(world, alter(skb, { srcMac, dstMac }));
}

function enter({ place, dev }: Holder, world: World): readonly { place: Place; world: World }[] {
  return arriving(place, ingress(place, world, dev));
}

function arriving(place: Place, worlds: readonly World[]): readonly { place: Place; world: World }[] {
  return worlds.map((world) => ({ place, world }));
}

/** A client beyond a gateway: the answer goes out by the device that its packet came in by. `maybe`: another node answers, or one has the client's network at hand, and the gateway may lead there as well. */
type LeadsHome = 'yes' | 'maybe' | 'no';

function leadsHome(places: readonly Place[], place: Place, { exit, skb }: World, home: Home): LeadsHome {
  if (exit === null || !sameIp(skb.dst, home.ip)) return 'no';
  if (home.place !== place) return isTaken(skb, home) && isBeyond(home) ? 'maybe' : 'no';
  if (home.dev !== exit.dev) return 'no';
  return places.every((other) => other === place || !isOnLinkOf(other, home.ip)) ? 'yes' : 'maybe';
}

/** The client stands where the default route leads, and not behind the node. */
function isBeyond({ place, dev, ip }: Home): boolean {
  const out = lookupRoute(place, towardsOf({ ...ip, a: 0, b: 0, c: 0, d: 0 }));
  return out.kind === 'route' && out.hops.some((hop) => hop.dev === dev);
}

/** An answer that passes by whoever translated the question comes from a stranger. */
function isTaken({ src, sport }: Skb, { called }: Home): boolean {
  return sameIp(src, called.ip) && (sport === null || sport === (called.port ?? 0));
}

/** The namespace reaches the address, or has it, without a gateway. */
function isOnLinkOf(place: Place, ip: Ip): boolean {
  const answer = lookupRoute(place, towardsOf(ip));
  return answer.kind === 'route' && answer.hops.some(({ via }) => via === null);
}

function outside(place: Place, world: World, gateway: boolean, home: LeadsHome): World {
  const { exit, skb } = world;
  if (exit === null) return world;
  if (world.carried !== undefined) {
    const text = `the far end of the tunnel, ${formatIp(skb.dst)}, was not captured`;
    return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
  }
  const who = formatIp(exit.towards);
  if (gateway && home !== 'no') {
    const reason = {
      dump: null,
      text:
        home === 'yes'
          ? `${who}, a gateway that was not captured, is taken to lead to ${formatIp(skb.dst)}`
          : `whether ${who}, a gateway that was not captured, leads to ${formatIp(skb.dst)} is not known`,
    };
    const handed = note(world, place.name, 'link', `the packet is handed to ${who}, a gateway that was not captured`);
    return place.assume === 'none' || home === 'maybe'
      ? finish(leaveOpen(handed, [reason]), ending('undetermined'))
      : finish(assume(handed, [reason]), ending('delivered'));
  }
  const what = gateway
    ? `the packet is handed to ${who}, a gateway that was not captured`
    : `${who} receives it; it was not captured`;
  return finish(
    note(world, place.name, 'link', what),
    ending(gateway && !sameIp(skb.dst, exit.towards) ? 'forwarded' : 'delivered'),
  );
}
