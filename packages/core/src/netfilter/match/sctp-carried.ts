/** The chunks that an SCTP packet carries, where its bytes are given, against those that a rule asks for. RFC 9260; net/netfilter/xt_sctp.c match_packet. */
import { endsBefore, headerSize } from '../../packet/cut.js';
import type { Skb } from '../../packet/skb.js';
import { type Chunk, type ChunkTest, chunkFlags } from './sctp-chunks.js';

interface Carried {
  readonly type: number;
  readonly flags: number;
}

/** null: not told; `malformed`: one that says nothing of itself stands before the answer, and the kernel drops the packet. */
export function testChunks({ match, chunks }: ChunkTest, skb: Skb): boolean | null | 'malformed' {
  const carried = chunksOf(skb);
  if (carried === null) return null;
  const { found, whole } = carried;
  const wanted = ({ type, flags }: Carried): boolean =>
    chunks === 'ALL' || chunks.some((chunk) => chunk.type === type && hasFlags(chunk, flags));
  // Each is looked at in turn, as far as it takes.
  if (match === 'any' && found.some(wanted)) return true;
  if (match === 'only' && !found.every(wanted)) return false;
  if (!whole) return 'malformed';
  if (match === 'all')
    return chunks !== 'ALL' && chunks.every(({ type }) => found.some((one) => one.type === type && wanted(one)));
  return match === 'only';
}

const chunkHeader = 4;

interface Found {
  readonly found: readonly Carried[];
  /** Does every chunk have a header that says how long it is? */
  readonly whole: boolean;
}

/** Nothing that NAT changes stands behind the common header. */
function chunksOf(skb: Skb): Found | null {
  const { body, fragment, extensions } = skb;
  const found: Carried[] = [];
  if (endsBefore(skb, headerSize.sctp + chunkHeader)) return { found, whole: false };
  if (body === undefined || fragment !== null || extensions !== undefined) return null;
  for (let at: number = headerSize.sctp; at < body.length || found.length === 0; ) {
    const length = ((body[at + 2] ?? 0) << 8) | (body[at + 3] ?? 0);
    if (at + chunkHeader > body.length || length === 0) return { found, whole: false };
    found.push({ type: body[at] ?? 0, flags: body[at + 1] ?? 0 });
    at += (length + 3) & ~3;
  }
  return { found, whole: true };
}

/** A capital letter wants the flag set, a small one wants it clear. */
function hasFlags({ type, flags }: Chunk, carried: number): boolean {
  return [...flags].every((letter) => {
    const bit = chunkFlags(type).indexOf(letter.toUpperCase());
    const set = (carried & (1 << (chunkFlags(type).length - 1 - bit))) !== 0;
    return set === (letter === letter.toUpperCase());
  });
}
