/** `-j HMARK`: a packet mark out of a hash of the flow. iptables-extensions(8); net/netfilter/xt_HMARK.c, iptables: extensions/libxt_HMARK.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { bitsOf } from '../../inet/mask.js';
import { draftSkb } from '../../packet/skb.js';
import { unknown } from '../../tri.js';
import { defineTarget, type GivenTable, option, type ReadContext, type Refusal, refuse } from '../extension.js';
import { maskBits } from '../host.js';
import type { ListingCursor } from '../listing-cursor.js';
import { integer, pick, word } from '../value.js';
import { hmarkOf } from './hmark-flow.js';

/** Fields of the flow that go into the hash; null: not at all. */
export interface HmarkTarget {
  readonly srcPrefix: number | null;
  readonly dstPrefix: number | null;
  readonly sportMask: number | null;
  readonly dportMask: number | null;
  readonly spiMask: number | null;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly spi: number | null;
  readonly protoMask: number | null;
  readonly rnd: number;
  readonly mod: number;
  readonly offset: number | null;
  /** Addresses and ports of the connection's original direction instead of the packet's. */
  readonly ct: boolean;
}

type Field = Exclude<keyof HmarkTarget, 'rnd' | 'mod' | 'offset' | 'ct'>;

/** In the order of the print: option, digits that it prints in hexadecimal (0: decimal). */
const fields: readonly (readonly [field: Field, name: string, digits: number])[] = [
  ['srcPrefix', 'src-prefix', 0],
  ['dstPrefix', 'dst-prefix', 0],
  ['sportMask', 'sport-mask', 4],
  ['dportMask', 'dport-mask', 4],
  ['spiMask', 'spi-mask', 8],
  ['sport', 'sport', 4],
  ['dport', 'dport', 4],
  ['spi', 'spi', 8],
  ['protoMask', 'proto-mask', 2],
];

const all = 0xffffffff;
const mask16 = option(integer('mask', 0, 65535));
const mask32 = option(integer('mask', 0, all));
const tupleParts = ['src', 'dst', 'sport', 'dport', 'proto', 'spi', 'ct'] as const;

type TuplePart = (typeof tupleParts)[number];

const tuple = word(
  'part[,…]',
  (text): readonly TuplePart[] | Refusal => {
    const parts: TuplePart[] = [];
    for (const name of text.split(',')) {
      const part = tupleParts.find((known) => known === name.toLowerCase());
      if (part === undefined) return refuse(`"${name}" is none of ${tupleParts.join(', ')}`);
      parts.push(part);
    }
    return parts;
  },
  (choose) =>
    Array.from({ length: 1 + choose(4) }, () => pick(choose, ['src', 'dst', 'sport', 'dport', 'proto', 'ct'])).join(
      ',',
    ),
);

export const hmark = defineTarget({
  name: 'HMARK',
  families: [4, 6],
  options: {
    'hmark-tuple': option(tuple),
    'hmark-mod': option(integer('value', 1, all)),
    'hmark-offset': option(integer('value', 0, all)),
    'hmark-src-prefix': option(maskBits),
    'hmark-dst-prefix': option(maskBits),
    'hmark-sport-mask': mask16,
    'hmark-dport-mask': mask16,
    'hmark-spi-mask': mask32,
    'hmark-sport': mask16,
    'hmark-dport': mask16,
    'hmark-spi': mask32,
    'hmark-proto-mask': mask16,
    'hmark-rnd': option(integer('value', 0, all)),
  },
  sample: (choose, cx) => [
    ...pick(choose, [
      ['--hmark-tuple', ...tuple.sample(choose, cx)],
      ['--hmark-src-prefix', ...maskBits.sample(choose, cx), '--hmark-dport-mask', '0xff', '--hmark-sport', '80'],
      ['--hmark-spi-mask', '0xff00', '--hmark-spi', '7', '--hmark-proto-mask', '0x6'],
      ['--hmark-dst-prefix', '16', '--hmark-dport', '53', '--hmark-tuple', ...tuple.sample(choose, cx)],
    ]),
    '--hmark-rnd',
    ...integer('value', 0, all).sample(choose, cx),
    '--hmark-mod',
    ...integer('value', 1, all).sample(choose, cx),
    ...(choose(2) === 0 ? ['--hmark-offset', ...integer('value', 0, all).sample(choose, cx)] : []),
  ],
  build: (given, cx): HmarkTarget | Refusal => {
    const rnd = given['hmark-rnd']?.value;
    const mod = given['hmark-mod']?.value;
    if (rnd === undefined || mod === undefined) return refuse('--hmark-rnd and --hmark-mod are both needed');
    const chosen = chosenFields(given, cx);
    if (typeof chosen === 'string') return refuse(chosen);
    const ct = given['hmark-tuple']?.value.includes('ct') ?? false;
    if (!ct && Object.values(chosen).every((value) => value === null)) return refuse('it does not say what to hash');
    return { ...chosen, rnd, mod, offset: given['hmark-offset']?.value ?? null, ct };
  },
  save: (data) => [
    ...fields.flatMap(([field, name, digits]) => {
      const value = data[field];
      return value === null ? [] : [`--hmark-${name}`, digits === 0 ? String(value) : hex(value, digits)];
    }),
    ...['--hmark-rnd', hex(data.rnd, 8), '--hmark-mod', String(data.mod)],
    ...(data.offset === null ? [] : ['--hmark-offset', String(data.offset)]),
    ...(data.ct ? ['--hmark-tuple', 'ct'] : []),
  ],
  listing: (cursor, cx): HmarkTarget | null => (cursor.accept('HMARK', 'mod') ? readListed(cursor, cx) : null),
  apply: (data, { skb }) => {
    const mark = hmarkOf(data, skb);
    if (mark === 'open') return { kind: 'open', because: openFlow };
    if (mark === null) return { kind: 'continue', skb };
    const marked = draftSkb(skb);
    marked.mark = mark;
    return { kind: 'continue', skb: marked };
  },
});

const openFlow = unknown('-j HMARK hashes what is not known of the packet').because;

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

type Fields = { -readonly [name in Field]: HmarkTarget[name] };

const nothing: Fields = {
  srcPrefix: null,
  dstPrefix: null,
  sportMask: null,
  dportMask: null,
  spiMask: null,
  sport: null,
  dport: null,
  spi: null,
  protoMask: null,
};

/** A tuple stands for whole fields; one of them may be given before it, when it counts for nothing, and not after it. */
function chosenFields(given: GivenTable, cx: ReadContext): Fields | string {
  const chosen: Fields = { ...nothing };
  const ofTuple = new Set<Field>();
  for (const [key, option] of Object.entries(given)) {
    if (option === undefined) continue;
    const known = fields.find(([, name]) => `hmark-${name}` === key);
    if (known !== undefined) {
      if (ofTuple.has(known[0])) return `--${key} says again what --hmark-tuple says`;
      chosen[known[0]] = option.value as number;
    } else if (key === 'hmark-tuple') {
      for (const part of option.value as readonly TuplePart[]) {
        const [field, value] = wholeField(part, cx) ?? [null, 0];
        if (field === null) continue;
        chosen[field] = value;
        ofTuple.add(field);
      }
    }
  }
  if (chosen.spiMask !== null && (chosen.sportMask !== null || chosen.dportMask !== null)) {
    return 'a mask of the SPI does not go with masks of ports';
  }
  if (chosen.spi !== null && (chosen.sport !== null || chosen.dport !== null)) return 'an SPI does not go with ports';
  return chosen;
}

function wholeField(part: TuplePart, cx: ReadContext): readonly [Field, number] | null {
  switch (part) {
    case 'src':
      return ['srcPrefix', bitsOf(cx.family)];
    case 'dst':
      return ['dstPrefix', bitsOf(cx.family)];
    case 'sport':
      return ['sportMask', 0xffff];
    case 'dport':
      return ['dportMask', 0xffff];
    case 'proto':
      return ['protoMask', 0xffff];
    case 'spi':
      return ['spiMask', all];
    case 'ct':
      return null;
  }
}

/** `mod M [+ OFFSET] [ct,] FIELD VALUE… rnd R`; the length of a whole IPv6 address is left out. */
function readListed(cursor: ListingCursor, cx: ReadContext): HmarkTarget {
  const number = () => parseUint32(cursor.take() ?? '') ?? 0;
  const mod = number();
  const offset = cursor.accept('+') ? number() : null;
  const ct = cursor.accept('ct,');
  const chosen: Fields = { ...nothing };
  for (const [field, name] of fields) {
    if (!cursor.accept(name)) continue;
    const whole = parseUint32(cursor.peek() ?? '') === null;
    chosen[field] = whole ? bitsOf(cx.family) : number();
  }
  return { ...chosen, rnd: cursor.accept('rnd') ? number() : 0, mod, offset, ct };
}
