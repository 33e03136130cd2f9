/** One bzip2 stream: blocks with a checksum each, and one of all. Source of truth: decompress.c and blocksort.c of bzip2 1.0.8. */

import type { Bytes } from './bytes.js';
import { Cut, ForwardBits } from './bzip2-bits.js';
import { type Bzip2Block, readBlock } from './bzip2-block.js';
import { Damage, type MemberEnd } from './codec.js';

/** Bytes to have at hand for the first block; the next ones are about as long as those before. */
const firstGuess = 32_768;

/** First half of what begins a block: the digits of pi; and of what ends a stream: those of its root. */
const blockMark = [0x314159, 0x265359];
const endMark = [0x177245, 0x385090];

export async function* bzip2Stream(bytes: Bytes): AsyncGenerator<Uint8Array, MemberEnd> {
  const head = await bytes.take(4);
  const level = (head[3] ?? 0x31) - 0x30;
  if (head.length === 0 || !isBeginning(head) || level < 1 || level > 9) {
    bytes.putBack(head);
    return 'none';
  }
  if (head.length < 4) return 'cut off';
  let bits = new ForwardBits(new Uint8Array(0));
  let wanted = firstGuess;
  let sum = 0;
  for (;;) {
    const more = await gathered(bytes, bits, wanted);
    const place = more.bits.copy();
    const block = orCut(() => nextBlock(place, level * 100_000));
    if (block === 'cut off' && more.atEnd) return 'cut off';
    if (block === 'cut off') {
      bits = more.bits;
      wanted = 2 * more.bits.left();
      continue;
    }
    wanted = Math.ceil(1.5 * (more.bits.left() - place.left()));
    bits = place;
    if (typeof block === 'number') {
      bytes.putBack(bits.rest());
      if (block !== sum) throw new Damage('its checksum is wrong');
      return 'ended';
    }
    sum = ((sum << 1) | (sum >>> 31)) ^ block.checksum;
    sum >>>= 0;
    const text = new BlockText(block);
    for (let piece = text.next(); piece.length > 0; piece = text.next()) yield piece;
    if (!text.isSound()) throw new Damage('a block has a wrong checksum');
  }
}

/** So many bytes, or all there are. */
async function gathered(
  bytes: Bytes,
  from: ForwardBits,
  wanted: number,
): Promise<{ readonly bits: ForwardBits; readonly atEnd: boolean }> {
  let bits = from;
  while (bits.left() < wanted) {
    const piece = await bytes.next(wanted - bits.left());
    if (piece.length === 0) return { bits, atEnd: true };
    bits = bits.followedBy(piece);
  }
  return { bits, atEnd: false };
}

function isBeginning(head: Uint8Array): boolean {
  return [0x42, 0x5a, 0x68].every((byte, at) => at >= head.length || head[at] === byte);
}

/** A block, or the checksum that ends the stream. */
function nextBlock(bits: ForwardBits, size: number): Bzip2Block | number {
  const mark = [bits.read(24), bits.read(24)];
  if (mark.every((half, at) => half === blockMark[at])) return readBlock(bits, size);
  if (mark.some((half, at) => half !== endMark[at])) throw new Damage('a block begins wrongly');
  return bits.read(16) * 65_536 + bits.read(16);
}

function orCut<Value>(read: () => Value): Value | 'cut off' {
  try {
    return read();
  } catch (error) {
    if (error instanceof Cut) return 'cut off';
    throw error;
  }
}

const pieceSize = 262_144;

/** The block's bytes in their order, runs of four and a count made long again; then its checksum is checked. */
class BlockText {
  private at: number;
  private left: number;
  private sum = -1;
  /** The byte that came last, how often in a row, and how often it comes still. */
  private byte = -1;
  private run = 0;
  private copies = 0;

  constructor(private readonly block: Bzip2Block) {
    this.at = block.first;
    this.left = block.count;
  }

  /** The next piece; an empty one at the end. */
  next(): Uint8Array {
    const piece = new Uint8Array(Math.min(pieceSize, 4 * this.left + this.copies));
    const { chain } = this.block;
    const table = crcTable();
    let { at, left, sum, byte, run, copies } = this;
    let length = 0;
    for (;;) {
      const stop = Math.min(piece.length, length + copies);
      copies -= stop - length;
      while (length < stop) {
        sum = (sum << 8) ^ (table[(sum >>> 24) ^ byte] as number);
        piece[length++] = byte;
      }
      if (length === piece.length || left === 0) break;
      const entry = chain[at] as number;
      const next = entry & 0xff;
      at = entry >>> 8;
      left--;
      if (run === 4) {
        copies = next;
        run = 0;
        continue;
      }
      run = run > 0 && next === byte ? run + 1 : 1;
      byte = next;
      copies = 1;
    }
    this.at = at;
    this.left = left;
    this.sum = sum;
    this.byte = byte;
    this.run = run;
    this.copies = copies;
    return piece.subarray(0, length);
  }

  isSound(): boolean {
    return ~this.sum >>> 0 === this.block.checksum;
  }
}

let madeTable: Int32Array | null = null;

/** CRC-32 as bzip2 has it, the highest bit first; zlib's goes the other way. */
function crcTable(): Int32Array {
  if (madeTable !== null) return madeTable;
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0);
    table[byte] = sum;
  }
  madeTable = table;
  return table;
}
