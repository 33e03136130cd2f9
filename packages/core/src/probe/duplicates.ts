/**
 * What TEE copies is sent by the node itself: its rules of OUTPUT and POSTROUTING count the copy too, which is UNTRACKED and not copied again. The answer stays
 * that of the packet which was asked about. net/ipv4/netfilter/nf_dup_ipv4.c, net/ipv6/netfilter/nf_dup_ipv6.c.
 */

import type { Family, Ip } from '../inet/ip.js';
import { targetData } from '../netfilter/extension.js';
import type { Hook } from '../netfilter/hook.js';
import { type TeeTarget, tee } from '../netfilter/target/tee.js';
import { alter, type Skb } from '../packet/skb.js';
import { linkOf } from '../path/frame.js';
import { onLinkAtLeast } from '../path/origin.js';
import { routesOf } from '../path/output.js';
import { perPlace } from '../path/per-place.js';
import { type Place, rulesetsOf } from '../path/place.js';
import { type Routed, routeWorld } from '../path/routing.js';
import { change, finish, leaveOpen, type World } from '../path/world.js';
import { towardsOf } from '../route/question.js';
import { ending } from '../verdict/disposition.js';
import type { Trail } from '../verdict/trail.js';
import { carried, onward } from './carrier.js';
import type { Way } from './probed.js';

/** To where the packet's own way ends, and its copies' ways too. */
export function followed(place: Place, ways: readonly Way[]): readonly Way[] {
  return duplicated(place, carried(place, ways));
}

function duplicated(place: Place, ways: readonly Way[]): readonly Way[] {
  if (!copies(place, 4) && !copies(place, 6)) return ways;
  return ways.flatMap(({ world, asked }) => withCopies(place, world).map((one) => ({ world: one, asked })));
}

const copies = perPlace((place: Place, family: Family): boolean =>
  rulesetsOf(place, family).some(({ tables }) =>
    tables.some(({ chains }) =>
      chains.some(({ rules }) => {
        if (rules.lacks?.(0, 'TEE', rules.length) === true) return false;
        for (let at = 0; at < rules.length; at++) if (teeOf(rules.at(at)?.target ?? null) !== null) return true;
        return false;
      }),
    ),
  ),
);

const allHooks: ReadonlySet<string> = new Set<Hook>(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);
/** On its way to lo no copy is copied again; once it has come in, it is a packet like others. */
const hooksBehindLo: ReadonlySet<string> = new Set<Hook>(['PREROUTING', 'INPUT']);
/** Copies of copies; more of them never end, as a rule. */
const deepest = 4;

const teeOf = (target: Parameters<typeof targetData>[0]): TeeTarget | null => targetData(target, tee);

interface Copy {
  readonly target: TeeTarget;
  readonly skb: Skb;
}

/** Where rules may have copied the packet that is asked about, which may be a copy itself. */
interface Stretch {
  /** What lies before is told of the packet that it was copied from. */
  readonly since: Trail | null;
  readonly hooks: ReadonlySet<string>;
  readonly depth: number;
}

function withCopies(place: Place, world: World): readonly World[] {
  return copied(place, world, { since: null, hooks: allHooks, depth: 0 });
}

function copied(place: Place, world: World, stretch: Stretch): readonly World[] {
  const made = copiesOf(place, world.trail, stretch);
  if (made.length > 0 && stretch.depth === deepest) return [endless(world)];
  return made.reduce<readonly World[]>(
    (worlds, copy) =>
      worlds.flatMap((one) =>
        one.end?.disposition === 'undetermined' ? [one] : sent(place, one, copy, stretch.depth + 1),
      ),
    [world],
  );
}

function endless(world: World): World {
  const text = 'TEE sends copies to the node itself that are copied again and again';
  return finish(leaveOpen(world, [{ dump: null, text }]), ending('undetermined'));
}

/** Oldest first. */
function copiesOf(place: Place, trail: Trail | null, { since, hooks }: Stretch): readonly Copy[] {
  const found: Copy[] = [];
  for (let at = trail; at !== null && at !== since; at = at.before) {
    if (at.kind !== 'applies' || at.site?.place !== place.name || !hooks.has(at.site.hook)) continue;
    const target = teeOf(at.rule?.target ?? null);
    if (target !== null) found.push({ target, skb: copyOf(at.skb, at.site.hook) });
  }
  return found.reverse();
}

/** It has lost a hop where the packet has not been routed yet, or never is. */
function copyOf(skb: Skb, hook: string): Skb {
  const ttl = hook === 'PREROUTING' || hook === 'INPUT' ? (skb.ttl - 1) & 255 : skb.ttl;
  const nowhere = { iif: null, oif: null, physIn: null, physOut: null };
  const unknown = { template: undefined, socket: undefined, ipvs: null, owner: null, ct: null };
  return alter(skb, { ttl, ...nowhere, ...unknown, ctState: 'UNTRACKED' });
}

/** By the way to the gateway, which alone the lookup is told. What leads to the node itself comes in at lo, whatever its destination. */
function sent(place: Place, world: World, { target, skb }: Copy, depth: number): readonly World[] {
  const { gateway } = target;
  const oif = target.oif !== null && linkOf(place, target.oif) !== undefined ? target.oif : null;
  const tos = gateway.family === 4 ? skb.tos : 0;
  const question = { ...towardsOf(gateway), oif, tos, strict: oif !== null };
  const begun = change(world, { end: null, exit: null, local: false, skb });
  const { ended, routed } = onLinkAtLeast(routeWorld(place, begun, question), oif);
  const left = routed.flatMap((one) => routesOf(place).launch(by(gateway, one)));
  const away = left.flatMap((one) => onward(place, one));
  const again = away.flatMap((one) => copied(place, one, { since: world.trail, hooks: hooksBehindLo, depth }));
  return [...ended, ...again].map((one) => joined(world, one));
}

/** A gateway on the link is the next hop, not the packet's destination. */
function by(gateway: Ip, { world, route, hop }: Routed): Routed {
  return hop === undefined || hop.via !== null
    ? { world, route, hop }
    : { world, route, hop: { ...hop, via: gateway } };
}

function joined(world: World, { trail, choices, weight, assumptions, because, end }: World): World {
  const kept = change(world, { trail, choices, weight, assumptions });
  const open = end?.disposition === 'undetermined' || end?.disposition === 'looped';
  return open ? finish(leaveOpen(kept, because), ending('undetermined')) : kept;
}
