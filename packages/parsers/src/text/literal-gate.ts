/** Whether any of many literals stands in a line, looking at few of its characters (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994). */

/** A test for texts that hold at least one of the literals, which are two characters long or more. */
export function literalGate(literals: readonly string[]): (text: string) => boolean {
  const width = Math.min(...literals.map((one) => one.length));
  const shifts = new Uint8Array(1 << 16).fill(Math.min(width - 1, 255));
  // By the last two characters of the window: the literals that have them there.
  const ending = new Map<number, string[]>();
  for (const literal of literals) {
    for (let at = 1; at < width; at++) {
      const pair = pairAt(literal, at);
      shifts[pair] = Math.min(shifts[pair] ?? 0, width - 1 - at);
    }
    const last = pairAt(literal, width - 1);
    ending.set(last, [...(ending.get(last) ?? []), literal]);
  }
  return (text) => {
    for (let at = width - 1; at < text.length; ) {
      const pair = pairAt(text, at);
      const shift = shifts[pair] ?? 0;
      if (shift > 0) at += shift;
      else if (ending.get(pair)?.some((literal) => text.startsWith(literal, at - width + 1)) === true) return true;
      else at++;
    }
    return false;
  };
}

/** Characters beyond Latin-1 share their places with others: a gate may look once more, never miss. */
function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at - 1) & 255) << 8) | (text.charCodeAt(at) & 255);
}
