/** One .xz stream: blocks, their index, and checks of all of it. The .xz file format 1.2. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Bytes } from './bytes.js';
import { Damage, type MemberEnd, Unsupported } from './codec.js';
import { Crc64 } from './crc64.js';
import { History } from './history.js';
import { lzma2 } from './lzma2.js';

const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];

/** More than `xz -9` asks for; nobody else's memory is to be had by a number in a header. */
const largestDictionary = 512 * 1024 * 1024;

/** What the index says of a block, too. */
interface BlockSizes {
  /** Header, data and check, without padding. */
  readonly unpadded: number;
  readonly unpacked: number;
}

/** Its magic, then what kind of check ends each block. Streams may be padded with NULs, in fours. */
export async function* xzStream(bytes: Bytes): AsyncGenerator<Uint8Array, MemberEnd> {
  const head = await streamHeader(bytes);
  if (head === 'none' || head === 'cut off') return head;
  const blocks: BlockSizes[] = [];
  for (;;) {
    const from = bytes.offset();
    const [size] = await bytes.take(1);
    if (size === undefined) return 'cut off';
    if (size === 0) return (await indexAndFooter(bytes, from, blocks, head)) ? 'ended' : 'cut off';
    const sizes = yield* block(bytes, size, head.check);
    if (sizes === null) return 'cut off';
    blocks.push(sizes);
  }
}

interface StreamFlags {
  readonly check: number;
  readonly flags: Uint8Array;
}

async function streamHeader(bytes: Bytes): Promise<StreamFlags | 'none' | 'cut off'> {
  let head = await bytes.take(4);
  while (head.length === 4 && head.every((byte) => byte === 0)) head = await bytes.take(4);
  const rest = await bytes.take(8);
  const length = head.length + rest.length;
  const whole = new Uint8Array(length);
  whole.set(head);
  whole.set(rest, head.length);
  if (length === 0 || magic.some((byte, at) => at < length && whole[at] !== byte)) {
    bytes.putBack(whole);
    return 'none';
  }
  if (length < 12) return 'cut off';
  const flags = whole.subarray(6, 8);
  if (crc32(flags) !== uint32(whole, 8)) throw new Damage("a stream's header has a wrong checksum");
  const [reserved = 0, check = 0] = flags;
  if (reserved !== 0 || check > 15) throw new Unsupported('flags of a later version');
  return { check, flags };
}

/** null: it is cut off. */
async function* block(bytes: Bytes, size: number, checkKind: number): AsyncGenerator<Uint8Array, BlockSizes | null> {
  const from = bytes.offset() - 1;
  const rest = await bytes.take(size * 4 + 3);
  if (rest.length < size * 4 + 3) return null;
  const header = readBlockHeader(Uint8Array.from([size, ...rest]));
  const dataFrom = bytes.offset();
  const check = checkOf(checkKind);
  let unpacked = 0;
  const pieces = lzma2(bytes, new History(header.dictionary));
  for (let step = await pieces.next(); ; step = await pieces.next()) {
    if (step.done === true && step.value === 'cut off') return null;
    if (step.done === true) break;
    unpacked += step.value.length;
    check.update(step.value);
    yield step.value;
  }
  const packed = bytes.offset() - dataFrom;
  if ((header.packed ?? packed) !== packed || (header.unpacked ?? unpacked) !== unpacked)
    throw new Damage('a block is not as long as its header says');
  const padding = (4 - (packed % 4)) % 4;
  const tail = await bytes.take(padding + check.length);
  if (tail.length < padding + check.length) return null;
  const unpadded = bytes.offset() - from - padding;
  if (!check.agrees(tail.subarray(padding)) || tail.subarray(0, padding).some((byte) => byte !== 0))
    throw new Damage('a block has a wrong checksum');
  return { unpadded, unpacked };
}

interface BlockHeader {
  readonly packed: number | null;
  readonly unpacked: number | null;
  readonly dictionary: number;
}

const lzma2Filter = 0x21;

function readBlockHeader(header: Uint8Array): BlockHeader {
  const end = header.length - 4;
  if (crc32(header.subarray(0, end)) !== uint32(header, end)) throw new Damage("a block's header has a wrong checksum");
  const flags = header[1] ?? 0;
  if ((flags & 0x3c) !== 0) throw new Unsupported('flags of a later version');
  const numbers = numbersOf(header.subarray(0, end), 2);
  const packed = (flags & 0x40) === 0 ? null : numbers.next();
  const unpacked = (flags & 0x80) === 0 ? null : numbers.next();
  const filter = numbers.next();
  if ((flags & 3) !== 0 || filter !== lzma2Filter) throw new Unsupported('a filter for programs (BCJ) or delta');
  if (numbers.next() !== 1) throw new Damage("a block's header is wrong");
  return { packed, unpacked, dictionary: dictionaryOf(numbers.next()) };
}

function dictionaryOf(bits: number): number {
  if (bits > 40) throw new Damage("a block's header is wrong");
  const size = bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
  if (size > largestDictionary) throw new Unsupported(`a dictionary of ${Math.round(size / 2 ** 20)} MiB`);
  return size;
}

/** False when the data end before it does. */
async function indexAndFooter(
  bytes: Bytes,
  from: number,
  blocks: readonly BlockSizes[],
  { flags }: StreamFlags,
): Promise<boolean> {
  const read: number[] = [0];
  const numbers = [blocks.length, ...blocks.flatMap(({ unpadded, unpacked }) => [unpadded, unpacked])];
  for (const wanted of numbers) {
    const number = await numberIn(bytes, read);
    if (number === null) return false;
    if (number !== wanted) throw new Damage('its index tells of other blocks');
  }
  const rest = await bytes.take(((4 - (read.length % 4)) % 4) + 4);
  const padding = rest.subarray(0, -4);
  const footer = await bytes.take(12);
  if (footer.length < 12) return false;
  const size = bytes.offset() - 12 - from;
  if (
    padding.some((byte) => byte !== 0) ||
    crc32(Uint8Array.from([...read, ...padding])) !== uint32(rest, padding.length)
  )
    throw new Damage('its index has a wrong checksum');
  const sound =
    uint32(footer, 0) === crc32(footer.subarray(4, 10)) &&
    uint32(footer, 4) === size / 4 - 1 &&
    footer[8] === flags[0] &&
    footer[9] === flags[1] &&
    footer[10] === 0x59 &&
    footer[11] === 0x5a;
  if (!sound) throw new Damage('its end is wrong');
  return true;
}

/** Seven bits a byte, the lowest first, up to 63 bits; `read` gets the bytes. null: cut off. */
async function numberIn(bytes: Bytes, read: number[]): Promise<number | null> {
  for (let value = 0, place = 1, count = 0; count < 9; count++, place *= 128) {
    const [byte] = await bytes.take(1);
    if (byte === undefined) return null;
    read.push(byte);
    value += (byte & 0x7f) * place;
    if (byte < 0x80) return value;
  }
  throw new Damage('its index has a number that cannot be');
}

function numbersOf(header: Uint8Array, from: number): { next: () => number } {
  let at = from;
  return {
    next: () => {
      for (let value = 0, place = 1; at < header.length; place *= 128) {
        const byte = header[at++] ?? 0;
        value += (byte & 0x7f) * place;
        if (byte < 0x80) return value;
      }
      throw new Damage("a block's header is wrong");
    },
  };
}

interface Check {
  readonly length: number;
  readonly update: (piece: Uint8Array) => void;
  readonly agrees: (stored: Uint8Array) => boolean;
}

/** Lengths of the kinds 0 to 15; only four of them are in use. */
const checkLengths = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

function checkOf(kind: number): Check {
  const length = checkLengths[kind] ?? 0;
  if (kind === 1) {
    let sum = 0;
    const update = (piece: Uint8Array) => {
      sum = crc32(piece, sum);
    };
    return { length, update, agrees: (stored) => uint32(stored, 0) === sum };
  }
  if (kind === 4) {
    const sum = new Crc64();
    return { length, update: (piece) => sum.update(piece), agrees: (stored) => isSame(sum.digest(), stored) };
  }
  if (kind === 10) {
    const sum = createHash('sha256');
    return { length, update: (piece) => void sum.update(piece), agrees: (stored) => isSame(sum.digest(), stored) };
  }
  if (kind !== 0) throw new Unsupported(`a check of kind ${kind}`);
  return { length, update: () => {}, agrees: () => true };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true);
}
