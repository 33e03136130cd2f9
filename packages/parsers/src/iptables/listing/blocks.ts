/** The lines of a section sorted into tables and chains. A text may hold several tables one after another, each from its first built-in chain on. */
import { builtinChains, INERT, isBuiltinChain, MODELLED, type Span, tableNames } from '@coldtrace/core';
import { isBlank, type Line, lineSpan } from '../../text/lines.js';
import { type Reading, takeFailure } from '../../text/reading.js';
import { iptablesProblem } from '../codes.js';
import { listingProblem } from './codes.js';
import type { Invocation } from './invocation.js';
import { type ChainLine, type Columns, isAddition, readChainLine, readColumns, readTableLine } from './lines.js';

export interface ListedChain {
  readonly head: ChainLine;
  readonly span: Span | null;
  columns: Columns | null;
  readonly rows: Line[];
  /** Another chain or a blank line follows: the end of it is here. */
  closed: boolean;
  /** A line in it was not understood. */
  broken: boolean;
  /** A row in it was put together from several lines. */
  rejoined: boolean;
}

export interface Block {
  /** `Table: nat` before it. */
  readonly table: string | null;
  readonly chains: ListedChain[];
  readonly names: Set<string>;
}

interface Cutting {
  readonly reading: Reading;
  readonly invocation: Invocation;
  readonly blocks: Block[];
  /** `Table: X` without a chain after it so far. */
  table: string | null;
}

export function cutBlocks(reading: Reading, invocation: Invocation): readonly Block[] {
  const cutting: Cutting = { reading, invocation, blocks: [], table: null };
  for (let at = 0; at < reading.lines.length; ) at += takeHeading(cutting, at) || takeOne(cutting, at);
  return cutting.blocks;
}

function takeOne(cutting: Cutting, at: number): number {
  const line = cutting.reading.lines[at];
  if (line !== undefined) takeLine(cutting, line);
  return 1;
}

/** The column headings, which a terminal may have broken too; returns how many lines they take. */
function takeHeading(cutting: Cutting, at: number): number {
  const { lines, section, ledger } = cutting.reading;
  const first = lines[at];
  if (first === undefined || !beginsHeading(first.text)) return 0;
  let texts: readonly string[] = [first.text];
  for (let count = 1; count <= (section.freeForm ? 4 : 1); count++) {
    const columns = texts.map(readColumns).find((found) => found !== null);
    if (columns !== undefined) {
      const chain = openChain(cutting);
      if (chain !== undefined) chain.columns ??= columns;
      for (let line = at; line < at + count; line++) ledger[line] = INERT;
      return count;
    }
    const next = lines[at + count]?.text ?? '';
    texts = texts.flatMap((text) => [text + next, `${text} ${next}`]);
  }
  return 0;
}

function beginsHeading(text: string): boolean {
  return text.length < 500 && /^\s*(?:num\s+)?(?:pkts\s+bytes\s+)?target\s+prot\b/.test(text);
}

function openChain({ blocks }: Cutting): ListedChain | undefined {
  return blocks.at(-1)?.chains.at(-1);
}

function takeLine(cutting: Cutting, line: Line): void {
  const { reading } = cutting;
  const chain = openChain(cutting);
  if (isBlank(line.text)) {
    if (chain !== undefined) chain.closed = true;
    return;
  }
  const head = readChainLine(line.text);
  if (head !== null) {
    addChain(cutting, head, lineSpan(reading.section, line));
    reading.ledger[line.index] = MODELLED;
    return;
  }
  if (isRemark(cutting, line)) return;
  if (takeFailure(reading, line)) return;
  const into = chain ?? chainOfCommand(cutting);
  if (into === null) {
    if (/\s(?:--|-f|!f)\s/.test(line.text))
      reading.diagnostics.push(listingProblem('stray-row', lineSpan(reading.section, line)));
    return;
  }
  into.rows.push(line);
}

function isRemark(cutting: Cutting, line: Line): boolean {
  const { reading } = cutting;
  const span = lineSpan(reading.section, line);
  const table = readTableLine(line.text);
  if (table !== null) {
    cutting.table = table;
    const chain = openChain(cutting);
    if (chain !== undefined) chain.closed = true;
  } else if (line.text.startsWith('#') && line.text.includes('legacy tables present')) {
    reading.diagnostics.push(iptablesProblem('legacy-present', span));
  } else if (/^# Table `\w+' is incompatible/.test(line.text)) {
    reading.diagnostics.push(listingProblem('not-listed', span, { line: line.text.trim() }));
  } else if (!isAddition(line.text)) {
    return false;
  }
  reading.ledger[line.index] = INERT;
  return true;
}

/** `-L CHAIN NUMBER` prints a rule and nothing above it. */
function chainOfCommand(cutting: Cutting): ListedChain | null {
  const { chain } = cutting.invocation;
  if (chain === null || cutting.blocks.length > 0) return null;
  const policy = { name: chain, policy: null, counters: null, references: null };
  const listed: ListedChain = {
    head: policy,
    span: null,
    columns: null,
    rows: [],
    closed: false,
    broken: false,
    rejoined: false,
  };
  cutting.blocks.push({ table: cutting.table, chains: [listed], names: new Set([chain]) });
  return listed;
}

function addChain(cutting: Cutting, head: ChainLine, span: Span): void {
  const last = openChain(cutting);
  if (last !== undefined) last.closed = true;
  const chain: ListedChain = { head, span, columns: null, rows: [], closed: false, broken: false, rejoined: false };
  const block = cutting.blocks.at(-1);
  if (block !== undefined && cutting.table === null && !beginsTable(cutting, block, head.name)) {
    block.chains.push(chain);
    block.names.add(head.name);
    return;
  }
  cutting.blocks.push({ table: cutting.table, chains: [chain], names: new Set([head.name]) });
  cutting.table = null;
}

/** What may stand before each chain in its table. The nft variant of old printed POSTROUTING before OUTPUT. */
const mayPrecede: Readonly<Record<string, readonly string[]>> = {
  PREROUTING: [],
  INPUT: ['PREROUTING'],
  FORWARD: ['PREROUTING', 'INPUT'],
  OUTPUT: ['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'],
  POSTROUTING: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT'],
};

/** Does the chain belong to another table than those before it? A command lists one table, whose chains it may order as it likes. */
function beginsTable({ invocation }: Cutting, block: Block, name: string): boolean {
  if (block.names.has(name)) return true;
  const before = mayPrecede[name];
  if (before === undefined || (invocation.known && invocation.table !== null)) return false;
  const seen = [...block.names].filter((other) => other in mayPrecede);
  if (seen.length === 0) return false;
  if (!seen.every((other) => before.includes(other))) return true;
  if (hasUserChains(block)) return true;
  return !tableNames.some((table) => [...seen, name].every((one) => isBuiltinChain(table, one)));
}

function hasUserChains(block: Block): boolean {
  return [...block.names].some((name) => !(name in mayPrecede));
}

/** The table whose built-in chains are exactly those of the block; `security` has those of `filter`. */
export function tableOfChains(block: Block): string | null {
  const own = [...block.names].filter((name) => name in mayPrecede);
  const found = tableNames.find((table) => sameNames(builtinChains[table], own));
  if (found !== undefined) return found;
  // Before Linux 2.6.36 nat had no INPUT.
  return sameNames(['PREROUTING', 'OUTPUT', 'POSTROUTING'], own) ? 'nat' : null;
}

function sameNames(wanted: readonly string[], own: readonly string[]): boolean {
  return wanted.length === own.length && wanted.every((name) => own.includes(name));
}
