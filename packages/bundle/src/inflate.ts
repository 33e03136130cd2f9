/** One deflate stream (RFC 1951) out of longer data: exactly its bytes are taken, and all that could be unpacked is given before an error. */
import { createInflateRaw } from 'node:zlib';
import type { Bytes } from './bytes.js';

/** Small enough that even the strongest compression (1032:1) yields no more than 64 MiB before anybody looks again. */
const pieceSize = 65_536;

/** Throws zlib's error; one with the code `Z_BUF_ERROR` when the data end too early. */
export async function* inflateMember(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: 262_144 });
  const ready: Uint8Array[] = [];
  const failures: Error[] = [];
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      resolve();
    };
    inflate.on('data', (chunk: Uint8Array) => ready.push(chunk));
    inflate.on('error', (error) => {
      failures.push(error);
      end();
    });
    inflate.on('end', end);
  });
  try {
    while (!over) {
      const piece = await bytes.next(pieceSize);
      const before = inflate.bytesWritten;
      if (piece.length === 0) {
        inflate.end();
        await ended;
      } else {
        // At the end of the stream nobody calls back.
        await Promise.race([new Promise<void>((done) => inflate.write(piece, () => done())), ended]);
        if (!over && inflate.bytesWritten - before < piece.length) await ended;
      }
      if (over && failures.length === 0) bytes.putBack(piece.subarray(inflate.bytesWritten - before));
      yield* ready.splice(0);
    }
  } finally {
    inflate.destroy();
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
}
