/** A ruleset after one command of iptables. iptables(8); libiptc/libiptc.c and iptables/nft.c for what each refuses. */
import { builtinChains, isBuiltinChain, type TableName } from '../netfilter/hook.js';
import { printRule } from '../netfilter/print-rule.js';
import type { Chain, Rows, Rule, Ruleset, Table } from '../snapshot/xtables.js';
import type { Span } from '../source/span.js';
import { andThen, type Changed, done, open, refused } from './changed.js';
import { endlessJump, isJumpedTo } from './jumps.js';
import { isMisplaced } from './placed-rules.js';
import { spliceRows } from './spliced-rows.js';

const noChain = 'No chain/target/match by that name.';

const known = new Set<string>(Object.keys(builtinChains));

/** The table, made when the kernel would make it: a complete dump without it says that nobody used it yet. */
export function openTable(ruleset: Ruleset, name: string, span: Span): Changed<Ruleset> {
  if (!known.has(name)) return refused(`table '${name}' does not exist`);
  if (ruleset.tables.some((table) => table.name === name)) return done(ruleset);
  const chains = ruleset.complete ? builtinChains[name as TableName].map((chain) => builtin(chain)) : [];
  const table: Table = { name, chains, complete: ruleset.complete, span };
  return done({ ...ruleset, tables: [...ruleset.tables, table] });
}

/** A table as it is before anybody used it. */
function builtin(name: string): Chain {
  return { name, policy: 'ACCEPT', builtin: true, counters: null, rules: [], span: null, collected: true };
}

/** A chain of which nothing was captured, with what is put into it now. */
function uncaptured(name: string): Chain {
  const base = { name, policy: null, builtin: true, counters: null, rules: [], span: null, collected: true } as const;
  return { ...base, partial: true };
}

function tableOf(ruleset: Ruleset, name: string): Table | undefined {
  return ruleset.tables.find((table) => table.name === name);
}

function chainOf(ruleset: Ruleset, table: string, chain: string): Chain | undefined {
  return tableOf(ruleset, table)?.chains.find((one) => one.name === chain);
}

/** Is there such a chain? `null`: the capture does not tell. */
export function hasChain(ruleset: Ruleset, table: string, chain: string): boolean | null {
  if (chainOf(ruleset, table, chain) !== undefined || isBuiltinChain(table, chain)) return true;
  return tableOf(ruleset, table)?.complete === true ? false : null;
}

function withTable(ruleset: Ruleset, name: string, change: (table: Table) => Changed<Table>): Changed<Ruleset> {
  const at = ruleset.tables.findIndex((table) => table.name === name);
  const table = ruleset.tables[at];
  if (table === undefined) return refused(`table '${name}' does not exist`);
  return andThen(change(table), (changed) => {
    const tables = [...ruleset.tables];
    tables[at] = changed;
    return done({ ...ruleset, tables });
  });
}

function withChain(
  ruleset: Ruleset,
  table: string,
  name: string,
  change: (chain: Chain) => Changed<Chain>,
): Changed<Ruleset> {
  return withTable(ruleset, table, (before) => {
    const at = before.chains.findIndex((chain) => chain.name === name);
    const chain = before.chains[at] ?? (isBuiltinChain(table, name) && !before.complete ? uncaptured(name) : undefined);
    if (chain === undefined)
      return before.complete ? refused(noChain) : open(`the capture does not show whether chain ${name} exists`);
    return andThen(change(chain), (changed) => {
      const chains = [...before.chains];
      if (at < 0) chains.push(changed);
      else chains[at] = changed;
      return done({ ...before, chains });
    });
  });
}

/** Were all rules of the chain captured? */
const isWhole = (chain: Chain): boolean => chain.collected && chain.partial !== true;

/** The chain with new rules at a place; what stands at the end of a chain stands behind those of its rules that nobody captured. */
function withAdded(chain: Chain, place: number, added: readonly Rule[], atEnd: boolean): Chain {
  const rules = spliceRows(chain.rules, place, 0, added);
  if (isWhole(chain)) return { ...chain, rules };
  const before = (chain.gaps ?? []).map((gap) => (gap >= place ? gap + added.length : gap));
  const gaps = atEnd ? [...before, place] : before;
  return { ...chain, rules, collected: true, partial: true, gaps };
}

function withoutRule(chain: Chain, at: number): Chain {
  const rules = spliceRows(chain.rules, at, 1, []);
  if (chain.gaps === undefined) return { ...chain, rules };
  return { ...chain, rules, gaps: chain.gaps.map((gap) => (gap > at ? gap - 1 : gap)) };
}

/** `-t TABLE` and the chain's name. */
export interface ChainPlace {
  readonly table: string;
  readonly chain: string;
}

/** `-A`, or `-I` with the number of the rule before which the new ones stand. */
export function addRules(
  ruleset: Ruleset,
  { table, chain: name }: ChainPlace,
  rules: readonly Rule[],
  before: number | null,
): Changed<Ruleset> {
  const added = withChain(ruleset, table, name, (chain) => {
    const place = before === null ? chain.rules.length : before - 1;
    if (place > chain.rules.length && isWhole(chain)) return refused('Index of insertion too big.');
    if (before !== null && (place > chain.rules.length || chain.gaps?.some((gap) => gap < place) === true))
      return open(`not all rules of chain ${name} were captured`);
    return done(withAdded(chain, place, rules, before === null));
  });
  return andThen(added, (after) => {
    const jump = rules.some((rule) => rule.target?.kind === 'jump');
    const changed = tableOf(after, table);
    if (changed === undefined) return done(after);
    if (jump && endlessJump(changed.chains, name))
      return refused(ruleset.variant === 'nft' ? 'Too many links' : 'Too many levels of symbolic links.');
    return isMisplaced(ruleset, changed, name, rules) ? refused('Invalid argument.') : done(after);
  });
}

/** `-D` and `-R` by number. */
export function replaceRule(
  ruleset: Ruleset,
  { table, chain: name }: ChainPlace,
  number: number,
  rules: readonly Rule[],
): Changed<Ruleset> {
  return withChain(ruleset, table, name, (chain) => {
    if (!isWhole(chain)) return open(`not all rules of chain ${name} were captured`);
    if (number > chain.rules.length)
      return refused(`Index of ${rules.length === 0 ? 'deletion' : 'replacement'} too big.`);
    return done({ ...chain, rules: spliceRows(chain.rules, number - 1, 1, rules) });
  });
}

const badRule = 'Bad rule (does a matching rule exist in that chain?).';

/** The place of the first rule that says the same; `-D` and `-C` go by it. */
export function findRule(ruleset: Ruleset, { table, chain: name }: ChainPlace, rule: Rule): Changed<number> {
  const chain = chainOf(ruleset, table, name);
  if (chain === undefined) {
    if (tableOf(ruleset, table)?.complete === true) return refused(isBuiltinChain(table, name) ? badRule : noChain);
    return open(`chain ${name} was not captured`);
  }
  const print = (one: Rule) => printRule(one, name, ruleset.family, ruleset.variant ?? 'legacy');
  const wanted = print(rule);
  for (let at = 0; at < chain.rules.length; at++) {
    const one = chain.rules.at(at);
    if (one !== undefined && looksAlike(one, rule) && print(one) === wanted) return done(at);
  }
  return isWhole(chain) ? refused(badRule) : open(`not all rules of chain ${name} were captured`);
}

/** Cheap: rules of different shape need not be printed. */
function looksAlike(one: Rule, other: Rule): boolean {
  return one.matches.length === other.matches.length && one.target?.kind === other.target?.kind;
}

/** `-D` by what the rule says. */
export function deleteRule(ruleset: Ruleset, place: ChainPlace, rule: Rule): Changed<Ruleset> {
  return andThen(findRule(ruleset, place, rule), (at) =>
    withChain(ruleset, place.table, place.chain, (chain) => done(withoutRule(chain, at))),
  );
}

/** `-P`. */
export function setPolicy(
  ruleset: Ruleset,
  { table, chain: name }: ChainPlace,
  policy: 'ACCEPT' | 'DROP',
): Changed<Ruleset> {
  if (!isBuiltinChain(table, name)) return refused('Bad built-in chain name.');
  return withChain(ruleset, table, name, (chain) => done({ ...chain, policy }));
}

/** `-F`: an emptied chain is known whole, whatever of it was captured. */
export function flushChain(ruleset: Ruleset, { table, chain: name }: ChainPlace): Changed<Ruleset> {
  return withChain(ruleset, table, name, (chain) => done(emptied(chain)));
}

function emptied(chain: Chain): Chain {
  const { partial: _, gaps: __, ...rest } = chain;
  return { ...rest, rules: [], collected: true };
}

/** `-F` without a chain: every chain stays, empty. */
export function flushTable(ruleset: Ruleset, table: string): Changed<Ruleset> {
  return withTable(ruleset, table, (before) =>
    before.complete
      ? done({ ...before, chains: before.chains.map(emptied) })
      : open(`not all chains of table ${table} were captured`),
  );
}

/** User chains stand behind the built-in ones, sorted by name, in both variants. */
export function newChain(ruleset: Ruleset, { table, chain: name }: ChainPlace, span: Span): Changed<Ruleset> {
  if (hasChain(ruleset, table, name) === true) return refused('Chain already exists.');
  const chain: Chain = { name, policy: null, builtin: false, counters: null, rules: [], span, collected: true };
  return withTable(ruleset, table, (before) => done({ ...before, chains: inserted(before.chains, chain) }));
}

function inserted(chains: readonly Chain[], chain: Chain): readonly Chain[] {
  const at = chains.findIndex((one) => !one.builtin && one.name > chain.name);
  return at < 0 ? [...chains, chain] : [...chains.slice(0, at), chain, ...chains.slice(at)];
}

/** `-X NAME`: a user chain that is empty and that no rule leads to. */
export function deleteChain(ruleset: Ruleset, { table, chain: name }: ChainPlace): Changed<Ruleset> {
  return withTable(ruleset, table, (before) => {
    const chain = before.chains.find((one) => one.name === name);
    if (chain === undefined)
      return before.complete ? refused(noChain) : open(`the capture does not show whether chain ${name} exists`);
    if (chain.builtin) return refused('Invalid argument.');
    const busy = ruleset.variant === 'nft' ? 'Device or resource busy' : null;
    if (isJumpedTo(before.chains, name)) return refused(busy ?? 'Too many links.');
    if (chain.rules.length > 0) return refused(busy ?? 'Directory not empty.');
    if (!isWhole(chain) || !before.complete) return open(`not all rules of table ${table} were captured`);
    return done({ ...before, chains: before.chains.filter((one) => one !== chain) });
  });
}

/** `-X` alone: every user chain; one that is in use keeps them all. */
export function deleteChains(ruleset: Ruleset, table: string): Changed<Ruleset> {
  let now: Changed<Ruleset> = done(ruleset);
  for (const chain of tableOf(ruleset, table)?.chains ?? [])
    if (!chain.builtin) now = andThen(now, (before) => deleteChain(before, { table, chain: chain.name }));
  return now;
}

/** `-E`: jumps to it go on leading to it. */
export function renameChain(ruleset: Ruleset, { table, chain: from }: ChainPlace, to: string): Changed<Ruleset> {
  const there = hasChain(ruleset, table, to);
  if (there === true) return refused('File exists.');
  return withTable(ruleset, table, (before) => {
    const chain = before.chains.find((one) => one.name === from);
    // The hook keeps its rules under a name that iptables no longer shows, and gets a second chain of the old one.
    if (chain?.builtin === true && ruleset.variant === 'nft')
      return open(`iptables-nft renames chain ${from}, and what its hook asks then is not modelled`);
    if (chain === undefined || chain.builtin)
      return before.complete ? refused(noChain) : open(`chain ${from} was not captured`);
    const others = before.chains.filter((one) => one !== chain);
    return done({
      ...before,
      chains: inserted(others, { ...chain, name: to }).map((one) =>
        isJumpedTo([one], from) ? { ...one, rules: renamedJumps(one.rules, from, to) } : one,
      ),
    });
  });
}

function renamedJumps(rules: Rows<Rule>, from: string, to: string): readonly Rule[] {
  return rowsOf(rules).map((rule) =>
    rule.target?.kind === 'jump' && rule.target.chain === from
      ? { ...rule, target: { ...rule.target, chain: to } }
      : rule,
  );
}

function rowsOf(rules: Rows<Rule>): readonly Rule[] {
  return Array.from({ length: rules.length }, (_, at) => rules.at(at)).filter((rule) => rule !== undefined);
}

/** `-Z`: counters start anew. */
export function zeroChain(ruleset: Ruleset, { table, chain: name }: ChainPlace): Changed<Ruleset> {
  const none = { packets: 0, bytes: 0 };
  return withChain(ruleset, table, name, (chain) =>
    done({ ...chain, counters: none, rules: rowsOf(chain.rules).map((rule) => ({ ...rule, counters: none })) }),
  );
}
