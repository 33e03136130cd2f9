/** The sequences of a block: how many literals to copy, then how much to repeat and from where. RFC 8878 sections 3.1.1.3.2 and 3.1.1.4. */
import { Damage } from './codec.js';
import type { History } from './history.js';
import { Backwards } from './zstd-bits.js';
import { FseState, type FseTable, fseTable, onlySymbol, readFseTable } from './zstd-fse.js';

/** Tables of literal lengths, offsets and match lengths, in the order in which a block has them. */
export type SequenceTables = readonly [FseTable | null, FseTable | null, FseTable | null];

interface Coding {
  readonly mostLog: number;
  readonly mostSymbols: number;
  readonly defaults: FseTable;
}

/** Every code stands for a length, and for bits to read and add to it. */
interface Lengths {
  readonly base: readonly number[];
  readonly bits: readonly number[];
}

const literalLengths = lengthsOf(0, [
  ...Array(16).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);
const matchLengths = lengthsOf(3, [
  ...Array(32).fill(0),
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
]);

function lengthsOf(first: number, bits: readonly number[]): Lengths {
  const base: number[] = [];
  for (let next = first; base.length < bits.length; next += 2 ** (bits[base.length - 1] ?? 0)) base.push(next);
  return { base, bits };
}

const repeated = (count: number, value: number): readonly number[] => Array(count).fill(value);

let made: readonly Coding[] | null = null;

function codings(): readonly Coding[] {
  made ??= [
    {
      mostLog: 9,
      mostSymbols: 36,
      defaults: fseTable(
        [4, 3, ...repeated(11, 2), 1, 1, 1, ...repeated(9, 2), 3, 2, ...repeated(5, 1), ...repeated(4, -1)],
        6,
      ),
    },
    {
      mostLog: 8,
      mostSymbols: 32,
      defaults: fseTable([...repeated(6, 1), 2, 2, 2, ...repeated(15, 1), ...repeated(5, -1)], 5),
    },
    {
      mostLog: 9,
      mostSymbols: 53,
      defaults: fseTable([1, 4, 3, ...repeated(6, 2), ...repeated(37, 1), ...repeated(7, -1)], 6),
    },
  ];
  return made;
}

/** What later blocks of a frame take over. */
export interface Carried {
  tables: SequenceTables;
  /** The last three offsets. */
  offsets: [number, number, number];
}

/** Writes the block to the history, which has room for `most` bytes. */
export function runSequences(
  data: Uint8Array,
  literals: Uint8Array,
  history: History,
  carried: Carried,
  most: number,
): void {
  const { count, from } = countOf(data);
  let taken = 0;
  let room = most;
  if (count > 0) {
    const { tables, bits } = tablesOf(data, from, carried.tables);
    carried.tables = tables;
    const states = tables.map((table) => new FseState(table, bits)) as [FseState, FseState, FseState];
    for (let left = count; left > 0; left--) {
      const { literal, match, offset } = readSequence(states, bits, carried.offsets);
      room -= literal + match;
      if (room < 0 || taken + literal > literals.length) throw new Damage('a block is longer than it may be');
      history.copy(literals, taken, literal);
      taken += literal;
      history.repeat(offset, match);
      if (left === 1) break;
      states[0].step(bits);
      states[2].step(bits);
      states[1].step(bits);
    }
    if (bits.left !== 0) throw new Damage('sequences do not end where they should');
  } else if (from !== data.length) throw new Damage('a block goes on behind its end');
  if (literals.length - taken > room) throw new Damage('a block is longer than it may be');
  history.copy(literals, taken, literals.length - taken);
}

function countOf(data: Uint8Array): { readonly count: number; readonly from: number } {
  const [a, b = 0, c = 0] = data;
  if (a === undefined) throw new Damage('a block has no sequences');
  if (a < 128) return { count: a, from: 1 };
  if (a < 255) return { count: ((a - 128) << 8) + b, from: 2 };
  return { count: b + (c << 8) + 0x7f00, from: 3 };
}

interface Tables {
  readonly tables: readonly [FseTable, FseTable, FseTable];
  readonly bits: Backwards;
}

/** Two bits for each table: the usual one, one symbol alone, one that follows, or that of the block before. */
function tablesOf(data: Uint8Array, from: number, before: SequenceTables): Tables {
  const modes = data[from] ?? 0;
  if ((modes & 3) !== 0) throw new Damage('a block sets bits that are reserved');
  let at = from + 1;
  const tables = codings().map(({ mostLog, mostSymbols, defaults }, place) => {
    const mode = (modes >> (6 - 2 * place)) & 3;
    if (mode === 0) return defaults;
    if (mode === 3) return before[place] ?? missing();
    if (mode === 1) {
      const symbol = data[at++] ?? mostSymbols;
      if (symbol >= mostSymbols) throw new Damage('a table has too many symbols');
      return onlySymbol(symbol);
    }
    const { table, used } = readFseTable(data.subarray(at), mostLog, mostSymbols);
    at += used;
    return table;
  });
  return { tables: tables as [FseTable, FseTable, FseTable], bits: new Backwards(data.subarray(at)) };
}

function missing(): never {
  throw new Damage('a block relies on a table that was not given');
}

interface Sequence {
  readonly literal: number;
  readonly match: number;
  readonly offset: number;
}

function readSequence(
  states: readonly [FseState, FseState, FseState],
  bits: Backwards,
  recent: [number, number, number],
): Sequence {
  const offset = readOffset(states[1].symbol(), bits);
  const match = lengthOf(matchLengths, states[2].symbol(), bits);
  const literal = lengthOf(literalLengths, states[0].symbol(), bits);
  return { literal, match, offset: offsetOf(offset, literal, recent) };
}

/** As many as 31 bits, which may take two readings. */
function readOffset(code: number, bits: Backwards): number {
  if (code <= 24) return (1 << code) + bits.read(code);
  const upper = bits.read(code - 16);
  return 2 ** code + upper * 65_536 + bits.read(16);
}

function lengthOf({ base, bits: extra }: Lengths, code: number, bits: Backwards): number {
  return (base[code] ?? 0) + bits.read(extra[code] ?? 0);
}

/** 1 to 3 are the last ones, shifted by one where no literals come between. */
function offsetOf(value: number, literal: number, recent: [number, number, number]): number {
  const first = recent[0];
  const second = recent[1];
  const third = recent[2];
  if (value > 3) {
    recent[2] = second;
    recent[1] = first;
    recent[0] = value - 3;
    return value - 3;
  }
  const place = literal === 0 ? value : value - 1;
  if (place === 0) return first;
  const offset = place === 1 ? second : place === 2 ? third : first - 1;
  if (place > 1) recent[2] = second;
  recent[1] = first;
  recent[0] = offset;
  return offset;
}
