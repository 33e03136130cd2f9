/** XXH64, of which zstd stores the lower half. xxHash fast digest algorithm, specification 0.1.1. */

const prime1 = 0x9e3779b185ebca87n;
const prime2 = 0xc2b2ae3d27d4eb4fn;
const prime3 = 0x165667b19e3779f9n;
const prime4 = 0x85ebca77c2b2ae63n;
const prime5 = 0x27d4eb2f165667c5n;

const stripe = 32;

// V8 computes with such numbers in registers as long as each step is cut to 64 bits.
const wide = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotated = (value: bigint, places: bigint): bigint => wide((value << places) | (value >> (64n - places)));

function round(lane: bigint, input: bigint): bigint {
  const sum = BigInt.asUintN(64, lane + BigInt.asUintN(64, input * prime2));
  return BigInt.asUintN(64, BigInt.asUintN(64, (sum << 31n) | (sum >> 33n)) * prime1);
}

export class Xxh64 {
  private a = wide(prime1 + prime2);
  private b = prime2;
  private c = 0n;
  private d = wide(-prime1);
  private readonly rest = new Uint8Array(stripe);
  private held = 0;
  private length = 0;

  update(bytes: Uint8Array): void {
    this.length += bytes.length;
    let from = 0;
    if (this.held > 0) {
      from = Math.min(stripe - this.held, bytes.length);
      this.rest.set(bytes.subarray(0, from), this.held);
      this.held += from;
      if (this.held < stripe) return;
      this.stripes(this.rest);
    }
    const whole = bytes.length - ((bytes.length - from) % stripe);
    this.stripes(bytes.subarray(from, whole));
    this.rest.set(bytes.subarray(whole));
    this.held = bytes.length - whole;
  }

  private stripes(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let { a, b, c, d } = this;
    for (let at = 0; at < bytes.length; at += stripe) {
      a = round(a, view.getBigUint64(at, true));
      b = round(b, view.getBigUint64(at + 8, true));
      c = round(c, view.getBigUint64(at + 16, true));
      d = round(d, view.getBigUint64(at + 24, true));
    }
    Object.assign(this, { a, b, c, d });
  }

  /** The lower 32 bits. */
  digest(): number {
    let sum = wide((this.length < stripe ? prime5 : this.merged()) + BigInt(this.length));
    const view = new DataView(this.rest.buffer, 0, this.held);
    let at = 0;
    for (; at + 8 <= this.held; at += 8)
      sum = wide(rotated(sum ^ round(0n, view.getBigUint64(at, true)), 27n) * prime1 + prime4);
    if (at + 4 <= this.held) {
      sum = wide(rotated(sum ^ wide(BigInt(view.getUint32(at, true)) * prime1), 23n) * prime2 + prime3);
      at += 4;
    }
    for (; at < this.held; at++) sum = wide(rotated(sum ^ wide(BigInt(view.getUint8(at)) * prime5), 11n) * prime1);
    sum = wide((sum ^ (sum >> 33n)) * prime2);
    sum = wide((sum ^ (sum >> 29n)) * prime3);
    return Number(BigInt.asUintN(32, sum ^ (sum >> 32n)));
  }

  private merged(): bigint {
    const { a, b, c, d } = this;
    const sum = wide(rotated(a, 1n) + rotated(b, 7n) + rotated(c, 12n) + rotated(d, 18n));
    return [a, b, c, d].reduce((before, lane) => wide((before ^ round(0n, lane)) * prime1 + prime4), sum);
  }
}
