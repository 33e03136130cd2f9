/** LZMA2: LZMA in chunks that say how long they are, and what of the decoder is set back before them. The .xz file format, section 5.3.1; LZMA SDK, Lzma2Dec.c. */
import type { Bytes } from './bytes.js';
import { Damage } from './codec.js';
import type { History } from './history.js';
import { Lzma } from './lzma.js';

/** What the next chunk must set back, from what has been since the beginning. */
type Owed = 'dictionary' | 'properties' | 'nothing';

/** Control bytes: the end; bytes as they are, with or without a new dictionary; all from 0x80 on are packed. */
const end = 0;
const plainAnew = 1;
const plain = 2;
const packed = 0x80;

export async function* lzma2(bytes: Bytes, history: History): AsyncGenerator<Uint8Array, 'ended' | 'cut off'> {
  const lzma = new Lzma();
  let owed: Owed = 'dictionary';
  for (;;) {
    const [control] = await bytes.take(1);
    if (control === undefined) return 'cut off';
    if (control === end) return 'ended';
    if (control > plain && control < packed) throw new Damage('a chunk of unknown kind');
    if (control === plainAnew || control >= 0xe0) {
      history.reset();
      lzma.rewind();
      owed = 'properties';
    } else if (owed === 'dictionary') throw new Damage('its first chunk relies on one before');
    if (control < packed) {
      const piece = await plainChunk(bytes, history, lzma);
      if (piece === null) return 'cut off';
      yield piece;
      continue;
    }
    const header = await bytes.take(control >= 0xc0 ? 5 : 4);
    if (header.length < (control >= 0xc0 ? 5 : 4)) return 'cut off';
    const [a = 0, b = 0, c = 0, d = 0, properties = 0] = header;
    if (control >= 0xc0) {
      if (!lzma.setProperties(properties)) throw new Damage('a chunk has properties that cannot be');
      owed = 'nothing';
    } else if (owed === 'properties') throw new Damage('a chunk relies on properties that were not given');
    if (control >= 0xa0) lzma.reset();
    const size = (c << 8) + d + 1;
    const input = await bytes.take(size);
    const count = ((control & 0x1f) << 16) + (a << 8) + b + 1;
    history.reserve(count);
    const from = history.end;
    if (input.length === size) lzma.decode(input, history, count);
    else lzma.decodeCut(input, history, count);
    yield history.last(history.end - from);
    if (input.length < size) return 'cut off';
  }
}

async function plainChunk(bytes: Bytes, history: History, lzma: Lzma): Promise<Uint8Array | null> {
  const [high, low] = await bytes.take(2);
  if (high === undefined || low === undefined) return null;
  const length = (high << 8) + low + 1;
  const piece = await bytes.take(length);
  if (piece.length < length) return null;
  history.append(piece);
  lzma.advance(length);
  return piece;
}
