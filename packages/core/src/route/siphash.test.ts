import { describe, expect, it } from 'vitest';
import { siphash } from './siphash.js';

/** The vectors of the paper: the key is 00 01 … 0f, the message 00 01 … of each length. */
const vectors: readonly (readonly [number, bigint])[] = [
  [0, 0x726fdb47dd0e0e31n],
  [1, 0x74f839c593dc67fdn],
  [7, 0xab0200f58b01d137n],
  [8, 0x93f5f5799a932462n],
  [15, 0xa129ca6149be45e5n],
];

describe('siphash', () => {
  it.each(vectors)('of %i bytes', (length, expected) => {
    const bytes = Uint8Array.from({ length }, (_, at) => at);
    expect(siphash(bytes, 0x0706050403020100n, 0x0f0e0d0c0b0a0908n)).toBe(expected);
  });
});
