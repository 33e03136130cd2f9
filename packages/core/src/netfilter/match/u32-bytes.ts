/** What `--u32` finds in the bytes of a packet of which only the headers are known. net/netfilter/xt_u32.c; RFC 791, RFC 8200. */
import type { Ip } from '../../inet/ip.js';
import type { Skb } from '../../packet/skb.js';
import { and, or, type Tri, unknown } from '../../tri.js';
import type { U32Operator, U32Test } from './u32-tests.js';

/** 32 bits, those under `known` given and the others open (zero in `value`). */
interface Word {
  readonly value: number;
  readonly known: number;
}

const allBits = 0xffffffff;
const open: Word = { value: 0, known: 0 };

/** Eight bits in the same way. */
type Bytes = readonly Word[];

export function evaluateU32(tests: readonly U32Test[], skb: Skb): Tri {
  const bytes = bytesOfHeaders(skb);
  return tests.reduce<Tri>((sum, test) => and(sum, holds(test, bytes, skb.length)), true);
}

/** A place behind the end of the packet ends the whole test: false. */
function holds(test: U32Test, bytes: Bytes, length: number | null): Tri {
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
function within({ value, known }: Word, first: number, last: number): Tri {
  const greatest = (value | ~known) >>> 0;
  if (greatest < first || value > last || first > last) return false;
  return value >= first && greatest <= last ? true : notGiven;
}

function readWord(bytes: Bytes, at: number, length: number | null): Word | null {
  if (length !== null && at + 4 > length) return null;
  let value = 0;
  let known = 0;
  for (let index = at; index < at + 4; index++) {
    const byte = bytes[index] ?? open;
    value = value * 256 + byte.value;
    known = known * 256 + byte.known;
  }
  return { value, known };
}

function bytesOfHeaders(skb: Skb): Bytes {
  return skb.family === 4 ? header4(skb) : header6(skb);
}

/** Without options, as every packet that can be asked about. Open: identification, checksum, and whether it may be fragmented. */
function header4(skb: Skb): Bytes {
  const { fragment } = skb;
  const offset = fragment?.offset ?? 0;
  const flags = { value: (fragment?.more ? 0x20 : 0) | (offset >> 8), known: 0xbf };
  return [
    ...[given(0x45), given(skb.tos), ...two(skb.length)],
    ...[open, open, flags, given(offset & 255)],
    ...[given(skb.ttl), given(skb.proto), open, open],
    ...[...four(skb.src.a), ...four(skb.dst.a)],
    ...upper(skb),
  ];
}

/** Open: the flow label. A fragment has a header of its own between this one and the upper layer. */
function header6(skb: Skb): Bytes {
  const fixed = [
    ...[given(0x60 | (skb.tos >> 4)), { value: (skb.tos & 15) << 4, known: 0xf0 }, open, open],
    ...[...two(skb.length === null ? null : skb.length - 40), skb.fragment === null ? given(skb.proto) : open],
    ...[given(skb.ttl), ...sixteen(skb.src), ...sixteen(skb.dst)],
  ];
  return skb.fragment === null ? [...fixed, ...upper(skb)] : fixed;
}

function upper({ sport, dport, icmp }: Skb): Bytes {
  return icmp === null ? [...two(sport), ...two(dport)] : [given(icmp.type), given(icmp.code)];
}

function given(value: number): Word {
  return { value, known: 255 };
}

function two(value: number | null): Bytes {
  return value === null ? [open, open] : [given((value >> 8) & 255), given(value & 255)];
}

function four(value: number): Bytes {
  return [24, 16, 8, 0].map((shift) => given((value >>> shift) & 255));
}

function sixteen(ip: Ip): Bytes {
  return [ip.a, ip.b, ip.c, ip.d].flatMap(four);
}
