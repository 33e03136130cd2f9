/** `iptables -L [-n] [-v] [-x] [--line-numbers]` and `ip6tables -L …`, legacy and nft: what many bundles hold instead of `-save`. iptables(8). */
import { CONDITIONAL, type Facts, type Family, isBuiltinChain, MODELLED, OPAQUE, type Rule } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../../format.js';
import { closeReading, openReading, type Reading } from '../../text/reading.js';
import { iptablesProblem } from '../codes.js';
import { familyOfContent, identityOf } from '../dump-identity.js';
import { draftChain, draftTable, finishDraft, newDraft, type RulesetDraft } from '../ruleset-draft.js';
import { type Block, cutBlocks, type ListedChain, tableOfChains } from './blocks.js';
import { listingProblem } from './codes.js';
import type { TextContext } from './extension-text.js';
import { type Invocation, invocationOf } from './invocation.js';
import { type Columns, readChainLine, readColumns } from './lines.js';
import { type Placed, placeBlock } from './place.js';
import { type ListedRule, readListedRule, unreadRule } from './rule.js';
import { joinRows } from './wrapped.js';

export function parseIptablesList(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const invocation = invocationOf(section);
  const blocks = cutBlocks(reading, invocation);
  const rulesets: Gathered[] = [];
  for (const block of blocks) readBlock(reading, invocation, block, rulesets);
  const source = {
    span: { file: section.file.id, start: section.start, end: section.end },
    format: 'iptables-list',
    command: section.command,
    takenAt: null,
  };
  const facts = rulesets.map(({ draft, inferred }): Facts => {
    const ruleset = finishDraft(draft, source);
    const tables = ruleset.tables.map((table) => (inferred.has(table.name) ? { ...table, inferred: true } : table));
    return { kind: 'ruleset', ruleset: { ...ruleset, tables } };
  });
  return closeReading(reading, facts);
}

/** Tables of one family that are put together until one of them comes again. */
interface Gathered {
  readonly draft: RulesetDraft;
  readonly inferred: Set<string>;
}

function readBlock(reading: Reading, invocation: Invocation, block: Block, rulesets: Gathered[]): void {
  const { section } = reading;
  const identity = identityOf(section);
  const family = identity.family ?? familyOfBlock(section, block);
  const names = invocation.numeric === null ? showsNames(block) : !invocation.numeric;
  const rules = readChains(reading, block, family, names, invocation);
  const last = rulesets.at(-1);
  const placed = placeBlock(block, rules, family, invocation, last === undefined ? [] : [...last.draft.tables.keys()]);
  let into = last;
  if (into === undefined || into.draft.family !== family || into.draft.tables.has(placed.table)) {
    into = { draft: newDraft(family, identity.variant), inferred: new Set() };
    rulesets.push(into);
  }
  store(into, reading, block, rules, placed, invocation);
}

function familyOfBlock(section: Section, block: Block): Family {
  const rows = block.chains.flatMap((chain) => chain.rows.slice(0, 20).map((row) => row.text));
  if (rows.some((row) => row.includes(' ::/0') || addresses6.test(row.slice(0, 400)))) return 6;
  if (rows.some((row) => row.includes(' 0.0.0.0/0'))) return 4;
  return rows.length === 0 ? (section.family ?? 4) : familyOfContent(section, section.start);
}

function showsNames(block: Block): boolean {
  return block.chains.some(({ rows }) => rows.some((row) => row.text.includes('anywhere')));
}

type RulesOf = ReadonlyMap<ListedChain, readonly Rule[]>;

function readChains(reading: Reading, block: Block, family: Family, names: boolean, invocation: Invocation): RulesOf {
  const whole = tableOfChains(block) !== null && invocation.chain === null && !invocation.filtered;
  const hasChain = (name: string) => (block.names.has(name) ? true : whole ? false : null);
  const rules = new Map<ListedChain, readonly Rule[]>();
  const beginnings: TextContext['beginnings'] = new Map();
  let columns: Columns | null = null;
  let hiding: ListedChain | null = null;
  let named = false;
  let nameless: Rule['span'] | null = null;
  for (const chain of block.chains) {
    columns = chain.columns ?? columns;
    const known = columns ?? guessColumns(chain.rows[0]?.text ?? '');
    if (!known.interfaces && chain.rows.length > 0) hiding ??= chain;
    const cx = {
      family,
      table: block.table ?? invocation.table,
      chain: chain.head.name,
      columns: known,
      names,
      hasChain,
      beginnings,
    };
    const read = (text: string, span: Rule['span']) => readListedRule(text, span, cx);
    const own: Rule[] = [];
    for (const row of joinRows(chain.rows, reading, read)) {
      if (row.lines.length > 1) chain.rejoined = true;
      const listed = row.listed ?? (row.words >= 4 ? unreadRule(row.text, row.span) : null);
      if (listed === null) {
        chain.broken = true;
        continue;
      }
      own.push(listed.rule);
      named ||= listed.rule.hidden?.includes('names') === true;
      if (listed.nameless) nameless ??= row.span;
      for (const diagnostic of listed.diagnostics) reading.diagnostics.push(diagnostic);
      for (const index of row.lines) reading.ledger[index] = stateOf(listed);
    }
    rules.set(chain, own);
  }
  const hides = identityOf(reading.section).variant !== 'legacy' && block.chains.some(({ rows }) => rows.length > 0);
  const at = hiding?.span ?? block.chains[0]?.span;
  if (hiding !== null && at) reading.diagnostics.push(listingProblem('no-interfaces', at));
  if (family === 6 && at && hides) reading.diagnostics.push(listingProblem('hidden-match', at));
  if (named && at) reading.diagnostics.push(listingProblem('names-shown', at));
  if (nameless !== null) reading.diagnostics.push(listingProblem('no-hashlimit-name', nameless));
  return rules;
}

function stateOf({ rule, opaque, nameless }: ListedRule): number {
  if (opaque) return OPAQUE;
  return rule.hidden === undefined && !nameless ? MODELLED : CONDITIONAL;
}

/** The headings were not captured: rows tell by the place of the `--`. */
function guessColumns(row: string): Columns {
  const words = row.trim().split(/\s+/, 12);
  const opt = words.findIndex((word) => word === '--' || word === '-f' || word === '!f');
  const counts = words.slice(0, 3).filter((word) => /^\d+[KMGTPE]?$/.test(word)).length;
  const number = opt === 5 || (counts === 3 && opt > 3);
  const counters = opt - (number ? 1 : 0) >= 3;
  const after = words.slice(opt + 1);
  const address = /^!?(?:anywhere|[0-9a-fA-F:.]+(?:\/[0-9a-fA-F:.]+)?)$/;
  return { number, counters, interfaces: !(address.test(after[0] ?? '') && address.test(after[1] ?? '')) };
}

function store(
  { draft, inferred }: Gathered,
  reading: Reading,
  block: Block,
  rules: RulesOf,
  placed: Placed,
  invocation: Invocation,
): void {
  const table = draftTable(draft, placed.table);
  const first = block.chains[0]?.span ?? null;
  const last = block.chains.at(-1);
  const end = last?.rows.at(-1)?.end ?? last?.span?.end ?? reading.section.end;
  table.span = first === null ? null : { ...first, end };
  const broken = block.chains.some((chain) => chain.broken);
  const isShort = missingRules(reading, block, rules, placed.table).length > 0;
  table.whole = placed.whole && !broken && !isShort;
  if (placed.inferred) {
    inferred.add(placed.table);
    if (first !== null) reading.diagnostics.push(iptablesProblem('table-inferred', first, { table: placed.table }));
  }
  for (const chain of block.chains) {
    const { name, policy, counters } = chain.head;
    const drafted = draftChain(table, name);
    drafted.policy = policy;
    drafted.counters = counters;
    drafted.span = chain.span;
    drafted.rules.push(...(rules.get(chain) ?? []));
    const cut = chain === last && !chain.closed && reading.section.freeForm && !invocation.known;
    // What is missing may have gone into a row that was put together.
    const fromStart = !(isShort && chain.rejoined) && !chain.broken && !invocation.filtered && !invocation.ruleNumber;
    drafted.whole = fromStart && !cut;
    drafted.gap = fromStart ? null : 0;
  }
}

/** Chains to which fewer rules lead than their heading says. */
function missingRules(reading: Reading, block: Block, rules: RulesOf, table: string): readonly string[] {
  const seen = new Map<string, number>();
  for (const list of rules.values()) {
    for (const { target } of list)
      if (target?.kind === 'jump') seen.set(target.chain, (seen.get(target.chain) ?? 0) + 1);
  }
  const missing: string[] = [];
  for (const { head, span } of block.chains) {
    const said = head.references ?? 0;
    const here = seen.get(head.name) ?? 0;
    if (said <= here || span === null || isBuiltinChain(table, head.name)) continue;
    missing.push(head.name);
    reading.diagnostics.push(listingProblem('rules-missing', span, { chain: head.name, said, seen: here, table }));
  }
  return missing;
}

const row =
  /^\s*(?:\d+\s+)?(?:\d+[KMGTPE]?\s+\d+[KMGTPE]?\s+)?(?:[^\s-]\S*\s+)?!?[a-z0-9][a-z0-9._-]*\s+(?:--|-f|!f)\s/;
/** Two IPv6 addresses side by side. */
const addresses6 = /\s!?[0-9a-f]*:[0-9a-f:.]*(?:\/[0-9a-f:]+)?\s+!?[0-9a-f]*:[0-9a-f:.]*(?:\/[0-9a-f:]+)?(?:\s|$)/;

function judgeLine(text: string): LineVerdict {
  if (readChainLine(text) !== null || /^Table: (?:filter|nat|mangle|raw|security)\s*$/.test(text)) return 'opens';
  const head = text.length > 400 ? text.slice(0, 400) : text;
  if (row.test(head) || addresses6.test(head) || readColumns(text) !== null) return 'continues';
  return /^\s*(?:Total Number of Rules: *\d+|=+)\s*$|^# Warning: ip6?tables-legacy tables present|^# Table `\w+' is inc/.test(
    head,
  )
    ? 'continues'
    : null;
}

export const iptablesList: Format = {
  id: 'iptables-list',
  title: 'iptables -L',
  commands: [/^ip6?tables(-legacy|-nft)?\s(?:.*\s)?(?:-[a-zA-Z]*L[a-z]*|--list)(?:\s|$)/],
  fileNames: [/^ip6?tables[-_]?(?:filter|nat|mangle|raw|security)/, /^ip6?tables_-.*L/],
  line: judgeLine,
  parse: parseIptablesList,
};
