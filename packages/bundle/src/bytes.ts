/** A stream of bytes taken in pieces of wanted sizes, with a look at its beginning that takes nothing. */

export type Chunks = AsyncIterable<Uint8Array>;

export interface Bytes {
  /** Bytes taken or skipped so far. */
  readonly offset: () => number;
  /** What is at hand, at most so many bytes; none only where the stream ends. */
  readonly next: (most: number) => Promise<Uint8Array>;
  /** Returns the end of what was taken last. */
  readonly putBack: (piece: Uint8Array) => void;
  /** The next bytes; fewer only where the stream ends. */
  readonly take: (count: number) => Promise<Uint8Array>;
  /** How many bytes could be skipped. */
  readonly skip: (count: number) => Promise<number>;
}

export function bytesOf(chunks: Chunks): Bytes {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let offset = 0;
  const next = async (most: number): Promise<Uint8Array> => {
    while (rest.length === 0) {
      const { done, value } = await iterator.next();
      if (done === true) return rest;
      rest = value;
    }
    const piece = rest.subarray(0, most);
    rest = rest.subarray(piece.length);
    offset += piece.length;
    return piece;
  };
  return {
    offset: () => offset,
    next,
    putBack: (piece) => {
      rest = joined(piece, rest);
      offset -= piece.length;
    },
    take: async (count) => {
      const taken = new Uint8Array(count);
      let length = 0;
      while (length < count) {
        const piece = await next(count - length);
        if (piece.length === 0) break;
        taken.set(piece, length);
        length += piece.length;
      }
      return taken.subarray(0, length);
    },
    skip: async (count) => {
      let length = 0;
      while (length < count) {
        const piece = await next(count - length);
        if (piece.length === 0) break;
        length += piece.length;
      }
      return length;
    },
  };
}

/** Pieces that lie side by side are not copied: many small members would be quadratic. */
function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (other.length === 0) return one;
  if (one.buffer === other.buffer && one.byteOffset + one.length === other.byteOffset)
    return new Uint8Array(one.buffer, one.byteOffset, one.length + other.length);
  return new Uint8Array(Buffer.concat([one, other]));
}

export interface Peeked {
  readonly head: Uint8Array;
  /** The whole stream, its beginning included. */
  readonly all: Chunks;
}

export async function peek(chunks: Chunks, count: number): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let length = 0;
  while (length < count) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    read.push(value);
    length += value.length;
  }
  const head = new Uint8Array(Buffer.concat(read).subarray(0, count));
  return { head, all: again(read, iterator) };
}

async function* again(read: Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* read.splice(0);
  try {
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) yield step.value;
  } finally {
    await iterator.return?.();
  }
}

/** The whole stream as one piece; null when it is longer than `most`. */
export async function collect(chunks: Chunks, most: number): Promise<Uint8Array | null> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > most) return null;
    read.push(chunk);
  }
  return read.length === 1 && read[0] !== undefined ? read[0] : Buffer.concat(read);
}
