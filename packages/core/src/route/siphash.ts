/** SipHash-2-4 of bytes under a key of two 64-bit words. lib/siphash.c; Aumasson and Bernstein, "SipHash: a fast short-input PRF". */

const word = (1n << 64n) - 1n;

interface State {
  v0: bigint;
  v1: bigint;
  v2: bigint;
  v3: bigint;
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & word;
}

function rounds(state: State, count: number): void {
  let { v0, v1, v2, v3 } = state;
  for (let at = 0; at < count; at++) {
    v0 = (v0 + v1) & word;
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v3) & word;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = (v0 + v3) & word;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = (v2 + v1) & word;
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  }
  Object.assign(state, { v0, v1, v2, v3 });
}

function mix(state: State, block: bigint): void {
  state.v3 ^= block;
  rounds(state, 2);
  state.v0 ^= block;
}

export function siphash(bytes: Uint8Array, key0: bigint, key1: bigint): bigint {
  const state: State = {
    v0: key0 ^ 0x736f6d6570736575n,
    v1: key1 ^ 0x646f72616e646f6dn,
    v2: key0 ^ 0x6c7967656e657261n,
    v3: key1 ^ 0x7465646279746573n,
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) mix(state, view.getBigUint64(at, true));
  let last = BigInt(bytes.length & 0xff) << 56n;
  for (let at = whole; at < bytes.length; at++) last |= BigInt(bytes[at] ?? 0) << BigInt(8 * (at - whole));
  mix(state, last);
  state.v2 ^= 0xffn;
  rounds(state, 4);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}
