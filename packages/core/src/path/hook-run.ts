/** Takes a packet through the tables of one hook, in the order of `hookOrder`. */
import { type Family, sameIp } from '../inet/ip.js';
import { type Hook, type HookStep, hookOrder, type TableName } from '../netfilter/hook.js';
import { linked } from '../netfilter/link/link.js';
import { walkFrom } from '../netfilter/walk.js';
import { type Skb, towardsDevice } from '../packet/skb.js';
import type { Ruleset } from '../snapshot/xtables.js';
import { ending } from '../verdict/disposition.js';
import { hitsOf } from '../verdict/trail.js';
import { confirm } from './confirm-step.js';
import { track } from './conntrack-step.js';
import { defrag } from './defrag-step.js';
import type { Routes } from './ipvs-send.js';
import { ipvs } from './ipvs-step.js';
import { bindToItself, sideAt, translateKnown, translateRelated } from './nat.js';
import { perPlace } from './per-place.js';
import { missing, type Place, rulesetsOf } from './place.js';
import { busySteps, rulesAt, type TableWalk } from './rules-at.js';
import { advance, assume, finish, forkOpen, leaveOpen, note, type World, withPacket } from './world.js';

/** `routes`: where a packet can be changed so that it needs a new one. */
export function runHook(place: Place, world: World, hook: Hook, routes: Routes | null = null): readonly World[] {
  let worlds = foreign(place, hook, world);
  for (const step of stepsOf(place, world, hook)) {
    worlds = advance(worlds, (live) => runStep(place, live, hook, step, routes));
  }
  return worlds;
}

/**
 * OUTPUT, where a change of destination in nat, or of mark, TOS, addresses or (IPv6) hop limit in mangle, is routed anew before the next table sees the
 * packet. The tables go on seeing the device that the packet came to the hook with.
 */
export function runOutput(place: Place, world: World, routes: Routes): readonly World[] {
  const dev = world.skb.oif;
  let worlds = foreign(place, 'OUTPUT', world);
  for (const step of stepsOf(place, world, 'OUTPUT')) {
    worlds = advance(worlds, (before) =>
      advance(runStep(place, before, 'OUTPUT', step, routes), (after) =>
        needsRoute(step, before.skb, after.skb) || (step === 'nat' && asksAgain(place, after))
          ? routes.again(after).map((live) => towards(live, dev))
          : [after],
      ),
    );
  }
  return advance(worlds, (live) => [towards(live, live.exit?.dev ?? dev)]);
}

/** A probe is told nothing of tables that do nothing. */
function stepsOf(place: Place, { probed, skb }: World, hook: Hook): readonly HookStep[] {
  return probed ? busySteps(place, skb.family, hook) : hookOrder[hook];
}

function towards(world: World, oif: string | null): World {
  return world.skb.oif === oif ? world : withPacket(world, towardsDevice(world.skb, oif));
}

function needsRoute(step: HookStep, before: Skb, after: Skb): boolean {
  const moved = !sameIp(before.dst, after.dst);
  if (step === 'nat') return moved;
  return (
    step === 'mangle' &&
    (moved ||
      !sameIp(before.src, after.src) ||
      before.mark !== after.mark ||
      before.tos !== after.tos ||
      (before.family === 6 && before.ttl !== after.ttl))
  );
}

/** NAT that stood before IPVS gave the packet to its server has it routed by its own address once more. net/netfilter/nf_nat_proto.c nf_nat_ipv4_local_fn. */
function asksAgain(place: Place, { skb: { ipvs, ct, family } }: World): boolean {
  if (ipvs == null || ct === null || !hasNat(place, family)) return false;
  const { direction, original, reply } = ct;
  return direction === 'original' ? !sameIp(original.dst, reply.src) : !sameIp(reply.dst, original.src);
}

function runStep(place: Place, world: World, hook: Hook, step: HookStep, routes: Routes | null): readonly World[] {
  switch (step) {
    case 'DEFRAG':
      return defrag(place, world);
    case 'CONNTRACK':
      return track(place, world);
    case 'CONFIRM':
      return [confirm(place, world)];
    case 'IPVS':
      return routes === null ? [world] : ipvs(place, world, hook, routes);
    case 'nat':
      return nat(place, world, hook);
    case 'security':
      return runTable(place, world, hook, step, (variant) => variant !== 'nft');
    case 'NFT SECURITY':
      return runTable(place, world, hook, 'security', (variant) => variant === 'nft');
    default:
      return runTable(place, world, hook, step);
  }
}

/** Filters outside xtables that the snapshot shows: what they do is not known, so both ways stay open. */
function foreign(place: Place, hook: Hook, world: World): readonly World[] {
  if (place.ns.foreignFilters.length === 0 || (hook !== 'PREROUTING' && hook !== 'OUTPUT')) return [world];
  const active = place.ns.foreignFilters.filter((filter) => filter.active);
  if (active.length === 0) return [world];
  const reasons = active.map((filter) => ({
    dump: null,
    text: `${filter.kind} ${filter.subject} on ${place.name} is not modelled`,
  }));
  const [stopped, passed] = forkOpen(world, reasons);
  return [finish(leaveOpen(stopped, reasons), ending('undetermined')), passed];
}

/** Rules are asked once per connection and side; what they settled holds for every packet, and for errors about it. */
function nat(place: Place, world: World, hook: Hook): readonly World[] {
  const { ct, ctState } = world.skb;
  if (ct === null || !hasNat(place, world.skb.family)) return [world];
  if (ctState === 'RELATED') return [translateRelated(place, hook, world)];
  const side = sideAt(hook);
  if (ctState !== 'NEW' || ct.settled[side]) return [translateKnown(place, hook, world)];
  return advance(runTable(place, world, hook, 'nat'), (asked) => [
    asked.skb.ct?.settled[side] ? asked : bindToItself(place, hook, asked),
  ]);
}

/** Without a nat table of the family nothing is translated at all, not even what is known. */
const hasNat = perPlace((place: Place, family: Family): boolean => {
  const rulesets = rulesetsOf(place, family);
  const isWhole = rulesets.length > 0 && rulesets.every((ruleset) => ruleset.complete);
  return !isWhole || rulesets.some((ruleset) => ruleset.tables.some(({ name }) => name === 'nat'));
});

function runTable(
  place: Place,
  world: World,
  hook: Hook,
  table: TableName,
  takes: (variant: Ruleset['variant']) => boolean = () => true,
): readonly World[] {
  const { family } = world.skb;
  const { rulesets: all, busy, isIdle, walks, only: sole } = rulesAt(place, family, hook, table);
  if (isIdle && world.probed) return [world];
  if (sole !== null) return takes(sole.ruleset.variant) ? walked(world, sole) : [world];
  const [only] = all;
  if (only === undefined) return [noRules(place, world, table)];
  if (all.length === 1) return takes(only.variant) ? walkRuleset(place, world, table, only, walks.get(only)) : [world];
  const rulesets = all.filter(({ variant }) => takes(variant));
  const [first, second] = rulesets.filter((ruleset) => busy.includes(ruleset));
  if (first !== undefined && second !== undefined) return eitherOrder(place, world, hook, table, [first, second]);
  return inOrder(place, world, hook, table, rulesets);
}

/** A connection is translated once in each direction: who comes first decides, and later tables are not asked. */
function inOrder(
  place: Place,
  world: World,
  hook: Hook,
  table: TableName,
  rulesets: readonly Ruleset[],
): readonly World[] {
  const side = sideAt(hook);
  const { walks } = rulesAt(place, world.skb.family, hook, table);
  let worlds: readonly World[] = [world];
  for (const ruleset of rulesets) {
    worlds = advance(worlds, (live) =>
      table === 'nat' && live.skb.ct?.settled[side]
        ? [live]
        : walkRuleset(place, live, table, ruleset, walks.get(ruleset)),
    );
  }
  return worlds;
}

/** The two variants stand at one priority: whose rules come first depends on which was loaded first, and no dump tells. */
function eitherOrder(
  place: Place,
  world: World,
  hook: Hook,
  table: TableName,
  [first, second]: readonly [Ruleset, Ruleset],
): readonly World[] {
  const one = inOrder(place, world, hook, table, [first, second]);
  const other = inOrder(place, world, hook, table, [second, first]);
  if (one.length === other.length && one.every((live, index) => sameWorld(live, other[index]))) return one;
  const text = `whether the legacy or the nft rules of table ${table} come first on ${place.name} is not known`;
  const [left, right] = forkOpen(world, [{ dump: null, text }]);
  return [
    ...inOrder(place, left, hook, table, [first, second]),
    ...inOrder(place, right, hook, table, [second, first]),
  ];
}

function sameWorld(x: World, y: World | undefined): boolean {
  const key = ({ skb, end, weight, choices, trail, probed }: World) => {
    const hits = probed
      ? hitsOf(trail)
          .map((hit) => Object.values(hit).join(' '))
          .sort()
      : [];
    return JSON.stringify([
      skb,
      end,
      String(weight.numerator),
      String(weight.denominator),
      choices?.side ?? null,
      hits,
    ]);
  };
  return y !== undefined && key(x) === key(y);
}

function walkRuleset(
  place: Place,
  world: World,
  name: TableName,
  ruleset: Ruleset,
  walk: TableWalk | undefined,
): readonly World[] {
  if (walk !== undefined) return walked(world, walk);
  return ruleset.complete ? [world] : [absentTable(place, world, name, ruleset.family)];
}

function walked(world: World, { builtin, ruleset, table, cx }: TableWalk): readonly World[] {
  return walkFrom(builtin, world, ruleset, table, cx, linked);
}

function noRules(place: Place, world: World, table: TableName): World {
  const dump = world.skb.family === 4 ? 'iptables-save' : 'ip6tables-save';
  const reason = missing(place, dump, 'packet filter and NAT rules were not captured');
  if (place.assume === 'defaults') return assume(world, [{ ...reason, text: `${reason.text}; none are assumed` }]);
  return finish(leaveOpen(note(world, place.name, table, 'rules were not captured'), [reason]), ending('undetermined'));
}

function absentTable(place: Place, world: World, table: TableName, family: Family): World {
  const dump = family === 4 ? 'iptables-save' : 'ip6tables-save';
  const reason = { dump, text: `table ${table} of ${place.name} was not captured` } as const;
  if (place.assume === 'defaults') return assume(world, [{ ...reason, text: `${reason.text}; taken to be empty` }]);
  return finish(leaveOpen(world, [reason]), ending('undetermined'));
}
