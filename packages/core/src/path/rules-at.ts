/** The rulesets of a place at one table and hook, with what a walk through them needs: worked out once, not for every packet. */
import type { Family } from '../inet/ip.js';
import { type Hook, type HookStep, hookOrder, type TableName, tableNames } from '../netfilter/hook.js';
import type { ReadyChain } from '../netfilter/ready.js';
import { builtinOf } from '../netfilter/walk.js';
import type { WalkContext } from '../netfilter/walk-state.js';
import type { Ruleset, Table } from '../snapshot/xtables.js';
import { lacksIpvs } from './ipvs-new.js';
import { translateWorld } from './nat.js';
import { oncePerPlace } from './per-place.js';
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
  /** Of the one ruleset that there is; null: there are others, or it lacks the table. */
  readonly only: TableWalk | null;
}

export interface TableWalk {
  readonly ruleset: Ruleset;
  readonly table: Table;
  readonly cx: WalkContext;
  /** The chain of the hook; null: the table shows none. */
  readonly builtin: ReadyChain | null;
}

/** What a place has at one hook, made when first asked for. */
interface HookAt {
  readonly tables: Partial<Record<TableName, RulesAt>>;
  busy: readonly HookStep[] | null;
}

type HooksAt = Readonly<Record<Hook, HookAt>>;

const hooksAt = oncePerPlace((): Readonly<Record<Family, HooksAt>> => ({ 4: noneYet(), 6: noneYet() }));

function noneYet(): HooksAt {
  const hook = (): HookAt => ({ tables: {}, busy: null });
  return { PREROUTING: hook(), INPUT: hook(), FORWARD: hook(), OUTPUT: hook(), POSTROUTING: hook() };
}

export function rulesAt(place: Place, family: Family, hook: Hook, table: TableName): RulesAt {
  const { tables } = hooksAt(place)[family][hook];
  const known = tables[table];
  if (known !== undefined) return known;
  const made = rulesOf(place, family, hook, table);
  tables[table] = made;
  return made;
}

/** The steps of a hook at which something may happen to a packet, whose way nobody is told step by step. */
export function busySteps(place: Place, family: Family, hook: Hook): readonly HookStep[] {
  const at = hooksAt(place)[family][hook];
  at.busy ??= hookOrder[hook].filter((step) => isBusyStep(place, family, hook, step));
  return at.busy;
}

function isBusyStep(place: Place, family: Family, hook: Hook, step: HookStep): boolean {
  const table = step === 'NFT SECURITY' ? 'security' : tableNames.find((name) => name === step);
  if (step === 'IPVS') return !lacksIpvs(place);
  // NAT binds a connection to what it has where no rule does.
  return table === undefined || table === 'nat' || !rulesAt(place, family, hook, table).isIdle;
}

function rulesOf(place: Place, family: Family, hook: Hook, name: TableName): RulesAt {
  const rulesets = rulesetsOf(place, family);
  const walks = new Map<Ruleset, TableWalk>();
  for (const ruleset of rulesets) {
    const table = ruleset.tables.find((candidate) => candidate.name === name);
    if (table === undefined) continue;
    const cx = contextOf(place, hook, name, ruleset);
    walks.set(ruleset, { ruleset, table, cx, builtin: builtinOf(ruleset, table, cx) });
  }
  const isIdle = rulesets.length > 0 && rulesets.every((ruleset) => isIdleIn(ruleset, walks.get(ruleset)?.table, hook));
  const busy = rulesets.filter((ruleset) => isBusy(walks.get(ruleset)?.table, hook));
  const [first] = rulesets;
  const only = first === undefined || rulesets.length > 1 ? null : (walks.get(first) ?? null);
  return { rulesets, isIdle, busy, walks, only };
}

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
