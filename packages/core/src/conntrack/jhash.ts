/** Bob Jenkins' hash of 32-bit words as the kernel uses it. include/linux/jhash.h jhash2. */
export function jhash2(words: readonly number[], initial: number): number {
  const start = (0xdeadbeef + (words.length << 2) + initial) | 0;
  let a = start;
  let b = start;
  let c = start;
  let at = 0;
  for (; words.length - at > 3; at += 3) {
    a = (a + (words[at] ?? 0)) | 0;
    b = (b + (words[at + 1] ?? 0)) | 0;
    c = (c + (words[at + 2] ?? 0)) | 0;
    a = ((a - c) | 0) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  if (at === words.length) return c >>> 0;
  a = (a + (words[at] ?? 0)) | 0;
  b = (b + (words[at + 1] ?? 0)) | 0;
  c = (c + (words[at + 2] ?? 0)) | 0;
  return finish(a, b, c);
}

function finish(first: number, second: number, third: number): number {
  let a = first;
  let b = second;
  let c = third;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Maps a 32-bit value onto 0 to size - 1. include/linux/kernel.h reciprocal_scale. */
export function scale(value: number, size: number): number {
  // value * size needs up to 64 bits: the upper 32 of them in two exact steps.
  const high = (value >>> 16) * size;
  const low = (value & 0xffff) * size;
  return Math.floor((high + Math.floor(low / 0x10000)) / 0x10000);
}

/** A word of an address as a little-endian processor reads it. */
export function asRead(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
