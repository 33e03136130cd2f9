/** The rulesets of a place at one table and hook, with what a walk through them needs: worked out once, not for every packet. */
import type { Family } from '../inet/ip.js';
import { type Hook, type HookStep, hookOrder, type TableName, tableNames } from '../netfilter/hook.js';
import type { WalkContext } from '../netfilter/walk-state.js';
import type { Ruleset, Table } from '../snapshot/xtables.js';
import { lacksIpvs } from './ipvs-new.js';
import { translateWorld } from './nat.js';
import { perPlace } from './per-place.js';
import { type Place, rulesetsOf } from './place.js';
import { surroundingsOf } from './surroundings.js';

export interface RulesAt {
  /** All of the family. */
  readonly rulesets: readonly Ruleset[];
  /** Nothing happens to any packet there: no rules, and the policy is ACCEPT. */
  readonly isIdle: boolean;
  /** Those that have a rule or a policy there. */
  readonly busy: readonly Ruleset[];
  /** A ruleset without the table is not among them. */
  readonly walks: ReadonlyMap<Ruleset, TableWalk>;
}

export interface TableWalk {
  readonly table: Table;
  readonly cx: WalkContext;
}

interface Site {
  readonly family: Family;
  readonly hook: Hook;
  readonly name: TableName;
}

type Sites = Readonly<Record<Hook, Readonly<Record<TableName, Site>>>>;

/** One object for each site, by which it is remembered. */
const sites: Readonly<Record<Family, Sites>> = { 4: sitesOf(4), 6: sitesOf(6) };

function sitesOf(family: Family): Sites {
  const hooks = Object.keys(hookOrder) as readonly Hook[];
  const tables = (hook: Hook) => Object.fromEntries(tableNames.map((name) => [name, { family, hook, name }]));
  return Object.fromEntries(hooks.map((hook) => [hook, tables(hook)])) as Sites;
}

export function rulesAt(place: Place, family: Family, hook: Hook, table: TableName): RulesAt {
  return known(place, sites[family][hook][table]);
}

/** The steps of a hook at which something may happen to a packet, whose way nobody is told step by step. */
export function busySteps(place: Place, family: Family, hook: Hook): readonly HookStep[] {
  return busy(place, sites[family][hook].nat);
}

const busy = perPlace((place: Place, { family, hook }: Site): readonly HookStep[] =>
  hookOrder[hook].filter((step) => {
    const table = step === 'NFT SECURITY' ? 'security' : tableNames.find((name) => name === step);
    if (step === 'IPVS') return !lacksIpvs(place);
    // NAT binds a connection to what it has where no rule does.
    return table === undefined || table === 'nat' || !rulesAt(place, family, hook, table).isIdle;
  }),
);

const known = perPlace((place: Place, { family, hook, name }: Site): RulesAt => {
  const rulesets = rulesetsOf(place, family);
  const walks = new Map<Ruleset, TableWalk>();
  for (const ruleset of rulesets) {
    const table = ruleset.tables.find((candidate) => candidate.name === name);
    if (table !== undefined) walks.set(ruleset, { table, cx: contextOf(place, hook, name, ruleset) });
  }
  const isIdle = rulesets.length > 0 && rulesets.every((ruleset) => isIdleIn(ruleset, walks.get(ruleset)?.table, hook));
  return { rulesets, isIdle, busy: rulesets.filter((ruleset) => isBusy(walks.get(ruleset)?.table, hook)), walks };
});

function contextOf(place: Place, hook: Hook, table: TableName, ruleset: Ruleset): WalkContext {
  return {
    place: place.name,
    hook,
    table,
    variant: ruleset.variant ?? 'nft',
    around: surroundingsOf(place),
    assumeUncaptured: place.assume === 'defaults',
    translate: (world, action, evidence) => translateWorld(place, hook, world, action, evidence),
  };
}

function isIdleIn({ complete }: Ruleset, table: Table | undefined, hook: Hook): boolean {
  const chain = table?.chains.find((candidate) => candidate.name === hook);
  if (chain === undefined) return table === undefined ? complete : table.complete;
  return chain.collected && chain.rules.length === 0 && chain.policy === 'ACCEPT' && chain.partial !== true;
}

function isBusy(table: Table | undefined, hook: Hook): boolean {
  const chain = table?.chains.find((candidate) => candidate.name === hook);
  if (chain === undefined) return table?.complete === false;
  return chain.rules.length > 0 || chain.policy === 'DROP' || chain.partial === true || !chain.collected;
}
