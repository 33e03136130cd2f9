/** Huffman codes of literals. RFC 8878 section 4.2. */
import { Damage } from './codec.js';
import { Backwards } from './zstd-bits.js';
import { FseState, readFseTable } from './zstd-fse.js';

export interface HuffmanTable {
  readonly log: number;
  /** By the next `log` bits: the symbol that they begin with, and how long its code is. */
  readonly symbols: Uint8Array;
  readonly lengths: Uint8Array;
}

const mostLog = 11;

export function readHuffmanTable(data: Uint8Array): { readonly table: HuffmanTable; readonly used: number } {
  const [head] = data;
  if (head === undefined) throw new Damage('a table is cut off');
  if (head < 128) {
    const packed = data.subarray(1, 1 + head);
    if (packed.length < head) throw new Damage('a table is cut off');
    return { table: tableOf(packedWeights(packed)), used: 1 + head };
  }
  const count = head - 127;
  const used = 1 + ((count + 1) >> 1);
  if (data.length < used) throw new Damage('a table is cut off');
  const weights = Array.from({ length: count }, (_, at) => {
    const byte = data[1 + (at >> 1)] ?? 0;
    return at % 2 === 0 ? byte >> 4 : byte & 15;
  });
  return { table: tableOf(weights), used };
}

/** Two states take turns until the bits are used up; each then has one symbol more to say. */
function packedWeights(data: Uint8Array): number[] {
  const { table, used } = readFseTable(data, 6, 256);
  const bits = new Backwards(data.subarray(used));
  const weights: number[] = [];
  const states = [new FseState(table, bits), new FseState(table, bits)] as const;
  for (let turn: 0 | 1 = 0; ; turn = turn === 0 ? 1 : 0) {
    weights.push(states[turn].symbol());
    states[turn].step(bits);
    if (weights.length > 255) throw new Damage('a table has too many symbols');
    if (bits.left >= 0) continue;
    weights.push(states[turn === 0 ? 1 : 0].symbol());
    return weights;
  }
}

/** The last weight is not stored: it makes the sum a power of two. */
function tableOf(weights: number[]): HuffmanTable {
  if (weights.some((weight) => weight > mostLog)) throw new Damage('a table is no code');
  const shares = (weight: number) => (weight === 0 ? 0 : 1 << (weight - 1));
  const sum = weights.reduce((before, weight) => before + shares(weight), 0);
  const log = 32 - Math.clz32(sum);
  const rest = (1 << log) - sum;
  if (sum === 0 || log > mostLog || weights.length > 255 || (rest & (rest - 1)) !== 0)
    throw new Damage('a table is no code');
  weights.push(32 - Math.clz32(rest));
  const symbols = new Uint8Array(1 << log);
  const lengths = new Uint8Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (const [symbol, own] of weights.entries()) {
      if (own !== weight) continue;
      symbols.fill(symbol, at, at + shares(weight));
      lengths.fill(log + 1 - weight, at, at + shares(weight));
      at += shares(weight);
    }
  }
  return { log, symbols, lengths };
}

export function readHuffmanStream({ log, symbols, lengths }: HuffmanTable, data: Uint8Array, into: Uint8Array): void {
  const bits = new Backwards(data);
  for (let at = 0; at < into.length; at++) {
    const code = bits.peek(log);
    into[at] = symbols[code] ?? 0;
    bits.left -= lengths[code] ?? 0;
  }
  if (bits.left !== 0) throw new Damage('literals do not end where they should');
}
