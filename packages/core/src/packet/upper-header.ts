/** The header behind the IP header, where the question gives its bytes. */
import { byteAt, packetBytes } from './known-bytes.js';
import type { Skb } from './skb.js';

/** So many bytes of it from its beginning; null: one of them is not known, or where it begins is not. */
export function upperHeader(skb: Skb, size: number): readonly number[] | null {
  if (skb.extensions !== undefined || skb.body === undefined) return null;
  const bytes = packetBytes(skb).slice(ipHeader(skb));
  const header = Array.from({ length: size }, (_, at) => byteAt(bytes, at));
  return header.every(({ known }) => known === 255) ? header.map(({ value }) => value) : null;
}

function ipHeader({ family, fragment }: Skb): number {
  if (family === 4) return 20;
  return fragment === null ? 40 : 48;
}

/** The number that stands at an offset, most significant byte first. */
export function numberAt(bytes: readonly number[], offset: number, size: number): number {
  return bytes.slice(offset, offset + size).reduce((sum, byte) => sum * 256 + byte, 0);
}
