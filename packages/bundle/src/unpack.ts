/** Packed data, as far as they are sound; a bomb is stopped while it goes off. */
import { type Bytes, bytesOf, type Chunks } from './bytes.js';
import { type Codec, Damage, type PackedKind, Unsupported } from './codec.js';
import { gzipMember } from './gzip.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import { unpackHint } from './magic.js';

/** What is known when the stream has ended. */
export interface UnpackState {
  readonly kind: PackedKind;
  /** The data stop in the middle of a member. */
  cutOff: boolean;
  /** Bytes behind the last member that are no packed data; padding with NULs does not count. */
  trailing: number;
}

/** Most runs meet gzip or nothing: the others are loaded when they are met. */
const codecs: Readonly<Record<PackedKind, () => Codec | Promise<Codec>>> = {
  gzip: () => gzipMember,
  xz: async () => (await import('./xz.js')).xzStream,
  zstd: async () => (await import('./zstd.js')).zstdFrame,
  bzip2: async () => (await import('./bzip2.js')).bzip2Stream,
};

/** `path` is how the user can name the data to the tool that unpacks them. */
export async function* unpack(
  packed: Chunks,
  limits: Limits,
  { name, path }: { readonly name: string; readonly path: string },
  state: UnpackState,
): AsyncGenerator<Uint8Array> {
  const bytes = bytesOf(packed);
  const codec = await codecs[state.kind]();
  const guard = ratioGuard(limits, name, bytes.offset);
  try {
    for (let member = 0; ; member++) {
      const end = yield* guarded(codec(bytes), guard);
      if (end === 'ended') continue;
      if (end === 'none' && member === 0) throw new Damage('its header is none');
      if (end === 'none') state.trailing = await countTrailing(bytes);
      else state.cutOff = true;
      return;
    }
  } catch (error) {
    if (error instanceof Damage)
      throw new InputError(`${name}: the ${state.kind} data is damaged (${error.message})`, 'capture or copy it again');
    if (error instanceof Unsupported)
      throw new InputError(
        `${name}: ${state.kind} data with ${error.message} are not read directly`,
        unpackHint(state.kind, path),
      );
    throw error;
  }
}

/** Is told of each piece that was unpacked; throws when it is too much for what was read. */
export type Guard = (count: number) => void;

const unguarded = 10 * 1024 * 1024;

export function ratioGuard(limits: Limits, name: string, read: () => number): Guard {
  let made = 0;
  return (count) => {
    made += count;
    if (made > unguarded && made > read() * limits.ratio)
      throw new InputError(
        `${name}: unpacks to more than ${limits.ratio} times its size; refused as a decompression bomb`,
      );
    // Headers and padding of an archive come on top of its files.
    if (made > limits.totalBytes + limits.files * 2048)
      throw new InputError(`${name}: unpacks to more than ${megabytes(limits.totalBytes)}`);
  };
}

async function* guarded<End>(chunks: AsyncGenerator<Uint8Array, End>, guard: Guard): AsyncGenerator<Uint8Array, End> {
  for (;;) {
    const { done, value } = await chunks.next();
    if (done === true) return value;
    guard(value.length);
    yield value;
  }
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
