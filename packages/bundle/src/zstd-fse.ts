/** Finite state entropy: tables that lead from state to state. RFC 8878 section 4.1. */
import { Damage } from './codec.js';
import { type Backwards, Forwards } from './zstd-bits.js';

export interface FseTable {
  /** The states are numbers of so many bits. */
  readonly log: number;
  readonly symbols: Uint8Array;
  /** Bits to read for the next state, and what to add to them. */
  readonly bits: Uint8Array;
  readonly base: Uint16Array;
}

/** Every state means the one symbol. */
export function onlySymbol(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), base: new Uint16Array(1) };
}

/** A table as it is stored, and how many bytes it takes up. */
export function readFseTable(
  data: Uint8Array,
  mostLog: number,
  mostSymbols: number,
): { readonly table: FseTable; readonly used: number } {
  const bits = new Forwards(data);
  const log = bits.read(4) + 5;
  if (log > mostLog) throw new Damage('a table is too large');
  const counts: number[] = [];
  for (let left = 1 << log; left > 0; ) {
    const count = readCount(bits, left);
    left -= Math.abs(count);
    counts.push(count);
    for (let more = count === 0 ? 3 : 0; more === 3; ) {
      more = bits.read(2);
      for (let zero = 0; zero < more; zero++) counts.push(0);
    }
    if (counts.length > mostSymbols) throw new Damage('a table has too many symbols');
  }
  return { table: fseTable(counts, log), used: bits.used() };
}

/** Small numbers take a bit less where the greatest that is possible allows it. -1: less than one. */
function readCount(bits: Forwards, left: number): number {
  const width = 32 - Math.clz32(left + 1);
  const value = bits.peek(width);
  const mask = (1 << (width - 1)) - 1;
  const spare = (1 << width) - 1 - (left + 1);
  if ((value & mask) < spare) {
    bits.skip(width - 1);
    return (value & mask) - 1;
  }
  bits.skip(width);
  return (value > mask ? value - spare : value) - 1;
}

export function fseTable(counts: readonly number[], log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = counts.map((count) => Math.abs(count));
  let high = size;
  for (const [symbol, count] of counts.entries()) if (count === -1) symbols[--high] = symbol;
  spread(counts, symbols, high);
  const bits = new Uint8Array(size);
  const base = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] ?? 0;
    const number = next[symbol] ?? 0;
    next[symbol] = number + 1;
    const width = log - (31 - Math.clz32(number));
    bits[state] = width;
    base[state] = (number << width) - size;
  }
  return { log, symbols, bits, base };
}

/** Each symbol as often as its count says, in steps that visit every place once. */
function spread(counts: readonly number[], symbols: Uint8Array, high: number): void {
  const size = symbols.length;
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (const [symbol, count] of counts.entries()) {
    for (let copy = 0; copy < count; copy++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  }
}

/** A walk through a table. */
export class FseState {
  private state: number;

  constructor(
    private readonly table: FseTable,
    bits: Backwards,
  ) {
    this.state = bits.read(table.log);
  }

  symbol(): number {
    return this.table.symbols[this.state] ?? 0;
  }

  step(bits: Backwards): void {
    const { state, table } = this;
    this.state = (table.base[state] ?? 0) + bits.read(table.bits[state] ?? 0);
  }
}
