/** Takes a packet through the tables of one hook, in the order of `hookOrder`. */
import { answers, newConnection } from '../conntrack/connection.js';
import type { Family } from '../inet/ip.js';
import { type Hook, type HookStep, hookOrder, type TableName } from '../netfilter/hook.js';
import { walkTable } from '../netfilter/walk.js';
import type { Ruleset } from '../snapshot/xtables.js';
import { ending } from '../verdict/disposition.js';
import { translateKnown, translateWorld } from './nat.js';
import { missing, type Place, rulesetsOf } from './place.js';
import { surroundingsOf } from './surroundings.js';
import { advance, assume, finish, forkOpen, leaveOpen, note, type World } from './world.js';

export function runHook(place: Place, world: World, hook: Hook): readonly World[] {
  let worlds = foreign(place, hook, world);
  for (const step of hookOrder[hook]) worlds = advance(worlds, (live) => runStep(place, live, hook, step));
  return worlds;
}

function runStep(place: Place, world: World, hook: Hook, step: HookStep): readonly World[] {
  switch (step) {
    case 'CONNTRACK':
      return [track(place, world)];
    case 'IPVS':
      return [ipvs(place, world)];
    case 'nat':
      return nat(place, world, hook);
    default:
      return runTable(place, world, hook, step);
  }
}

/** Filters outside xtables that the snapshot shows: what they do is not known, so both ways stay open. */
function foreign(place: Place, hook: Hook, world: World): readonly World[] {
  const active = place.ns.foreignFilters.filter((filter) => filter.active);
  if (active.length === 0 || (hook !== 'PREROUTING' && hook !== 'OUTPUT')) return [world];
  const reasons = active.map((filter) => ({
    dump: null,
    text: `${filter.kind} ${filter.subject} on ${place.name} is not modelled`,
  }));
  const [stopped, passed] = forkOpen(world, reasons);
  return [finish(leaveOpen(stopped, reasons), ending('undetermined')), passed];
}

/** nf_conntrack_in: an answer to a remembered connection, or the first packet of a new one. */
function track(place: Place, world: World): World {
  const { skb } = world;
  if (skb.ctState === 'UNTRACKED' || skb.ct !== null) return world;
  const known = world.hops.find(
    (hop) => hop.place === place.name && hop.connection !== null && answers(skb, hop.connection),
  );
  if (known?.connection !== null && known !== undefined) {
    const ct = { ...known.connection, direction: 'reply', confirmed: true, seenReply: true } as const;
    return note(
      { ...world, skb: { ...skb, ctState: 'ESTABLISHED', ct } },
      place.name,
      'conntrack',
      'ESTABLISHED: the answer of a known connection',
    );
  }
  if (isLateReply(world)) {
    return note(
      { ...world, skb: { ...skb, ctState: 'INVALID', ct: null } },
      place.name,
      'conntrack',
      'INVALID: an answer whose first packet never came this way',
    );
  }
  return note({ ...world, skb: { ...skb, ctState: 'NEW', ct: newConnection(skb) } }, place.name, 'conntrack', 'NEW');
}

/** SYN,ACK without its SYN. Answers of UDP start a connection of their own. */
function isLateReply(world: World): boolean {
  const flags = world.skb.tcp?.flags ?? 0;
  return (flags & 0x12) === 0x12 || world.skb.icmp?.type === 0 || world.skb.icmp?.type === 129;
}

function ipvs(place: Place, world: World): World {
  const { skb } = world;
  const hit = place.ns.ipvs.rows.find(
    ({ key }) =>
      key.kind === 'fwmark' ||
      (key.ip.family === skb.family && key.ip.a === skb.dst.a && key.ip.d === skb.dst.d && key.port === skb.dport),
  );
  if (hit === undefined) return world;
  const reason = { dump: null, text: 'IPVS takes the packet over; it is not modelled yet' } as const;
  return finish(
    leaveOpen(note(world, place.name, 'ipvs', 'an IPVS service', [{ span: hit.span, why: 'virtual server' }]), [
      reason,
    ]),
    ending('undetermined'),
  );
}

function nat(place: Place, world: World, hook: Hook): readonly World[] {
  const { skb } = world;
  if (skb.ct === null || cameOverLo(world, hook)) return [world];
  if (skb.ctState !== 'NEW') return [translateKnown(place, hook, world)];
  return runTable(place, world, hook, 'nat');
}

/** A looped packet keeps its connection; nat PREROUTING and INPUT are not asked a second time (docs/kernel-facts.md). */
function cameOverLo(world: World, hook: Hook): boolean {
  return world.skb.iif === 'lo' && (hook === 'PREROUTING' || hook === 'INPUT');
}

function runTable(place: Place, world: World, hook: Hook, table: TableName): readonly World[] {
  const { family } = world.skb;
  const rulesets = rulesetsOf(place, family);
  if (rulesets.length === 0) return [noRules(place, world, table)];
  let worlds: readonly World[] = [world];
  for (const ruleset of rulesets) worlds = advance(worlds, (live) => walkRuleset(place, live, hook, table, ruleset));
  return worlds;
}

function walkRuleset(place: Place, world: World, hook: Hook, name: TableName, ruleset: Ruleset): readonly World[] {
  const table = ruleset.tables.find((candidate) => candidate.name === name);
  if (table === undefined) {
    if (ruleset.complete) return [world];
    return [absentTable(place, world, name, ruleset.family)];
  }
  return walkTable(world, ruleset, table, {
    place: place.name,
    hook,
    table: name,
    variant: ruleset.variant ?? 'nft',
    around: surroundingsOf(place),
    assumeUncaptured: place.assume === 'defaults',
    translate: (live, action, evidence) => translateWorld(place, hook, live, action, evidence),
  });
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
