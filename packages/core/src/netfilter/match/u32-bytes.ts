/** What `--u32` finds in the bytes of a packet of which only the headers are known. net/netfilter/xt_u32.c. */
import { byteAt, type KnownBits, type KnownBytes, packetBytes } from '../../packet/known-bytes.js';
import type { Skb } from '../../packet/skb.js';
import { and, or, type Tri, unknown } from '../../tri.js';
import type { U32Operator, U32Test } from './u32-tests.js';

const allBits = 0xffffffff;
/** 32 of them. */
type Word = KnownBits;

const open: Word = { value: 0, known: 0 };

export function evaluateU32(tests: readonly U32Test[], skb: Skb): Tri {
  const bytes = packetBytes(skb);
  return tests.reduce<Tri>((sum, test) => and(sum, holds(test, bytes, skb.length)), true);
}

/** A place behind the end of the packet ends the whole test: false. */
function holds(test: U32Test, bytes: KnownBytes, length: number | null): Tri {
  let base = 0;
  let word = readWord(bytes, test.offset, length);
  for (const { operator, number } of test.operations) {
    if (word === null) return false;
    if (operator !== '@') {
      word = operate(word, operator, number);
      continue;
    }
    if (word.known !== allBits) return notGiven;
    base += word.value;
    word = readWord(bytes, base + number, length);
  }
  if (word === null) return false;
  const found: Word = word;
  return test.ranges.reduce<Tri>((any, { first, last }) => or(any, within(found, first, last)), false);
}

const notGiven = unknown('the bytes that -m u32 looks at are not given');

function operate({ value, known }: Word, operator: Exclude<U32Operator, '@'>, number: number): Word {
  switch (operator) {
    case '&':
      return { value: (value & number) >>> 0, known: (known | ~number) >>> 0 };
    case '<<':
      return number > 31
        ? open
        : { value: (value << number) >>> 0, known: ((known << number) | ~(allBits << number)) >>> 0 };
    case '>>':
      return number > 31 ? open : { value: value >>> number, known: ~(~known >>> number) >>> 0 };
  }
}

/** With open bits the number lies between those that have them all clear and all set. */
export function within({ value, known }: Word, first: number, last: number, otherwise = notGiven): Tri {
  const greatest = (value | ~known) >>> 0;
  if (greatest < first || value > last || first > last) return false;
  return value >= first && greatest <= last ? true : otherwise;
}

function readWord(bytes: KnownBytes, at: number, length: number | null): Word | null {
  if (length !== null && at + 4 > length) return null;
  let value = 0;
  let known = 0;
  for (let index = at; index < at + 4; index++) {
    const byte = byteAt(bytes, index);
    value = value * 256 + byte.value;
    known = known * 256 + byte.known;
  }
  return { value, known };
}
