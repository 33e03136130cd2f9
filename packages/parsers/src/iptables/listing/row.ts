/** The columns of one rule of a listing, up to the text of its extensions. iptables: iptables/xshared.c `print_rule_details`, `print_fragment`. */
import {
  type AddressMatch,
  type Counters,
  type Family,
  type IfaceMatch,
  type Masked,
  maskOf,
  type OpaqueMatch,
  type ProtoMatch,
  parseProto,
  parseTypedMasked,
  type RuleHeader,
} from '@coldtrace/core';
import { type Columns, readCounts } from './lines.js';

export interface Row {
  readonly counters: Counters | null;
  /** Word of the target column; null for a rule that only counts. */
  readonly target: string | null;
  readonly header: RuleHeader;
  /** Addresses by name, which nothing here turns into numbers. */
  readonly opaque: readonly OpaqueMatch[];
  /** The columns hold names in place of numbers. */
  readonly named: boolean;
  /** Offset in the line where the text of extensions begins. */
  readonly rest: number;
}

interface Cells {
  readonly words: readonly string[];
  readonly ends: readonly number[];
}

/** No row has more words than these before the extensions. */
const mostColumns = 11;

function cellsOf(text: string): Cells {
  const words: string[] = [];
  const ends: number[] = [];
  for (let at = 0; at < text.length && words.length < mostColumns; ) {
    while (at < text.length && isGap(text.charCodeAt(at))) at++;
    const start = at;
    while (at < text.length && !isGap(text.charCodeAt(at))) at++;
    if (at > start) {
      words.push(text.slice(start, at));
      ends.push(at);
    }
  }
  return { words, ends };
}

function isGap(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 13;
}

/**
 * The row, or null when the line has no such columns. The target may be missing, and ip6tables before 1.8.9 left the `opt` column empty, so
 * every arrangement is tried; the `--` or the addresses must then stand where they belong.
 */
export function readRow(text: string, columns: Columns, family: Family, names: boolean): Row | null {
  const cells = cellsOf(text);
  let at = 0;
  if (columns.number) {
    if (!/^\d+$/.test(cells.words[at++] ?? '')) return null;
  }
  let counters: Counters | null = null;
  if (columns.counters) {
    counters = readCounts(cells.words[at] ?? '', cells.words[at + 1] ?? '');
    if (counters === null) return null;
    at += 2;
  }
  for (const opt of [true, false]) {
    for (const target of [0, 1]) {
      const row = arranged(cells, at, target, opt, columns.interfaces, family, names);
      if (row !== null) return { ...row, counters };
    }
  }
  return null;
}

function arranged(
  { words, ends }: Cells,
  from: number,
  target: number,
  opt: boolean,
  interfaces: boolean,
  family: Family,
  names: boolean,
): Omit<Row, 'counters'> | null {
  let at = from + target;
  const proto = readProtoCell(words[at++] ?? '');
  const fragment = opt ? readOpt(words[at++] ?? '') : null;
  if (proto === 'none' || fragment === 'none') return null;
  const iif = interfaces ? readInterface(words[at++] ?? '', names) : null;
  const oif = interfaces ? readInterface(words[at++] ?? '', names) : null;
  const src = readAddress('-s', words[at++] ?? '', family, names);
  const dst = readAddress('-d', words[at] ?? '', family, names);
  if (src === null || dst === null) return null;
  return {
    target: target === 0 ? null : (words[from] ?? null),
    header: { src: src.match, dst: dst.match, iif, oif, proto, fragment },
    opaque: [...src.opaque, ...dst.opaque],
    named: src.named || dst.named,
    rest: ends[at] ?? 0,
  };
}

function readProtoCell(word: string): ProtoMatch | null | 'none' {
  const invert = word.startsWith('!');
  const name = invert ? word.slice(1) : word;
  if (name === 'all' || name === '0') return invert ? { proto: 0, invert } : null;
  const proto = parseProto(name);
  return proto === null ? 'none' : { proto, invert };
}

function readOpt(word: string): RuleHeader['fragment'] | 'none' {
  if (word === '--') return null;
  return word === '-f' ? { invert: false } : word === '!f' ? { invert: true } : 'none';
}

function readInterface(word: string, names: boolean): IfaceMatch | null {
  const invert = word.startsWith('!');
  const name = invert ? word.slice(1) : word;
  const every = name === '*' || name === '+' || (names && name === 'any');
  return every && !invert ? null : { name: name === '*' ? '+' : name, invert };
}

const everything: Masked = { ip: maskOf(4, 0), mask: maskOf(4, 0) };

interface Address {
  readonly match: AddressMatch | null;
  readonly opaque: readonly OpaqueMatch[];
  readonly named: boolean;
}

function readAddress(option: '-s' | '-d', word: string, family: Family, names: boolean): Address | null {
  const invert = word.startsWith('!');
  const text = invert ? word.slice(1) : word;
  if (text === 'anywhere' && family === 4)
    return { match: invert ? { masked: everything, invert } : null, opaque: [], named: false };
  // ip6tables prints the address :: so under whatever mask.
  if (text === 'anywhere' && !invert) return { match: null, opaque: [], named: true };
  const masked = /^[0-9a-fA-F]*[.:]/.test(text) ? parseTypedMasked(text) : null;
  if (masked !== null) {
    if (masked.ip.family !== family) return null;
    const { a, b, c, d } = masked.mask;
    return { match: invert || (a | b | c | d) !== 0 ? { masked, invert } : null, opaque: [], named: false };
  }
  if (!names || !/^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[0-9A-Fa-f.:]+)?$/.test(text)) return null;
  const opaque: OpaqueMatch = invert
    ? { kind: 'opaque', name: '!', text: `${option} ${text}` }
    : { kind: 'opaque', name: option, text };
  return { match: null, opaque: [opaque], named: true };
}
