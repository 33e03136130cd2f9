/** Random choices from a seed: the same seed, the same commands. */

export interface Draw {
  below(count: number): number;
  from<T>(list: readonly [T, ...T[]]): T;
  oneIn(count: number): boolean;
}

/** mulberry32, a public-domain generator of 32 bits. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  const below = (count: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  };
  return {
    below,
    from: <T>(list: readonly [T, ...T[]]): T => list[below(list.length)] ?? list[0],
    oneIn: (count) => below(count) === 0,
  };
}
