/** `-m mh`: type of the mobility header of IPv6. RFC 6275; iptables-extensions(8); net/ipv6/netfilter/ip6t_mh.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, isRefusal, negatable, type Refusal, refuse } from '../extension.js';
import { pick, printed, word } from '../value.js';
import { formatIntegerRange, type IntegerRange } from './integer-range.js';

export interface MhMatch {
  /** null: any type. */
  readonly types: (IntegerRange & { readonly invert: boolean }) | null;
}

const mobility = 135;
const mostType = 255;

/** In the order in which a shortened name is looked up. */
const names: readonly (readonly [string, number])[] = [
  ['binding-refresh-request', 0],
  ['brr', 0],
  ['home-test-init', 1],
  ['hoti', 1],
  ['careof-test-init', 2],
  ['coti', 2],
  ['home-test', 3],
  ['hot', 3],
  ['careof-test', 4],
  ['cot', 4],
  ['binding-update', 5],
  ['bu', 5],
  ['binding-acknowledgement', 6],
  ['ba', 6],
  ['binding-error', 7],
  ['be', 7],
];

function readType(text: string): number | null {
  const name = text.toLowerCase();
  const exact = names.find(([known]) => known === name);
  const begun = name === '' ? undefined : names.find(([known]) => known.startsWith(name));
  const type = exact?.[1] ?? begun?.[1] ?? parseUint32(text);
  return type === null || type > mostType ? null : type;
}

function readTypes(text: string): IntegerRange | Refusal {
  const colon = text.indexOf(':');
  const first = colon === 0 ? 0 : readType(colon < 0 ? text : text.slice(0, colon));
  const last = colon < 0 ? first : colon === text.length - 1 ? mostType : readType(text.slice(colon + 1));
  if (first === null || last === null) return refuse(`"${text}" is no type of mobility header`);
  return first > last ? refuse(`range ${text} runs backwards`) : { first, last };
}

const types = word('type[:type]', readTypes, (choose) =>
  pick(choose, ['5', 'bu', 'binding-update', '1:3', 'brr:hoti', ':3', '3:', '255', 'BE']),
);

function isEverything({ first, last }: IntegerRange): boolean {
  return first === 0 && last === mostType;
}

export const mh = defineMatch({
  name: 'mh',
  families: [6],
  protos: [mobility],
  options: { 'mh-type': negatable(types) },
  build: (given): MhMatch => {
    const type = given['mh-type'];
    if (type === undefined || (isEverything(type.value) && !type.invert)) return { types: null };
    return { types: { ...type.value, invert: type.invert } };
  },
  save: ({ types: asked }) =>
    asked === null || isEverything(asked) ? [] : printed('--mh-type', [formatIntegerRange(asked)], asked.invert),
  loses: ({ types: asked }) => (asked !== null && isEverything(asked) ? 'that it allows no type at all' : null),
  /** `mh 5`, `mh !1:3`, and without -n `mh binding-update`. */
  listing: (cursor): MhMatch | null => {
    if (!cursor.accept('mh')) return null;
    const listed = cursor.peek() ?? '';
    const invert = listed.startsWith('!') && listed.length > 1;
    const read = readTypes(invert ? listed.slice(1) : listed);
    if (isRefusal(read)) return { types: null };
    cursor.take();
    return { types: isEverything(read) && !invert ? null : { ...read, invert } };
  },
  test: (data, { skb }): Tri => {
    if (skb.proto !== mobility || (skb.fragment?.offset ?? 0) > 0) return false;
    if (data.types === null) return true;
    return isEverything(data.types) ? false : unknown('the type of the mobility header is not given');
  },
});
