/** One block of bzip2: Huffman codes, moved to the front, and the order that the Burrows-Wheeler transform took from it. bzip2 1.0.8, decompress.c. */
import type { ForwardBits } from './bzip2-bits.js';
import { Damage, Unsupported } from './codec.js';

export interface Bzip2Block {
  readonly checksum: number;
  /** Per place: a byte, and above it the place that comes next. */
  readonly chain: Uint32Array;
  readonly first: number;
  readonly count: number;
}

/** Codes of so many symbols use one table. */
const groupSize = 50;
const longestCode = 20;

export function readBlock(bits: ForwardBits, size: number): Bzip2Block {
  const checksum = bits.read(16) * 65_536 + bits.read(16);
  if (bits.read(1) === 1) throw new Unsupported('randomised blocks (bzip2 before 0.9.5)');
  const origin = bits.read(24);
  const bytes = bytesInUse(bits);
  const tableCount = bits.read(3);
  if (tableCount < 2 || tableCount > 6) throw new Damage('a block has no or too many tables');
  const selectors = readSelectors(bits, tableCount);
  const tables = Array.from({ length: tableCount }, () => readTable(bits, bytes.length + 2));
  const { chain, count } = readSymbols(bits, bytes, selectors, tables, size);
  if (origin >= count) throw new Damage('a block begins behind its end');
  link(chain, count);
  return { checksum, chain, first: (chain[origin] ?? 0) >>> 8, count };
}

function bytesInUse(bits: ForwardBits): Uint8Array {
  const rows = bits.read(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if (((rows >> (15 - row)) & 1) === 0) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column++)
      if (((columns >> (15 - column)) & 1) === 1) used.push(row * 16 + column);
  }
  if (used.length === 0) throw new Damage('a block uses no byte');
  return Uint8Array.from(used);
}

/** Which table each group of symbols uses, moved to the front and counted in ones. */
function readSelectors(bits: ForwardBits, tableCount: number): Uint8Array {
  const count = bits.read(15);
  if (count === 0) throw new Damage('a block has no groups');
  const selectors = new Uint8Array(count);
  const recent = Uint8Array.from({ length: tableCount }, (_, at) => at);
  for (let at = 0; at < count; at++) {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= tableCount) throw new Damage('a group uses no table');
    selectors[at] = toFront(recent, place);
  }
  return selectors;
}

function toFront(recent: Uint8Array, place: number): number {
  const value = recent[place] ?? 0;
  recent.copyWithin(1, 0, place);
  recent[0] = value;
  return value;
}

/** Canonical codes: of each length, the greatest code, and what to add to one for its place among the symbols. */
interface CodeTable {
  readonly shortest: number;
  readonly greatest: Int32Array;
  readonly offset: Int32Array;
  readonly symbols: Uint16Array;
}

function readTable(bits: ForwardBits, symbolCount: number): CodeTable {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > longestCode) throw new Damage('a code is too long');
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return tableOf(lengths);
}

function tableOf(lengths: Uint8Array): CodeTable {
  const greatest = new Int32Array(longestCode + 1).fill(-1);
  const offset = new Int32Array(longestCode + 1);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= longestCode; length++) {
    code <<= 1;
    offset[length] = place - code;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      symbols[place++] = symbol;
      code++;
    }
    greatest[length] = code - 1;
  }
  return { shortest: Math.min(...lengths), greatest, offset, symbols };
}

function readSymbol(bits: ForwardBits, { shortest, greatest, offset, symbols }: CodeTable): number {
  let code = bits.read(shortest);
  for (let length = shortest; length <= longestCode; length++) {
    if (code <= (greatest[length] ?? -1)) {
      const symbol = symbols[code + (offset[length] ?? 0)];
      if (symbol === undefined) break;
      return symbol;
    }
    code = (code << 1) | bits.read(1);
  }
  throw new Damage('a code means nothing');
}

/** Symbols 0 and 1 count how often the byte at the front comes, in a notation of ones and twos; the last ends the block, which has `most` bytes. */
function readSymbols(
  bits: ForwardBits,
  bytes: Uint8Array,
  selectors: Uint8Array,
  tables: readonly CodeTable[],
  most: number,
): { readonly chain: Uint32Array; readonly count: number } {
  // Most blocks are full, but tiny ones may be many.
  let into = new Uint32Array(Math.min(most, smallest));
  const recent = bytes.slice();
  const last = bytes.length + 1;
  let count = 0;
  let run = 0;
  let weight = 1;
  let table: CodeTable | undefined;
  for (let at = 0; ; at++) {
    if (at % groupSize === 0) table = tables[selectors[at / groupSize] ?? -1];
    if (table === undefined) throw new Damage('a block has more symbols than groups');
    const symbol = readSymbol(bits, table);
    if (symbol <= 1) {
      run += weight << symbol;
      weight <<= 1;
      if (run > most) throw new Damage('a block is longer than it may be');
      continue;
    }
    if (count + run + (symbol === last ? 0 : 1) > most) throw new Damage('a block is longer than it may be');
    if (count + run >= into.length) into = longer(into, Math.min(most, 2 * (count + run + 1)));
    into.fill(recent[0] ?? 0, count, count + run);
    count += run;
    run = 0;
    weight = 1;
    if (symbol === last) return { chain: into, count };
    into[count++] = toFront(recent, symbol - 1);
  }
}

const smallest = 4096;

function longer(bytes: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const made = new Uint32Array(length);
  made.set(bytes);
  return made;
}

/** The transform taken back: the n-th of a byte in the sorted column is the n-th in the last one. */
function link(chain: Uint32Array, count: number): void {
  const starts = new Int32Array(256);
  for (let at = 0; at < count; at++) starts[chain[at] ?? 0] = (starts[chain[at] ?? 0] ?? 0) + 1;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const here = starts[byte] ?? 0;
    starts[byte] = sum;
    sum += here;
  }
  for (let at = 0; at < count; at++) {
    const byte = (chain[at] ?? 0) & 0xff;
    const place = starts[byte] ?? 0;
    starts[byte] = place + 1;
    chain[place] = (chain[place] ?? 0) | (at << 8);
  }
}
