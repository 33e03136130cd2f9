/** What one iptables command does to the ruleset. iptables(8). */
import {
  addRules,
  andThen,
  builtinChains,
  type ChainPlace,
  deleteChain,
  deleteChains,
  deleteRule,
  done,
  each,
  findRule,
  findTarget,
  flushChain,
  flushTable,
  hasChain,
  type IpSetDump,
  isBuiltinChain,
  newChain,
  open,
  openTable,
  type Rule,
  type Ruleset,
  refused,
  renameChain,
  replaceRule,
  type Span,
  setPolicy,
  zeroChain,
} from '@coldtrace/core';
import { readRuleSpec } from '../../iptables/rule-spec.js';
import { badWords, type Call, next, type Result } from '../call.js';
import type { IptablesCommand } from './iptables-words.js';
import { unknownSets } from './rule-sets.js';

const noChain = 'No chain/target/match by that name.';

/** Where the command stands, and what the rules of it may name. */
export interface CommandPlace extends Pick<Call, 'file'> {
  readonly span: Span;
  readonly ipsets: IpSetDump;
}

export function runIptables(
  ruleset: Ruleset,
  command: IptablesCommand,
  table: string,
  place: CommandPlace,
): Result<Ruleset> {
  const used = !ruleset.complete || ruleset.tables.some(({ name }) => name === table);
  // nft makes a table only for what is put into it.
  if (!used && ruleset.variant === 'nft' && command.chain === null && table in builtinChains) return done(ruleset);
  return next<Ruleset, Ruleset>(openTable(ruleset, table, place.span), (opened) =>
    runOn(opened, command, table, place),
  );
}

function runOn(ruleset: Ruleset, command: IptablesCommand, table: string, place: CommandPlace): Result<Ruleset> {
  const { verb, chain, extra } = command;
  const all = runOnAll(ruleset, command, table);
  if (all !== null || chain === null) return all ?? done(ruleset);
  const where = { table, chain };
  switch (verb) {
    case '-A':
    case '-I':
    case '-C':
    case '-D':
    case '-R':
      return next(missingChain(ruleset, where), () => runWithRule(ruleset, command, where, place));
    case '-N':
      return newName(chain, ruleset) ?? newChain(ruleset, where, place.span);
    case '-E':
      return newName(extra ?? '', ruleset) ?? renameChain(ruleset, where, extra ?? '');
    case '-P':
      return policyOf(ruleset, where, extra ?? '');
    case '-F':
      return flushChain(ruleset, where);
    case '-X':
      return deleteChain(ruleset, where);
    case '-Z':
      return zeroChain(ruleset, where);
    default:
      return next(missingChain(ruleset, where), () => done(ruleset));
  }
}

/** Commands that name no chain are about every chain of the table. */
function runOnAll(ruleset: Ruleset, { verb, chain }: IptablesCommand, table: string): Result<Ruleset> | null {
  if (chain !== null) return null;
  switch (verb) {
    case '-F':
      return flushTable(ruleset, table);
    case '-X':
      return deleteChains(ruleset, table);
    case '-Z': {
      const chains = ruleset.tables.find((one) => one.name === table)?.chains ?? [];
      return each(ruleset, chains, (before, one) => zeroChain(before, { table, chain: one.name }));
    }
    default:
      return null;
  }
}

function missingChain(ruleset: Ruleset, { table, chain }: ChainPlace): Result<null> {
  const there = hasChain(ruleset, table, chain);
  if (there === false) return refused(noChain);
  return there === null ? open(`the capture does not show whether chain ${chain} exists`) : done(null);
}

const longestName = 28;

function newName(name: string, { family }: Ruleset): Result<Ruleset> | null {
  if (name.length > longestName) return badWords(`chain name \`${name}' too long (must be under 29 chars)`);
  const verdict = name === 'ACCEPT' || name === 'DROP' || name === 'RETURN' || name === 'QUEUE';
  return verdict || findTarget(name, family) !== undefined
    ? badWords('chain name may not clash with target name')
    : null;
}

function policyOf(ruleset: Ruleset, where: ChainPlace, policy: string): Result<Ruleset> {
  if (policy !== 'ACCEPT' && policy !== 'DROP') return refused('Bad policy name.');
  if (where.table === 'nat' && policy === 'DROP')
    return refused('The "nat" table is not intended for filtering, the use of DROP is therefore inhibited.');
  return setPolicy(ruleset, where, policy);
}

function runWithRule(
  ruleset: Ruleset,
  command: IptablesCommand,
  where: ChainPlace,
  place: CommandPlace,
): Result<Ruleset> {
  const { verb, number, rule } = command;
  if (verb === '-D' && number !== null) return replaceRule(ruleset, where, number, []);
  return next(rulesOf(ruleset, rule, where, place), (rules): Result<Ruleset> => {
    switch (verb) {
      case '-A':
        return addRules(ruleset, where, rules, null);
      case '-I':
        return addRules(ruleset, where, rules, number ?? 1);
      case '-R':
        if (rules.length !== 1) return badWords('Replacement rule does not specify a unique address');
        return replaceRule(ruleset, where, number ?? 1, rules);
      case '-C':
        return each(ruleset, rules, (before, one) => andThen(findRule(before, where, one), () => done(before)));
      default:
        return each(ruleset, rules, (before, one) => deleteRule(before, where, one));
    }
  });
}

/** Of a rule that the tool would refuse, the reason; one of which a part is not known here is kept as such a part is in a dump. */
const kept: ReadonlySet<string> = new Set(['unknown-match']);

function rulesOf(
  ruleset: Ruleset,
  words: IptablesCommand['rule'],
  { table, chain }: ChainPlace,
  place: CommandPlace,
): Result<readonly Rule[]> {
  const { file, span, ipsets } = place;
  const reading = readRuleSpec(words, 0, span, {
    family: ruleset.family,
    variant: ruleset.variant,
    table,
    chain,
    file: file.id,
    source: file.text,
    hasChain: (name) => hasChain(ruleset, table, name),
  });
  const wrong = reading.problems.find(({ code }) => !kept.has(code));
  if (wrong !== undefined) {
    const said = reading.diagnostics.find((one) => one.code === `iptables/${wrong.code}`);
    return badWords(said?.message.replace(/; kept verbatim.*$/, '') ?? wrong.code, said?.span ?? null);
  }
  const lost = reading.rules.find((rule) => leadsNowhere(ruleset, table, rule));
  if (lost?.target?.kind === 'jump' && hasChain(ruleset, table, lost.target.chain) === false) return refused(noChain);
  if (lost?.target?.kind === 'jump') return open(`the capture does not show whether chain ${lost.target.chain} exists`);
  // What a hook calls no rule can call.
  if (reading.rules.some(({ target }) => target?.kind === 'jump' && isBuiltinChain(table, target.chain)))
    return refused('Invalid argument.');
  return unknownSets(reading.rules, ipsets, ruleset.family) ?? done(reading.rules);
}

function leadsNowhere(ruleset: Ruleset, table: string, { target }: Rule): boolean {
  return target?.kind === 'jump' && hasChain(ruleset, table, target.chain) !== true;
}
