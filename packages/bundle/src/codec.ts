/** What all formats of packed data have in common: members (gzip), streams (xz, bzip2) or frames (zstd) that follow one another and unpack to one text. */
import type { Bytes } from './bytes.js';

/** How one of them ended: whole, in the middle, or the bytes that are next begin none. */
export type MemberEnd = 'ended' | 'cut off' | 'none';

/** Takes one of them and gives what it unpacks to, piece by piece. Throws Damage or Unsupported. */
export type Codec = (bytes: Bytes) => AsyncGenerator<Uint8Array, MemberEnd>;

export type PackedKind = 'gzip' | 'xz' | 'zstd' | 'bzip2';

/** The data are not what was packed; the message says how that shows. */
export class Damage extends Error {}

/** The data are sound, but packed in a way that is not read here; the message names it. */
export class Unsupported extends Error {}
