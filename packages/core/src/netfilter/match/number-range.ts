/** `id[:id]` of 32 bits with its negation: SPIs of ah and esp, CPIs of ipcomp, identifications of frag. iptables: extensions/libxt_esp.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { inverted, type Tri } from '../../tri.js';
import { type Given, type Refusal, refuse, type ValueType } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { pick, printed, word } from '../value.js';

const most = 0xffffffff;

/** Both ends included; one that runs backwards holds nothing. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

export interface RangeTest extends NumberRange {
  readonly invert: boolean;
}

export function numberRange(name: string): ValueType<NumberRange> {
  // Ranges of everything print as nothing and so do not come back from the tools: none is sampled.
  return word(name, readRange, (choose) =>
    pick(choose, ['5', '5:10', ':10', '10:', '0x10', '10:5', '0', '4294967295', `${choose(0x7fffffff)}`]),
  );
}

function readRange(text: string): NumberRange | Refusal {
  const colon = text.indexOf(':');
  const first = colon === 0 ? 0 : parseUint32(text, 0, colon < 0 ? text.length : colon);
  const last = colon < 0 ? first : colon === text.length - 1 ? most : parseUint32(text, colon + 1);
  return first === null || last === null ? refuse(`"${text}" is no range of 32-bit numbers`) : { first, last };
}

function isEverything({ first, last }: NumberRange): boolean {
  return first === 0 && last === most;
}

/** null for a test that every number passes. */
export function rangeTest(given: Given<NumberRange> | undefined): RangeTest | null {
  if (given === undefined || (isEverything(given.value) && !given.invert)) return null;
  return { ...given.value, invert: given.invert };
}

/** A range of everything is not printed, negated or not. */
export function saveRange(option: string, test: RangeTest | null): readonly string[] {
  if (test === null || isEverything(test)) return [];
  return printed(option, [test.first === test.last ? `${test.first}` : `${test.first}:${test.last}`], test.invert);
}

/** `spi:5`, `spis:!5:10`; null when the next word is none, or everything. */
export function readListedRange(cursor: ListingCursor, label: string): RangeTest | null {
  const at = cursor.at;
  const text = cursor.acceptPrefix(`${label}:`) ?? cursor.acceptPrefix(`${label}s:`);
  const test = text === null ? null : readListedText(text);
  if (test === null) cursor.reset(at);
  return test;
}

export function readListedText(text: string): RangeTest | null {
  const invert = text.startsWith('!');
  const range = readRange(invert ? text.slice(1) : text);
  return 'refused' in range ? null : { ...range, invert };
}

/** True or false where every number gives the same answer; null where it depends on the number. */
export function sameForAll(test: RangeTest | null): boolean | null {
  if (test === null) return true;
  if (isEverything(test)) return !test.invert;
  return test.first > test.last ? test.invert : null;
}

/** Of a number that stands in a header; null: it is not told. */
export function testNumber(test: RangeTest | null, number: number | null, otherwise: Tri): Tri {
  const all = sameForAll(test);
  if (all !== null || test === null) return all ?? true;
  return number === null ? otherwise : inverted(number >= test.first && number <= test.last, test.invert);
}
