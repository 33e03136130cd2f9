/** `-m string`: bytes anywhere in the packet. iptables-extensions(8); net/netfilter/xt_string.c, iptables extensions/libxt_string.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { inverted, isUnknown, type Tri, unknown } from '../../tri.js';
import {
  type Choose,
  defineMatch,
  type Given,
  isRefusal,
  negatable,
  option,
  type Refusal,
  refuse,
} from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import type { PacketInput } from '../packet-input.js';
import { takeQuoted } from '../quoted-listing.js';
import { flag, integer, oneOf, pick, printed, word } from '../value.js';
import { bytesOf, hexOf, readHexPattern } from './byte-pattern.js';
import { findBytes, type Search } from './byte-search.js';

export interface StringMatch {
  /** The bytes looked for, two hexadecimal digits each. */
  readonly pattern: string;
  readonly algo: 'bm' | 'kmp';
  /** Bytes from the IP header on between which the pattern begins. */
  readonly from: number;
  readonly to: number;
  readonly icase: boolean;
  readonly invert: boolean;
}

const longestPattern = 128;
const lastOffset = 65535;

function bounded(bytes: readonly number[] | Refusal): string | Refusal {
  if (isRefusal(bytes)) return bytes;
  if (bytes.length === 0) return refuse('an empty pattern is not taken');
  return bytes.length > longestPattern ? refuse(`the pattern is longer than ${longestPattern} bytes`) : hexOf(bytes);
}

const samplesOfText = ['hello', 'GET /', 'a"b', "it's", 'back\\slash', '|0a|', 'käse', '-j', 'x'] as const;
const samplesOfHex = ['|0a 0d|', 'GET |20|x', '|dead|beef', 'abc', '|22|', 'a\\|b', '|00|', '|7F|'] as const;

const plainPattern = word(
  'pattern',
  (value) => bounded(bytesOf(value)),
  (choose: Choose) => pick(choose, samplesOfText),
);
const hexPattern = word(
  'pattern',
  (value) => bounded(readHexPattern(value)),
  (choose: Choose) => pick(choose, samplesOfHex),
);
const offset = integer('offset', 0, lastOffset);

export const string = defineMatch({
  name: 'string',
  families: [4, 6],
  options: {
    algo: option(oneOf(['bm', 'kmp'])),
    from: option(offset),
    to: option(offset),
    string: negatable(plainPattern),
    'hex-string': negatable(hexPattern),
    icase: option(flag),
  },
  sample: (choose, cx) => {
    const from = choose(2) === 0 ? 0 : choose(1000);
    const hex = choose(2) === 0;
    return [
      ...printed(
        hex ? '--hex-string' : '--string',
        (hex ? hexPattern : plainPattern).sample(choose, cx),
        choose(4) === 0,
      ),
      ...['--algo', pick(choose, ['bm', 'kmp'])],
      ...(from === 0 ? [] : ['--from', `${from}`]),
      ...(choose(2) === 0 ? [] : ['--to', `${from + choose(1000)}`]),
      ...(choose(3) === 0 ? ['--icase'] : []),
    ];
  },
  build: (given): StringMatch | Refusal => {
    const { string: plain, 'hex-string': hex, algo, icase } = given;
    if (algo === undefined) return refuse('--algo is missing');
    if (plain !== undefined && hex !== undefined) return refuse('--string cannot be used together with --hex-string');
    const pattern: Given<string> | undefined = plain ?? hex;
    if (pattern === undefined) return refuse('neither --string nor --hex-string is given');
    const from = given.from?.value ?? 0;
    const to = given.to?.value ?? lastOffset;
    if (from > to) return refuse(`--from ${from} is behind --to ${to}`);
    return { pattern: pattern.value, algo: algo.value, from, to, icase: icase !== undefined, invert: pattern.invert };
  },
  save: (data) => [
    ...printed(isPrintable(data.pattern) ? '--string' : '--hex-string', [formatPattern(data.pattern)], data.invert),
    ...['--algo', data.algo],
    ...(data.from === 0 ? [] : ['--from', `${data.from}`]),
    ...(data.to === lastOffset ? [] : ['--to', `${data.to}`]),
    ...(data.icase ? ['--icase'] : []),
  ],
  listing: (cursor): StringMatch | null => {
    const at = cursor.at;
    const listed = cursor.accept('STRING', 'match') ? readListed(cursor) : null;
    if (listed === null) cursor.reset(at);
    return listed;
  },
  test: ({ pattern, from, to, icase, invert }, input) =>
    inverted(found({ pattern: numbersOf(pattern), from, to, icase }, input), invert),
});

const beyondEnd = unknown('whether the kernel goes on behind --to is not known', 'uname');

/** Kernels before Linux 6.6, unless mended, find a pattern that begins at `--to` or before it and goes on behind it. net/core/skbuff.c skb_find_text. */
function found(search: Search, { skb, around }: PacketInput): Tri {
  const now = findBytes(search, skb);
  if (now === true) return true;
  const before = findBytes(search, skb, 'first');
  if (before === false || (isUnknown(before) && isUnknown(now))) return now;
  return around.kernelIs?.(6, 6) === true ? now : beyondEnd;
}

function numbersOf(pattern: string): readonly number[] {
  return (pattern.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

/** ASCII without control characters; anything else prints in hexadecimal as a whole. */
function isPrintable(pattern: string): boolean {
  return /^(?:[2-6][0-9a-f]|7[0-9a-e])*$/.test(pattern);
}

function formatPattern(pattern: string): string {
  if (!isPrintable(pattern)) return `"|${pattern}|"`;
  const text = pattern.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `! "a b" ALGO name bm FROM 10 TO 100 ICASE` */
function readListed(cursor: ListingCursor): StringMatch | null {
  const invert = cursor.accept('!');
  const pattern = cursor.peek()?.startsWith('"') ? takeQuoted(cursor) : null;
  const algo = cursor.accept('ALGO', 'name') ? cursor.take() : null;
  if (pattern === null || (algo !== 'bm' && algo !== 'kmp')) return null;
  const from = cursor.accept('FROM') ? parseUint32(cursor.take() ?? '') : 0;
  const to = cursor.accept('TO') ? parseUint32(cursor.take() ?? '') : lastOffset;
  const icase = cursor.accept('ICASE');
  if (from === null || to === null) return null;
  return { pattern: readListedPattern(pattern), algo, from, to, icase, invert };
}

/** The listing does not say which option it was; only unprintable patterns are listed in hexadecimal. */
function readListedPattern(listed: string): string {
  const hex = /^\|((?:[0-9a-f]{2})+)\|$/.exec(listed)?.[1];
  return hex !== undefined && !isPrintable(hex) ? hex : hexOf(bytesOf(listed));
}
