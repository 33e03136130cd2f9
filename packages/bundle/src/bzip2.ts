/** One bzip2 stream, block by block: seek-bzip unpacks a block and verifies its checksum; where it ends and the next begins is found here. The format: decompress.c of bzip2 1.0.8. */
import Bunzip, { type Input, type Output } from 'seek-bzip';
import type { Bytes } from './bytes.js';
import { Damage, type MemberEnd, Unsupported } from './codec.js';

/** Bytes to have at hand for the first block; the next ones are about as long as those before. */
const firstGuess = 32_768;

/** What begins a block: the digits of pi; and what ends a stream: those of its root. Six bytes at any bit. */
const blockMark = 0x314159265359;
const endMark = 0x177245385090;

/** With this instead of its own beginning, a stream gets the least room for a block: to make much for each of many small streams takes far longer than to unpack them. */
const leastRoom = Buffer.from('BZh1');

/** A mark, and the checksum behind it. */
const headLength = 10;

export async function* bzip2Stream(bytes: Bytes): AsyncGenerator<Uint8Array, MemberEnd> {
  const head = await bytes.take(4);
  const level = (head[3] ?? 0x31) - 0x30;
  if (head.length === 0 || !isBeginning(head) || level < 1 || level > 9) {
    bytes.putBack(head);
    return 'none';
  }
  let held: Uint8Array = new Uint8Array(0);
  let wanted = firstGuess;
  let bit = 0;
  let sum = 0;
  let room: Uint8Array = leastRoom;
  for (;;) {
    const more = await gathered(bytes, held, wanted);
    held = more.held;
    const step = nextBlock(room, held, bit, room === head);
    if (step === 'cut off') {
      if (more.atEnd) return 'cut off';
      wanted = 2 * held.length;
      continue;
    }
    if (step === 'no room') {
      room = head;
      continue;
    }
    if ('ends' in step) {
      bytes.putBack(held.subarray(Math.ceil(step.ends / 8)));
      if (step.checksum !== sum) throw new Damage('its checksum is wrong');
      return 'ended';
    }
    sum = (((sum << 1) | (sum >>> 31)) ^ step.checksum) >>> 0;
    yield* step.pieces;
    wanted = Math.ceil((1.5 * step.next) / 8);
    held = held.subarray(step.next >> 3);
    bit = step.next & 7;
  }
}

/** So many bytes, or all there are. */
async function gathered(
  bytes: Bytes,
  before: Uint8Array,
  wanted: number,
): Promise<{ readonly held: Uint8Array; readonly atEnd: boolean }> {
  const pieces = before.length === 0 ? [] : [before];
  let length = before.length;
  let atEnd = false;
  while (length < wanted && !atEnd) {
    const piece = await bytes.next(wanted - length);
    atEnd = piece.length === 0;
    length += piece.length;
    if (!atEnd) pieces.push(piece);
  }
  // A piece alone is not copied: many small streams would be quadratic.
  const [first = before] = pieces;
  return { held: pieces.length < 2 ? first : Buffer.concat(pieces), atEnd };
}

function isBeginning(head: Uint8Array): boolean {
  return [0x42, 0x5a, 0x68].every((byte, at) => at >= head.length || head[at] === byte);
}

interface Block {
  readonly checksum: number;
  readonly pieces: readonly Uint8Array[];
  /** The bit where the next begins. */
  readonly next: number;
}

/** The end of a stream: its checksum, and the bit behind. */
interface End {
  readonly checksum: number;
  readonly ends: number;
}

/** A block that is whole, or the end. 'no room': it is damaged, or longer than was taken for granted. */
function nextBlock(
  head: Uint8Array,
  held: Uint8Array,
  bit: number,
  hasRoom: boolean,
): Block | End | 'cut off' | 'no room' {
  try {
    const mark = markAt(held, bit);
    const checksum = bitsAt(held, bit + 48, 32);
    if (mark === endMark) return { checksum, ends: bit + 8 * headLength };
    if (mark !== blockMark) throw new Damage('a block begins wrongly');
    const input = new HeldInput(head, held);
    const output = new Pieces();
    Bunzip.decodeBlock(input, 8 * head.length + bit, output);
    return { checksum, pieces: output.whole(), next: nextMark(held, input.used()) };
  } catch (error) {
    if (error instanceof Cut) return 'cut off';
    if (error instanceof Damage) throw error;
    if (!hasRoom) return 'no room';
    throw asDamage(error);
  }
}

function asDamage(error: unknown): Error {
  const { errorCode, message } = error as { readonly errorCode?: number; readonly message: string };
  if (errorCode === Bunzip.Err.OBSOLETE_INPUT) return new Unsupported('randomised blocks (bzip2 before 0.9.5)');
  return new Damage(/checksum|CRC/.test(message) ? 'a block has a wrong checksum' : 'a block is none');
}

/** A block ends at some bit of the byte that was read last; what follows begins with a mark. */
function nextMark(held: Uint8Array, used: number): number {
  for (let bit = 8 * used - 7; bit <= 8 * used; bit++) {
    const mark = markAt(held, bit);
    if (mark === blockMark || mark === endMark) return bit;
  }
  throw new Damage('a block begins wrongly');
}

function markAt(held: Uint8Array, bit: number): number {
  return bitsAt(held, bit, 24) * 2 ** 24 + bitsAt(held, bit + 24, 24);
}

/** Up to 32 bits, the highest of a byte first. */
function bitsAt(held: Uint8Array, bit: number, count: number): number {
  let value = 0;
  for (let at = bit; at < bit + count; at++) {
    const byte = held[at >> 3];
    if (byte === undefined) throw new Cut();
    value = value * 2 + ((byte >> (7 - (at & 7))) & 1);
  }
  return value;
}

/** The data at hand end too early. */
class Cut extends Error {}

/** The beginning of the stream, and what is at hand as if it came next. */
class HeldInput implements Input {
  private at = 0;

  constructor(
    private readonly head: Uint8Array,
    private readonly held: Uint8Array,
  ) {}

  readByte(): number {
    const { at, head, held } = this;
    const byte = at < head.length ? head[at] : held[at - head.length];
    if (byte === undefined) throw new Cut();
    this.at = at + 1;
    return byte;
  }

  read(into: Uint8Array, from: number, count: number): number {
    for (let at = from; at < from + count; at++) into[at] = this.readByte();
    return count;
  }

  seek(at: number): void {
    this.at = at;
  }

  /** Bytes of what is at hand that were begun. */
  used(): number {
    return this.at - this.head.length;
  }
}

const firstPiece = 1024;
const longestPiece = 262_144;

class Pieces implements Output {
  private readonly full: Uint8Array[] = [];
  private piece = new Uint8Array(firstPiece);
  private length = 0;

  writeByte(byte: number): void {
    if (this.length === this.piece.length) {
      this.full.push(this.piece);
      this.piece = new Uint8Array(Math.min(longestPiece, 4 * this.length));
      this.length = 0;
    }
    this.piece[this.length++] = byte;
  }

  whole(): readonly Uint8Array[] {
    return [...this.full, this.piece.subarray(0, this.length)];
  }
}
