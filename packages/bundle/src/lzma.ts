/** The LZMA decoder: binary decisions, each by the range coder and a probability that follows what was decided before. LZMA specification (7-Zip's LZMA SDK, lzma-specification.txt). */
import { Damage } from './codec.js';
import type { History } from './history.js';

/** Where the probabilities of each kind of decision lie; `<< 4` leaves room for the four lowest bits of the position. */
const states = 12;
const isMatch = 0;
const isRep = isMatch + (states << 4);
const isRep0 = isRep + states;
const isRep1 = isRep0 + states;
const isRep2 = isRep1 + states;
const isRep0Long = isRep2 + states;
const slots = isRep0Long + (states << 4);
const special = slots + 4 * 64;
const align = special + 128;
const lengths = align + 16;
/** Of one coder of lengths: two choices, then 16 trees of 3 bits, 16 of 3, and one of 8. */
const low = 2;
const middle = low + 16 * 8;
const high = middle + 16 * 8;
const repLengths = lengths + high + 256;
const literals = repLengths + high + 256;

const half = 1024;

/** What the range coder begins with. */
const shortest = 5;

export class Lzma {
  private probs: Uint16Array;
  private lc = 0;
  private lp = 0;
  private pb = 0;
  private state = 0;
  /** Distances of the last four matches, less one. */
  private rep0 = 0;
  private rep1 = 0;
  private rep2 = 0;
  private rep3 = 0;
  /** Bytes since the probabilities were set back, as far as their lowest bits matter. */
  private position = 0;
  private input: Uint8Array = new Uint8Array(0);
  private at = 0;
  /** The range coder's, as signed numbers of 32 bits. */
  private range = 0;
  private code = 0;

  constructor() {
    this.probs = new Uint16Array(literals);
  }

  /** False when such properties are not allowed in LZMA2. */
  setProperties(byte: number): boolean {
    const lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    if (pb > 4 || lc + lp > 4) return false;
    Object.assign(this, { lc, lp, pb });
    this.probs = new Uint16Array(literals + (0x300 << (lc + lp)));
    return true;
  }

  reset(): void {
    this.probs.fill(half);
    this.state = 0;
    this.rep0 = 0;
    this.rep1 = 0;
    this.rep2 = 0;
    this.rep3 = 0;
  }

  /** The position counts from here. */
  rewind(): void {
    this.position = 0;
  }

  /** Bytes that came without being packed. */
  advance(count: number): void {
    this.position += count;
  }

  /** Unpacks one chunk to exactly so many bytes; `history` has room for them. */
  decode(input: Uint8Array, history: History, count: number): void {
    const first = history.end - this.position;
    this.run(input, history, history.end + count);
    this.position = history.end - first;
    if (this.at !== input.length || this.code !== 0) throw new Damage('a chunk does not end where it should');
  }

  /** What the beginning of a chunk unpacks to. */
  decodeCut(input: Uint8Array, history: History, count: number): void {
    if (input.length >= shortest) this.run(input, history, history.end + count);
  }

  private run(input: Uint8Array, history: History, stop: number): void {
    this.start(input);
    const first = history.end - this.position;
    const positions = (1 << this.pb) - 1;
    while (history.end < stop) {
      const before = history.end;
      const position = (before - first) & positions;
      if (this.bit(isMatch + (this.state << 4) + position) === 0) this.literal(history, before - first);
      else {
        const length = this.bit(isRep + this.state) === 0 ? this.match(position) : this.repetition(position);
        if (length > stop - before) throw new Damage('a repetition is too long');
        history.repeat(this.rep0 + 1, length);
      }
      if (this.at <= input.length) continue;
      // The last decision was made from bytes that are not there.
      history.end = before;
      return;
    }
  }

  private start(input: Uint8Array): void {
    if (input.length < shortest || input[0] !== 0) throw new Damage('a chunk begins wrongly');
    this.input = input;
    this.range = -1;
    this.code = new DataView(input.buffer, input.byteOffset).getInt32(1);
    this.at = 5;
  }

  private bit(index: number): 0 | 1 {
    const { probs } = this;
    const prob = probs[index] ?? 0;
    const bound = Math.imul(this.range >>> 11, prob);
    let bit: 0 | 1 = 0;
    if (this.code >>> 0 < bound >>> 0) {
      this.range = bound;
      probs[index] = prob + ((2048 - prob) >>> 5);
    } else {
      this.range = (this.range - bound) | 0;
      this.code = (this.code - bound) | 0;
      probs[index] = prob - (prob >>> 5);
      bit = 1;
    }
    if (this.range >>> 24 === 0) this.shift();
    return bit;
  }

  private shift(): void {
    this.range <<= 8;
    this.code = (this.code << 8) | (this.input[this.at++] ?? 0);
  }

  private direct(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      this.range >>>= 1;
      const bit = this.code >>> 0 >= this.range ? 1 : 0;
      if (bit === 1) this.code = (this.code - this.range) | 0;
      value = (value << 1) | bit;
      if (this.range >>> 24 === 0) this.shift();
    }
    return value;
  }

  private tree(base: number, bits: number): number {
    let node = 1;
    for (let left = bits; left > 0; left--) node = (node << 1) | this.bit(base + node);
    return node - (1 << bits);
  }

  private reverseTree(base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let place = 0; place < bits; place++) {
      const bit = this.bit(base + node);
      node = (node << 1) | bit;
      value |= bit << place;
    }
    return value;
  }

  private literal(history: History, position: number): void {
    const { bytes, end } = history;
    const before = history.reachable() === 0 ? 0 : (bytes[end - 1] ?? 0);
    const context = ((position & ((1 << this.lp) - 1)) << this.lc) + (before >> (8 - this.lc));
    const base = literals + 0x300 * context;
    let node = 1;
    if (this.state >= 7) {
      if (this.rep0 >= history.reachable()) throw new Damage('it repeats what was not there');
      let matched = bytes[end - this.rep0 - 1] ?? 0;
      while (node < 0x100) {
        const expected = (matched >> 7) & 1;
        matched <<= 1;
        const bit = this.bit(base + ((1 + expected) << 8) + node);
        node = (node << 1) | bit;
        if (bit !== expected) break;
      }
    }
    while (node < 0x100) node = (node << 1) | this.bit(base + node);
    bytes[end] = node;
    history.end = end + 1;
    this.state = this.state < 4 ? 0 : this.state - (this.state < 10 ? 3 : 6);
  }

  private match(position: number): number {
    this.rep3 = this.rep2;
    this.rep2 = this.rep1;
    this.rep1 = this.rep0;
    const length = this.length(lengths, position);
    this.state = this.state < 7 ? 7 : 10;
    const slot = this.tree(slots + 64 * Math.min(length - 2, 3), 6);
    if (slot < 4) {
      this.rep0 = slot;
      return length;
    }
    const bits = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) << bits) >>> 0;
    // The end mark that LZMA has and LZMA2 has not would be the greatest of all distances: farther back than anything.
    this.rep0 =
      slot < 14
        ? base + this.reverseTree(special + base - slot, bits)
        : base + (this.direct(bits - 4) * 16 + this.reverseTree(align, 4));
    return length;
  }

  private repetition(position: number): number {
    if (this.bit(isRep0 + this.state) === 0) {
      if (this.bit(isRep0Long + (this.state << 4) + position) === 0) {
        this.state = this.state < 7 ? 9 : 11;
        return 1;
      }
    } else {
      const distance = this.olderDistance();
      this.rep1 = this.rep0;
      this.rep0 = distance;
    }
    const length = this.length(repLengths, position);
    this.state = this.state < 7 ? 8 : 11;
    return length;
  }

  private olderDistance(): number {
    if (this.bit(isRep1 + this.state) === 0) return this.rep1;
    const isThird = this.bit(isRep2 + this.state) === 0;
    const distance = isThird ? this.rep2 : this.rep3;
    if (!isThird) this.rep3 = this.rep2;
    this.rep2 = this.rep1;
    return distance;
  }

  private length(base: number, position: number): number {
    if (this.bit(base) === 0) return 2 + this.tree(base + low + 8 * position, 3);
    if (this.bit(base + 1) === 0) return 10 + this.tree(base + middle + 8 * position, 3);
    return 18 + this.tree(base + high, 8);
  }
}
