/** One way things can go: the packet as it is now, what this way rests on, and how it came here. Questions fan out into several. */
import type { Ip } from '../inet/ip.js';
import type { Mac } from '../inet/mac.js';
import type { IpvsConnection } from '../ipvs/connection.js';
import type { Connection, Skb } from '../packet/skb.js';
import type { NextHop, Route } from '../snapshot/route.js';
import type { Reason } from '../tri.js';
import { mergeReasons } from '../tri.js';
import type { Ending } from '../verdict/disposition.js';
import { type Fraction, one, times } from '../verdict/fraction.js';
import type { Evidence } from '../verdict/step.js';
import { followTold, type Trail } from '../verdict/trail.js';

/** One way things can go, up to now. It never changes: each step makes a copy (`change`). */
export interface World {
  readonly skb: Skb;
  /** Exact share among the branches of chance. */
  readonly weight: Fraction;
  /** What leaves the end of this way open, once it has ended as undetermined. */
  readonly because: readonly Reason[];
  /** The forks behind it, newest first. */
  readonly choices: Choice | null;
  /** Named assumptions that were used. */
  readonly assumptions: readonly Reason[];
  readonly trail: Trail | null;
  /** It is the answer to a packet that went before, so who sends and who waits for it is known. */
  readonly answering: boolean;
  /**
   * Asked by a probe, which wants the counters of all rules and the packet as it ends: worlds that differ in either are two, and a packet for this node
   * has arrived whether a process waits for it or not.
   */
  readonly probed: boolean;
  /** The packet inside this one, on its way through a tunnel. */
  readonly carried?: Carried | undefined;
  /** Sent by a route of type local: over lo it comes back in. */
  readonly local: boolean;
  /** The namespace that the packet is in, or left last; null before the first. */
  readonly at: string | null;
  /** Where the packet leaves the namespace: set after POSTROUTING. */
  readonly exit: Exit | null;
  /** Namespaces passed so far, with the connection each remembers; the reply is un-NATed by these. */
  readonly hops: readonly Hop[];
  /** The way that a multipath route's hash has chosen for a flow: whenever the flow asks that route again, it is chosen again. */
  readonly way?: WayTaken | undefined;
  /** IPVS has sent it on its own: the rest of the hook that it was in, and what follows that, never sees it. */
  readonly stolen: boolean;
  readonly end: Ending | null;
}

/** The next hop that a flow was given among several. net/ipv4/fib_semantics.c fib_select_multipath. */
export interface WayTaken {
  readonly route: Route;
  /** What the hash is made of. */
  readonly flow: string;
  readonly hop: NextHop;
}

/** A packet that stands inside another one; `before`: the one that the inner packet carries in its turn. */
export type Carried = { readonly inner: Skb; readonly before?: Carried } & (
  | { readonly kind: 'vxlan'; readonly vni: number }
  | { readonly kind: 'ipip' }
  /** A program carries it: it comes out of the tun device of that name. */
  | { readonly kind: 'udp'; readonly dev: string }
);

/**
 * Which side of a fork this world took. Worlds with the same choices so far meet the same fork next, so the forks form a tree: `chance` shares the
 * weight among the sides, `open` leaves the side unknown.
 */
export interface Choice {
  readonly kind: 'chance' | 'open';
  readonly side: number;
  readonly because: readonly Reason[];
  /** Weight before the fork. */
  readonly weight: Fraction;
  readonly before: Choice | null;
}

/** By which device, and to whom on the link, the packet leaves a namespace. */
export interface Exit {
  readonly dev: string;
  /** Whom the frame is for: the gateway, or the destination when it is on link. */
  readonly towards: Ip;
  /** Hardware address of the frame, where it is known. */
  readonly lladdr?: Mac | null;
  /** The ports of a bridge that it goes out by, where the bridge decided. */
  readonly ports?: readonly string[];
}

/** A namespace that the packet has passed, by the device it came in (null: it began there) and the one it left (null: it ended there). */
export interface Hop {
  readonly place: string;
  readonly iif: string | null;
  readonly oif: string | null;
  /** As conntrack knows it after the packet; null: not tracked. */
  readonly connection: Connection | null;
  /** The balanced connection that the packet belongs to here. */
  readonly ipvs?: IpvsConnection | null;
}

/** A packet of which nothing has happened yet: certain, in no namespace, of no earlier packet. */
export function newWorld(skb: Skb): World {
  return {
    skb,
    weight: one,
    because: [],
    choices: null,
    assumptions: [],
    trail: null,
    answering: false,
    probed: false,
    carried: undefined,
    local: false,
    at: null,
    exit: null,
    hops: [],
    way: undefined,
    stolen: false,
    end: null,
  };
}

/**
 * The world with some fields changed. Every field is copied by name: such copies are many times cheaper than a spread, and all have one shape.
 * A field that may be absent is declared with `| undefined`, so that none can be forgotten here.
 */
export function change(world: World, changes: Partial<World>): World {
  return Object.assign(draftWorld(world), changes);
}

/** The world with its packet changed. */
export function withPacket(world: World, skb: Skb): World {
  const copy = draftWorld(world);
  copy.skb = skb;
  return copy;
}

/** The world one step further on. */
export function withTrail(world: World, trail: Trail | null): World {
  const copy = draftWorld(world);
  copy.trail = trail;
  return copy;
}

/** A copy that nobody else has seen yet, to be written to: where every packet passes, that is several times cheaper than `change`. */
export function draftWorld(world: World): { -readonly [Field in keyof Required<World>]: World[Field] } {
  return {
    skb: world.skb,
    weight: world.weight,
    because: world.because,
    choices: world.choices,
    assumptions: world.assumptions,
    trail: world.trail,
    answering: world.answering,
    probed: world.probed,
    carried: world.carried,
    local: world.local,
    at: world.at,
    exit: world.exit,
    hops: world.hops,
    way: world.way,
    stolen: world.stolen,
    end: world.end,
  };
}

/** A probe asks for counters alone, and is told no story. */
export function note(
  world: World,
  node: string,
  stage: string,
  what: string,
  evidence: readonly Evidence[] = [],
): World {
  if (world.probed) return world;
  return withTrail(world, followTold(world.trail, world.skb, { node, stage, what, evidence }));
}

export function finish(world: World, end: Ending): World {
  const ended = draftWorld(world);
  ended.end = end;
  return ended;
}

export function assume(world: World, reasons: readonly Reason[]): World {
  return reasons.length === 0 ? world : change(world, { assumptions: mergeReasons(world.assumptions, reasons) });
}

export function leaveOpen(world: World, reasons: readonly Reason[]): World {
  return reasons.length === 0 ? world : change(world, { because: mergeReasons(world.because, reasons) });
}

const noReasons: readonly Reason[] = [];

/** The sides of a fork by chance; the shares sum to 1. */
export function forkByChance(world: World, shares: readonly Fraction[]): readonly World[] {
  return shares.map((share, side) => {
    const taken = draftWorld(world);
    taken.weight = times(world.weight, share);
    taken.choices = { kind: 'chance', side, because: noReasons, weight: world.weight, before: world.choices };
    return taken;
  });
}

/** Two worlds: something unknown is so, and it is not. */
export function forkOpen(world: World, because: readonly Reason[]): readonly [World, World] {
  const choice = (side: number): World =>
    change(world, {
      choices: { kind: 'open', side, because, weight: world.weight, before: world.choices },
    });
  return [choice(0), choice(1)];
}

/** Runs a stage on every world that has not ended. */
export function advance(worlds: readonly World[], stage: (world: World) => readonly World[]): readonly World[] {
  const [only] = worlds;
  if (only !== undefined && worlds.length === 1) return isLive(only) ? stage(only) : worlds;
  const next: World[] = [];
  for (const world of worlds) {
    if (isLive(world)) next.push(...stage(world));
    else next.push(world);
  }
  return next;
}

/** What a stage makes of each way, whether it has ended or not. */
export function eachWay<Way>(ways: readonly Way[], stage: (way: Way) => readonly World[]): readonly World[] {
  const [only] = ways;
  if (only !== undefined && ways.length === 1) return stage(only);
  const next: World[] = [];
  for (const way of ways) next.push(...stage(way));
  return next;
}

function isLive({ end, stolen }: World): boolean {
  return end === null && !stolen;
}
