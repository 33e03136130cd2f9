/** Gzip members one after the other (RFC 1952), as far as they are sound; a bomb is stopped while it goes off. */
import { crc32 } from 'node:zlib';
import { type Bytes, bytesOf, type Chunks } from './bytes.js';
import { skipGzipHeader } from './gzip-header.js';
import { inflateMember } from './inflate.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';

/** What is known when the stream has ended. */
export interface GunzipState {
  /** The data stop in the middle of a member. */
  cutOff: boolean;
  /** Bytes behind the last member that are no gzip data; padding with NULs does not count. */
  trailing: number;
}

const unguarded = 10 * 1024 * 1024;

/** Node's own gunzip loses what it has unpacked when the data end too early, and calls garbage behind the end damage. */
export async function* gunzip(
  packed: Chunks,
  limits: Limits,
  name: string,
  state: GunzipState,
): AsyncGenerator<Uint8Array> {
  const bytes = bytesOf(packed);
  let made = 0;
  const guard = (count: number) => {
    made += count;
    if (made > unguarded && made > bytes.offset() * limits.ratio)
      throw new InputError(
        `${name}: unpacks to more than ${limits.ratio} times its size; refused as a decompression bomb`,
      );
    // Headers and padding of an archive come on top of its files.
    if (made > limits.totalBytes + limits.files * 2048)
      throw new InputError(`${name}: unpacks to more than ${megabytes(limits.totalBytes)}`);
  };
  for (let member = 0; ; member++) {
    const header = await skipGzipHeader(bytes);
    if (header === 'none' && member > 0) {
      state.trailing = await countTrailing(bytes);
      return;
    }
    if (header === 'none') throw damaged(name, 'its header is none');
    if (header === 'cut off') {
      state.cutOff = true;
      return;
    }
    const ended = yield* checkedMember(bytes, name, guard);
    if (ended) continue;
    state.cutOff = true;
    return;
  }
}

/** False when the data end inside the member. */
async function* checkedMember(
  bytes: Bytes,
  name: string,
  guard: (count: number) => void,
): AsyncGenerator<Uint8Array, boolean> {
  let sum = 0;
  let size = 0;
  try {
    for await (const chunk of inflateMember(bytes)) {
      guard(chunk.length);
      sum = crc32(chunk, sum);
      size += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') return false;
    if (code?.startsWith('Z_') !== true) throw error;
    throw damaged(name, message);
  }
  const trailer = await bytes.take(8);
  if (trailer.length < 8) return false;
  const stored = new DataView(trailer.buffer, trailer.byteOffset, 8);
  if (stored.getUint32(0, true) !== sum || stored.getUint32(4, true) !== size % 2 ** 32)
    throw damaged(name, 'its checksum is wrong');
  return true;
}

/** Everything that is left, when any of it is not NUL. */
async function countTrailing(bytes: Bytes): Promise<number> {
  let count = 0;
  let garbage = false;
  for (;;) {
    const piece = await bytes.next(65_536);
    if (piece.length === 0) return garbage ? count : 0;
    count += piece.length;
    garbage ||= piece.some((byte) => byte !== 0);
  }
}

function damaged(name: string, why: string): InputError {
  return new InputError(`${name}: the gzip data is damaged (${why})`, 'capture or copy it again');
}
