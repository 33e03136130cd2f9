/** The literals of a block. RFC 8878 section 3.1.1.3.1. */
import { Damage } from './codec.js';
import { type HuffmanTable, readHuffmanStream, readHuffmanTable } from './zstd-huffman.js';

export interface Literals {
  readonly bytes: Uint8Array;
  /** Bytes of the block that they took up. */
  readonly used: number;
  /** For later blocks that have none of their own. */
  readonly table: HuffmanTable | null;
}

export function readLiterals(block: Uint8Array, before: HuffmanTable | null, most: number): Literals {
  const head = (block[0] ?? 0) | ((block[1] ?? 0) << 8) | ((block[2] ?? 0) << 16);
  const kind = head & 3;
  const format = (head >> 2) & 3;
  if (kind >= 2) return packedLiterals(block, format, kind === 3 ? before : 'own', most);
  const [from, size] =
    format === 3 ? [3, head >> 4] : format === 1 ? [2, (head & 0xffff) >> 4] : [1, (head & 0xff) >> 3];
  const used = from + (kind === 0 ? size : 1);
  if (size > most || used > block.length) throw new Damage('literals are too long');
  const bytes = kind === 0 ? block.subarray(from, used) : new Uint8Array(size).fill(block[from] ?? 0);
  return { bytes, used, table: before };
}

/** Codes, in one stream or in four; with a table of their own, or that of a block before. */
function packedLiterals(block: Uint8Array, format: number, given: HuffmanTable | 'own' | null, most: number): Literals {
  const width = [10, 10, 14, 18][format] ?? 0;
  const from = format < 2 ? 3 : format + 2;
  // Up to 40 bits: more than the operators for bits can hold.
  const head = block.subarray(0, from).reduceRight((sum, byte) => sum * 256 + byte, 0);
  const size = Math.floor(head / 16) % 2 ** width;
  const packed = Math.floor(head / 2 ** (4 + width)) % 2 ** width;
  const used = from + packed;
  if (size > most || used > block.length) throw new Damage('literals are too long');
  const data = block.subarray(from, used);
  if (given === null) throw new Damage('literals rely on a table that was not given');
  const own = given === 'own' ? readHuffmanTable(data) : { table: given, used: 0 };
  const bytes = new Uint8Array(size);
  const streams = data.subarray(own.used);
  if (format === 0) readHuffmanStream(own.table, streams, bytes);
  else readFourStreams(own.table, streams, bytes);
  return { bytes, used, table: own.table };
}

/** A table of jumps says how long the first three are. */
function readFourStreams(table: HuffmanTable, data: Uint8Array, into: Uint8Array): void {
  if (data.length < 6) throw new Damage('literals are cut off');
  const each = (into.length + 3) >> 2;
  let from = 6;
  for (let stream = 0; stream < 4; stream++) {
    const length = (data[2 * stream] ?? 0) | ((data[2 * stream + 1] ?? 0) << 8);
    const end = stream === 3 ? data.length : from + length;
    if (end > data.length || end <= from || each * stream > into.length) throw new Damage('literals are cut off');
    readHuffmanStream(table, data.subarray(from, end), into.subarray(each * stream, each * (stream + 1)));
    from = end;
  }
}
