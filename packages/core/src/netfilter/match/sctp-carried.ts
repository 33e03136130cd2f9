/** The chunks that an SCTP packet carries, where its bytes are given, against those that a rule asks for. RFC 9260; net/netfilter/xt_sctp.c match_packet. */
import type { Skb } from '../../packet/skb.js';
import { numberAt, upperHeader } from '../../packet/upper-header.js';
import { type Chunk, type ChunkTest, chunkFlags } from './sctp-chunks.js';

interface Carried {
  readonly type: number;
  readonly flags: number;
}

/** null: not told, or the packet is malformed, which the kernel drops. */
export function testChunks({ match, chunks }: ChunkTest, skb: Skb): boolean | null {
  const carried = chunksOf(skb);
  if (carried === null) return null;
  const wanted = ({ type, flags }: Carried): boolean =>
    chunks === 'ALL' || chunks.some((chunk) => chunk.type === type && hasFlags(chunk, flags));
  switch (match) {
    case 'any':
      return carried.some(wanted);
    case 'only':
      return carried.every(wanted);
    case 'all':
      return chunks !== 'ALL' && chunks.every(({ type }) => carried.some((one) => one.type === type && wanted(one)));
  }
}

const commonHeader = 12;
const chunkHeader = 4;

function chunksOf(skb: Skb): readonly Carried[] | null {
  const end = skb.body?.length ?? 0;
  const bytes = upperHeader(skb, end);
  if (bytes === null || skb.fragment !== null) return null;
  const found: Carried[] = [];
  for (let at = commonHeader; at < end || found.length === 0; ) {
    const length = numberAt(bytes, at + 2, 2);
    if (at + chunkHeader > end || length === 0) return null;
    found.push({ type: numberAt(bytes, at, 1), flags: numberAt(bytes, at + 1, 1) });
    at += (length + 3) & ~3;
  }
  return found;
}

/** A capital letter wants the flag set, a small one wants it clear. */
function hasFlags({ type, flags }: Chunk, carried: number): boolean {
  return [...flags].every((letter) => {
    const bit = chunkFlags(type).indexOf(letter.toUpperCase());
    const set = (carried & (1 << (chunkFlags(type).length - 1 - bit))) !== 0;
    return set === (letter === letter.toUpperCase());
  });
}
