/** Bits as zstd writes them: the lowest of a byte first; tables are read forwards, everything coded by them backwards. RFC 8878 section 4.1. */
import { Damage } from './codec.js';

/** Any 24 bits from a place. */
function bitsAt(data: Uint8Array, at: number): number {
  const byte = at >> 3;
  const four =
    (data[byte] ?? 0) | ((data[byte + 1] ?? 0) << 8) | ((data[byte + 2] ?? 0) << 16) | ((data[byte + 3] ?? 0) << 24);
  return four >>> (at & 7);
}

export class Forwards {
  private at = 0;

  constructor(private readonly data: Uint8Array) {}

  /** Up to 24 bits, which stay. */
  peek(count: number): number {
    return bitsAt(this.data, this.at) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.data.length * 8) throw new Damage('a table is cut off');
  }

  read(count: number): number {
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** Bytes that were begun. */
  used(): number {
    return (this.at + 7) >> 3;
  }
}

export class Backwards {
  /** Bits that are left; fewer than none where more was asked for. */
  left: number;

  /** The highest bit that is set marks the end, which is where reading begins. */
  constructor(private readonly data: Uint8Array) {
    const last = data[data.length - 1] ?? 0;
    if (last === 0) throw new Damage('a bit stream has no end');
    this.left = data.length * 8 - 8 + (31 - Math.clz32(last));
  }

  /** Up to 24 bits, which stay; missing ones are zeros. */
  peek(count: number): number {
    const at = this.left - count;
    if (at >= 0) return bitsAt(this.data, at) & ((1 << count) - 1);
    return this.left <= 0 ? 0 : (bitsAt(this.data, 0) & ((1 << this.left) - 1)) << -at;
  }

  /** Up to 24 bits. */
  read(count: number): number {
    const value = this.peek(count);
    this.left -= count;
    return value;
  }
}
