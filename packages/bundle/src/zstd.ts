/** One zstd frame, or one that is skipped. RFC 8878 section 3. */
import type { Bytes } from './bytes.js';
import { Damage, type MemberEnd, Unsupported } from './codec.js';
import { History } from './history.js';
import { Xxh64 } from './xxh64.js';
import type { HuffmanTable } from './zstd-huffman.js';
import { readLiterals } from './zstd-literals.js';
import { type Carried, runSequences } from './zstd-sequences.js';

const magic = 0xfd2fb528;
const skippable = 0x184d2a50;
const longestBlock = 131_072;

/** `zstd -d` itself refuses more than that unless told otherwise (--long=27). */
const largestWindow = 128 * 1024 * 1024;

export async function* zstdFrame(bytes: Bytes): AsyncGenerator<Uint8Array, MemberEnd> {
  const head = await bytes.take(4);
  const kind = kindOf(head);
  if (kind === 'none') {
    bytes.putBack(head);
    return 'none';
  }
  if (kind === 'skippable') return (await skipFrame(bytes)) ? 'ended' : 'cut off';
  const header = kind === 'cut off' ? null : await readHeader(bytes);
  if (header === null) return 'cut off';
  const frame: Frame = {
    history: new History(header.window),
    most: Math.min(header.window, longestBlock),
    huffman: null,
    carried: { tables: [null, null, null], offsets: [1, 4, 8] },
  };
  const sum = new Xxh64();
  let size = 0;
  for (let last = false; !last; ) {
    const block = await readBlock(bytes, frame);
    if (block === null) return 'cut off';
    last = block.last;
    size += block.bytes.length;
    sum.update(block.bytes);
    yield block.bytes;
  }
  if (header.size !== null && header.size !== size) throw new Damage('a frame is not as long as its header says');
  if (!header.hasChecksum) return 'ended';
  const stored = await bytes.take(4);
  if (stored.length < 4) return 'cut off';
  if (uint(stored) !== sum.digest()) throw new Damage('its checksum is wrong');
  return 'ended';
}

function kindOf(head: Uint8Array): 'frame' | 'skippable' | 'none' | 'cut off' {
  if (head.length === 4) {
    const value = uint(head);
    if (value === magic) return 'frame';
    return value >= skippable && value < skippable + 16 ? 'skippable' : 'none';
  }
  const isBeginning = (first: number) =>
    head.every(
      (byte, at) =>
        ((first >>> (8 * at)) & (at === 0 && first === skippable ? 0xf0 : 0xff)) ===
        (at === 0 && first === skippable ? byte & 0xf0 : byte),
    );
  return head.length > 0 && (isBeginning(magic) || isBeginning(skippable)) ? 'cut off' : 'none';
}

async function skipFrame(bytes: Bytes): Promise<boolean> {
  const length = await bytes.take(4);
  return length.length === 4 && (await bytes.skip(uint(length))) === uint(length);
}

interface FrameHeader {
  readonly window: number;
  /** null: it does not say. */
  readonly size: number | null;
  readonly hasChecksum: boolean;
}

/** null: it is cut off. */
async function readHeader(bytes: Bytes): Promise<FrameHeader | null> {
  const [descriptor] = await bytes.take(1);
  if (descriptor === undefined) return null;
  const isSingle = (descriptor & 0x20) !== 0;
  const idLength = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeLength = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const length = (isSingle ? 0 : 1) + idLength + sizeLength;
  const rest = await bytes.take(length);
  if (rest.length < length) return null;
  if ((descriptor & 8) !== 0) throw new Unsupported('flags of a later version');
  const sizeFrom = length - sizeLength;
  if (uint(rest.subarray(sizeFrom - idLength, sizeFrom)) !== 0) throw new Unsupported('a dictionary');
  const size = sizeLength === 0 ? null : uint(rest.subarray(sizeFrom)) + (sizeLength === 2 ? 256 : 0);
  const window = isSingle ? (size ?? 0) : windowOf(rest[0] ?? 0);
  if (window > largestWindow) throw new Unsupported(`a window of ${Math.round(window / 2 ** 20)} MiB`);
  return { window, size, hasChecksum: (descriptor & 4) !== 0 };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** What goes on from block to block. */
interface Frame {
  readonly history: History;
  readonly most: number;
  huffman: HuffmanTable | null;
  readonly carried: Carried;
}

/** null: it is cut off. */
async function readBlock(
  bytes: Bytes,
  frame: Frame,
): Promise<{ readonly bytes: Uint8Array; readonly last: boolean } | null> {
  const { history, most } = frame;
  const head = await bytes.take(3);
  if (head.length < 3) return null;
  const value = uint(head);
  const [last, kind, size] = [(value & 1) === 1, (value >> 1) & 3, value >> 3];
  if (kind === 3 || size > most) throw new Damage('a block of a kind or size that cannot be');
  const data = await bytes.take(kind === 1 ? 1 : size);
  if (data.length < (kind === 1 ? 1 : size)) return null;
  // Frames may be many and tiny: only what has to be is made room for.
  history.reserve(kind === 2 ? most : size);
  const from = history.end;
  if (kind === 0) history.append(data);
  else if (kind === 1) history.append(new Uint8Array(size).fill(data[0] ?? 0));
  else {
    const literals = readLiterals(data, frame.huffman, most);
    frame.huffman = literals.table;
    runSequences(data.subarray(literals.used), literals.bytes, history, frame.carried, most);
  }
  return { bytes: history.last(history.end - from), last };
}

/** The lowest byte first. */
function uint(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
