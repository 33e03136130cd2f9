/** Finds all of many literals in one pass, looking at few of a text's characters (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994). */

/** Length of the window that moves over the text; no literal may be shorter. */
const width = 4;
/** Characters that are made octets at once: an array of octets is read faster than a string. */
const block = 1 << 16;

/** WHATWG Encoding: browsers and Node have it, the ES library's types do not. */
declare const TextEncoder: new () => { encodeInto(text: string, octets: Uint8Array): { readonly written: number } };

export interface Literals<T> {
  /** How far the window may move when its last two octets are these. */
  readonly shifts: Uint8Array;
  /** 1 for the first two octets of a literal. */
  readonly openings: Uint8Array;
  /** By the first characters. */
  readonly byHead: ReadonlyMap<number, readonly (readonly [string, T])[]>;
}

/** Literals in lower case, each with what to do at a hit. */
export function literalsOf<T>(entries: readonly (readonly [string, T])[]): Literals<T> {
  const shifts = new Uint8Array(1 << 16).fill(width - 1);
  const openings = new Uint8Array(1 << 16);
  const byHead = new Map<number, (readonly [string, T])[]>();
  for (const entry of entries) {
    const [literal] = entry;
    for (let at = 1; at < width; at++) {
      for (const first of casesOf(literal.charCodeAt(at - 1))) {
        for (const second of casesOf(literal.charCodeAt(at))) {
          const pair = first * 256 + second;
          shifts[pair] = Math.min(shifts[pair] ?? 0, width - 1 - at);
          if (at === 1) openings[pair] = 1;
        }
      }
    }
    const head = headAt(literal, 0);
    byHead.set(head, [...(byHead.get(head) ?? []), entry]);
  }
  return { shifts, openings, byHead };
}

function casesOf(unit: number): readonly number[] {
  return unit >= 97 && unit <= 122 ? [unit, unit - 32] : [unit];
}

function lower(unit: number): number {
  return unit >= 65 && unit <= 90 ? unit + 32 : unit;
}

function headAt(text: string, at: number): number {
  let head = 0;
  for (let index = at; index < at + width; index++) {
    const unit = text.charCodeAt(index);
    head = head * 256 + (unit >= 65 && unit <= 90 ? unit + 32 : Math.min(unit, 255));
  }
  return head;
}

/** Calls for every place where a literal stands in any case, in ascending order. */
export function scanLiterals<T>(text: string, literals: Literals<T>, visit: (at: number, found: T) => void): void {
  const octets = new Uint8Array(Math.min(text.length, block) * 3);
  const encoder = new TextEncoder();
  for (let at = width - 1; at < text.length; ) {
    const base = at - 1;
    const piece = text.slice(base, base + block);
    const { written } = encoder.encodeInto(piece, octets);
    // Beyond ASCII a character is several octets.
    if (written !== piece.length) {
      for (let index = 0; index < piece.length; index++) octets[index] = Math.min(piece.charCodeAt(index), 255);
    }
    at = base + scanBlock(text, base, octets.subarray(0, piece.length), literals, visit);
  }
}

/** Reads one block; where the window stands after it. */
function scanBlock<T>(
  text: string,
  base: number,
  octets: Uint8Array,
  { shifts, openings, byHead }: Literals<T>,
  visit: (at: number, found: T) => void,
): number {
  const end = octets.length;
  let at = 1;
  while (at < end) {
    const shift = shifts[((octets[at - 1] ?? 0) << 8) | (octets[at] ?? 0)] ?? 0;
    if (shift > 0) {
      at += shift;
      continue;
    }
    // The window may begin in the block before.
    const opens = at < width - 1 || openings[((octets[at - 3] ?? 0) << 8) | (octets[at - 2] ?? 0)] === 1;
    if (opens) {
      const start = base + at - width + 1;
      for (const [literal, found] of byHead.get(headAt(text, start)) ?? [])
        if (standsAt(text, start, literal)) visit(start, found);
    }
    at++;
  }
  return at;
}

function standsAt(text: string, start: number, literal: string): boolean {
  for (let index = width; index < literal.length; index++) {
    if (lower(text.charCodeAt(start + index)) !== literal.charCodeAt(index)) return false;
  }
  return true;
}
