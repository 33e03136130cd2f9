/** `-m dst` and `-m hbh`: the options in an IPv6 Destination or Hop-by-Hop header. iptables-extensions(8); net/ipv6/netfilter/ip6t_hbh.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, negatable, option, type Refusal, refuse, type ValueType } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import type { PacketInput } from '../packet-input.js';
import { integer, pick, printed, word } from '../value.js';

/** A type of option, with the length of its data where that was given. */
export interface ExtOption {
  readonly type: number;
  readonly length: number | null;
}

export interface ExtOptionsMatch {
  /** Length of the header in octets. */
  readonly length: { readonly value: number; readonly invert: boolean } | null;
  readonly options: readonly ExtOption[];
}

const mostOptions = 16;
const unsaid = 255;
const octets = integer('length', 0, 0xffffffff);

const optionList: ValueType<readonly ExtOption[]> = word('type[:length][,type[:length]…]', readOptions, (choose) =>
  pick(choose, ['1', '1:2,3,4:5', '5:0', '0x10:0x2', '194', '255:255,0']),
);

function readOptions(text: string): readonly ExtOption[] | Refusal {
  const options: ExtOption[] = [];
  for (const part of text.split(',')) {
    const colon = part.indexOf(':');
    const type = parseUint32(part, 0, colon < 0 ? part.length : colon);
    const length = colon < 0 ? null : parseUint32(part, colon + 1);
    if (type === null || (colon >= 0 && length === null)) return refuse(`"${part}" is no type[:length]`);
    // The tool keeps the lower eight bits of whatever it is given, and a length of 255 stands for none.
    const kept = length === null ? unsaid : length & 0xff;
    options.push({ type: type & 0xff, length: kept === unsaid ? null : kept });
  }
  return options.length > mostOptions ? refuse(`there are more than ${mostOptions} options`) : options;
}

function saveMatch(name: string, data: ExtOptionsMatch): readonly string[] {
  const { length, options } = data;
  const shown = options.map((one) => (one.length === null ? `${one.type}` : `${one.type}:${one.length}`)).join(',');
  return [
    ...(length === null ? [] : printed(`--${name}-len`, [`${length.value}`], length.invert)),
    ...(options.length === 0 ? [] : [`--${name}-opts`, shown]),
  ];
}

function readListed(name: string, cursor: ListingCursor): ExtOptionsMatch | null {
  if (!cursor.accept(name)) return null;
  const text = cursor.acceptPrefix('length:');
  const invert = text?.startsWith('!') ?? false;
  const value = text === null ? null : parseUint32(invert ? text.slice(1) : text);
  const options = cursor.accept('opts') ? readOptions(cursor.take() ?? '') : [];
  return { length: value === null ? null : { value, invert }, options: 'refused' in options ? [] : options };
}

/** A packet without the header never matches; what options stand in one that is there is part of no question. */
function testFor(header: number): (data: ExtOptionsMatch, input: Pick<PacketInput, 'skb'>) => Tri {
  return ({ length, options }, { skb: { extensions } }) => {
    if (extensions?.includes(header) !== true) return false;
    return length === null && options.length === 0 ? true : unknown('the options of an extension header are not asked');
  };
}

export const dst = defineMatch({
  name: 'dst',
  families: [6],
  options: { 'dst-len': negatable(octets), 'dst-opts': option(optionList) },
  build: (given): ExtOptionsMatch => ({
    length: lengthTest(given['dst-len']),
    options: given['dst-opts']?.value ?? [],
  }),
  save: (data) => saveMatch('dst', data),
  listing: (cursor) => readListed('dst', cursor),
  test: testFor(60),
});

export const hbh = defineMatch({
  name: 'hbh',
  families: [6],
  options: { 'hbh-len': negatable(octets), 'hbh-opts': option(optionList) },
  build: (given): ExtOptionsMatch => ({
    length: lengthTest(given['hbh-len']),
    options: given['hbh-opts']?.value ?? [],
  }),
  save: (data) => saveMatch('hbh', data),
  listing: (cursor) => readListed('hbh', cursor),
  test: testFor(0),
});

function lengthTest(given: Given<number> | undefined): ExtOptionsMatch['length'] {
  return given === undefined ? null : { value: given.value, invert: given.invert };
}
