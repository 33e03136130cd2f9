/**
 * Names in rules that were copied by hand: a set, a chain or an interface that nobody captured is read as the only captured one that is one slip of the
 * fingers away. The kernel has no rule for a set or chain that is not there; interfaces may come and go, so numbered ones are left alone.
 */
import {
  type Chain,
  type Diagnostic,
  type IfaceMatch,
  type IpSet,
  type Link,
  type Match,
  matchData,
  type NetNs,
  type Rows,
  type Rule,
  type Ruleset,
  type Span,
  setMatch,
  type Table,
} from '@coldtrace/core';
import { iptablesProblem } from '../iptables/codes.js';
import { differInDigit, nearestOf } from '../iptables/repair/near.js';

export interface Named {
  readonly netns: NetNs;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a name was read as, and where the named thing was captured. */
interface Candidate {
  readonly read: string;
  readonly span: Span | null;
}

type Names = ReadonlyMap<string, Candidate>;

interface Mending {
  readonly sets: Names;
  readonly links: Names;
  readonly chains: Names;
  readonly diagnostics: Diagnostic[];
}

const none: Names = new Map();

export function withNearNames(netns: NetNs): Named {
  const diagnostics: Diagnostic[] = [];
  const rulesets = netns.rulesets.map((ruleset) => mendRuleset(ruleset, netns, diagnostics));
  return diagnostics.length === 0 ? { netns, diagnostics } : { netns: { ...netns, rulesets }, diagnostics };
}

function mendRuleset(ruleset: Ruleset, netns: NetNs, diagnostics: Diagnostic[]): Ruleset {
  const pasted = ruleset.sources.filter((source) => source.pasted === true).map(({ span }) => span);
  if (pasted.length === 0) return ruleset;
  const typed = typedRules(ruleset, pasted);
  const sets = readings(
    typed.flatMap(({ rule }) => setsOf(rule)),
    new Map(netns.ipsets.rows.map((set: IpSet) => [set.name, set.span])),
    netns.ipsets.state === 'complete',
  );
  const links = readings(
    typed.flatMap(({ rule }) => linksOf(rule)),
    new Map(netns.links.rows.map((link: Link) => [link.name, link.span])),
    false,
  );
  const tables = ruleset.tables.map((table) => {
    const jumps = typed.filter((one) => one.table === table).flatMap(({ rule }) => jumpOf(rule));
    const captured = new Map(
      table.chains.filter((chain) => chain.collected || chain.span !== null).map((chain) => [chain.name, chain.span]),
    );
    const chains = readings(jumps, captured, table.complete);
    if (sets.size + links.size + chains.size === 0) return table;
    return mendTable(table, pasted, { sets, links, chains, diagnostics });
  });
  return { ...ruleset, tables };
}

/** Rules of pasted text. Rows that are made on demand belong to dumps that a tool wrote, and are not looked at. */
function typedRules(
  { tables }: Ruleset,
  pasted: readonly Span[],
): readonly { readonly table: Table; readonly rule: Rule }[] {
  return tables.flatMap((table) =>
    table.chains.flatMap(({ rules }) =>
      isList(rules) ? rules.filter((rule) => isWithin(rule.span, pasted)).map((rule) => ({ table, rule })) : [],
    ),
  );
}

function isList(rules: Rows<Rule>): rules is readonly Rule[] {
  return Array.isArray(rules);
}

function isWithin(span: Span, places: readonly Span[]): boolean {
  return places.some(({ file, start, end }) => span.file === file && span.start >= start && span.end <= end);
}

/** `certain`: all there are were captured, so that even a name that differs in a digit must be one of them. */
function readings(used: readonly string[], captured: ReadonlyMap<string, Span | null>, certain: boolean): Names {
  const missing = new Set(used.filter((name) => name.length > 2 && !captured.has(name)));
  if (missing.size === 0 || captured.size === 0) return none;
  const names = new Map<string, Candidate>();
  for (const [name, near] of nearestOf(missing, captured.keys())) {
    const [read] = near;
    if (read === undefined || near.length > 1 || (!certain && differInDigit(name, read))) continue;
    names.set(name, { read, span: captured.get(read) ?? null });
  }
  return names;
}

function setsOf(rule: Rule): readonly string[] {
  return rule.matches.flatMap((match) => matchData(match, setMatch)?.set ?? []);
}

function linksOf({ header }: Rule): readonly string[] {
  return [header.iif, header.oif].flatMap((match) => (match === null || match.name.endsWith('+') ? [] : match.name));
}

function jumpOf({ target }: Rule): readonly string[] {
  return target?.kind === 'jump' ? [target.chain] : [];
}

function mendTable(table: Table, pasted: readonly Span[], mending: Mending): Table {
  const chains = table.chains.map((chain): Chain => {
    const { rules } = chain;
    if (!isList(rules)) return chain;
    return { ...chain, rules: rules.map((rule) => (isWithin(rule.span, pasted) ? mendRule(rule, mending) : rule)) };
  });
  const wanted = new Set(chains.flatMap(({ rules }) => (isList(rules) ? rules.flatMap(jumpOf) : [])));
  // A chain that was there only because the misspelt name led to it goes with the name.
  const kept = chains.filter(
    ({ name, collected, span }) => collected || span !== null || wanted.has(name) || !mending.chains.has(name),
  );
  return { ...table, chains: kept };
}

function mendRule(rule: Rule, mending: Mending): Rule {
  const said = mending.diagnostics.length;
  const read = (names: Names, what: string, name: string): string => {
    const found = names.get(name);
    if (found === undefined) return name;
    const related = found.span === null ? [] : [{ span: found.span, message: `captured: ${found.read}` }];
    mending.diagnostics.push(
      iptablesProblem('repaired-name', rule.span, { what, was: name, read: found.read }, related),
    );
    return found.read;
  };
  const device = (match: IfaceMatch | null) =>
    match === null ? null : { ...match, name: read(mending.links, 'interface', match.name) };
  const matches = rule.matches.map((match): Match => {
    const data = matchData(match, setMatch);
    if (data === null || match.kind !== 'known') return match;
    return { ...match, data: { ...data, set: read(mending.sets, 'set', data.set) } };
  });
  const header = { ...rule.header, iif: device(rule.header.iif), oif: device(rule.header.oif) };
  const target =
    rule.target?.kind === 'jump'
      ? { ...rule.target, chain: read(mending.chains, 'chain', rule.target.chain) }
      : rule.target;
  return mending.diagnostics.length === said ? rule : { ...rule, header, matches, target, trust: 'repaired' };
}
