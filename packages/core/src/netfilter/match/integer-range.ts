/** `first:last` of whole numbers, either end of which may be left out. iptables: libxtables/xtoptions.c `xtopt_parse_mint`. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Refusal, refuse, type ValueType } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { pick, word } from '../value.js';

/** Both ends included; some extensions keep a range that runs backwards, which holds nothing. */
export interface IntegerRange {
  readonly first: number;
  readonly last: number;
}

export function integerRange(name: string, most: number, backwards: 'kept' | 'refused'): ValueType<IntegerRange> {
  return word(
    name,
    (value): IntegerRange | Refusal => {
      const range = readIntegerRange(value, most);
      if (range === null) return refuse(`"${value}" is not a range within 0 and ${most}`);
      return backwards === 'refused' && range.first > range.last ? refuse(`range ${value} runs backwards`) : range;
    },
    (choose) => {
      const first = choose(Math.min(most, 5000));
      const last = first + choose(Math.min(most - first, 5000));
      return pick(choose, [
        `${first}`,
        `${first}:${last}`,
        `:${last}`,
        `${first}:`,
        `0x${first.toString(16)}`,
        `${most}`,
      ]);
    },
  );
}

export function readIntegerRange(value: string, most: number): IntegerRange | null {
  const colon = value.indexOf(':');
  const first = colon === 0 ? 0 : parseUint32(value, 0, colon < 0 ? value.length : colon);
  const last = colon < 0 ? first : colon === value.length - 1 ? most : parseUint32(value, colon + 1);
  return first === null || last === null || first > most || last > most ? null : { first, last };
}

/** As `-L` prints it behind these words: `!100:200`. */
export function takeListedRange(
  cursor: ListingCursor,
  words: readonly string[],
  most: number,
): { readonly range: IntegerRange; readonly invert: boolean } | null {
  const at = cursor.at;
  if (cursor.accept(...words)) {
    const listed = cursor.take() ?? '';
    const invert = listed.startsWith('!');
    const range = readIntegerRange(invert ? listed.slice(1) : listed, most);
    if (range !== null) return { range, invert };
  }
  cursor.reset(at);
  return null;
}

export function formatIntegerRange({ first, last }: IntegerRange): string {
  return first === last ? `${first}` : `${first}:${last}`;
}

export function integerRangeContains({ first, last }: IntegerRange, value: number): boolean {
  return first <= value && value <= last;
}
