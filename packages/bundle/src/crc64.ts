/** The CRC-64 that xz uses: ECMA-182, reflected, in two halves, since numbers of 64 bits are slow. The .xz file format, section 6. */

const polynomialHigh = 0xc96c5795;
const polynomialLow = 0xd7870f42;

let tables: { readonly high: Int32Array; readonly low: Int32Array } | null = null;

function made(): { readonly high: Int32Array; readonly low: Int32Array } {
  const high = new Int32Array(256);
  const low = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let top = 0;
    let bottom = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = bottom & 1;
      bottom = (bottom >>> 1) | (top << 31);
      top >>>= 1;
      if (odd === 0) continue;
      bottom ^= polynomialLow;
      top ^= polynomialHigh;
    }
    high[byte] = top;
    low[byte] = bottom;
  }
  return { high, low };
}

export class Crc64 {
  private high = -1;
  private low = -1;

  update(bytes: Uint8Array): void {
    tables ??= made();
    const table = tables;
    let { high, low } = this;
    for (let at = 0; at < bytes.length; at++) {
      const index = (low ^ (bytes[at] ?? 0)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (table.low[index] ?? 0);
      high = (high >>> 8) ^ (table.high[index] ?? 0);
    }
    this.high = high;
    this.low = low;
  }

  /** Eight bytes, the lowest first. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, ~this.low, true);
    view.setInt32(4, ~this.high, true);
    return bytes;
  }
}
