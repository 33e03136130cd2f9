/** `-m dccp`: ports, packet type and options of DCCP. iptables-extensions(8); net/netfilter/xt_dccp.c, RFC 4340. */

import { parseUint32 } from '../../inet/decimal.js';
import { portRangeContains } from '../../inet/port.js';
import { endsBefore, headerSize } from '../../packet/cut.js';
import { isLaterFragment } from '../../packet/extension-headers.js';
import type { Skb } from '../../packet/skb.js';
import { and, inverted, type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, negatable, type Refusal, refuse, type ValueType } from '../extension.js';
import { libraryPortRange } from '../library-port.js';
import { readListedPorts } from '../listed-ports.js';
import type { ListingCursor } from '../listing-cursor.js';
import { formatPorts, integer, pick, printed, word } from '../value.js';
import type { PortTest } from './udp.js';

/** By number; 10 to 15 are invalid. */
const types = [
  'REQUEST',
  'RESPONSE',
  'DATA',
  'ACK',
  'DATAACK',
  'CLOSEREQ',
  'CLOSE',
  'RESET',
  'SYNC',
  'SYNCACK',
  'INVALID',
] as const;

export type DccpType = (typeof types)[number];

interface Test<T> {
  readonly value: T;
  readonly invert: boolean;
}

export interface DccpMatch {
  readonly sport: PortTest | null;
  readonly dport: PortTest | null;
  readonly types: Test<readonly DccpType[]> | null;
  /** Number of an option that must be present. */
  readonly option: Test<number> | null;
}

const typeList: ValueType<readonly DccpType[]> = word('type[,type…]', readTypes, (choose) =>
  Array.from({ length: 1 + choose(3) }, () => pick(choose, types)).join(','),
);

/** Empty parts are passed over, as strtok(3) does. */
function readTypes(text: string): readonly DccpType[] | Refusal {
  const chosen = new Set<string>();
  for (const part of text.toUpperCase().split(',')) {
    if (part !== '' && !types.some((type) => type === part)) return refuse(`"${part}" is no DCCP type`);
    chosen.add(part);
  }
  return types.filter((type) => chosen.has(type));
}

export const dccp = defineMatch({
  name: 'dccp',
  families: [4, 6],
  protos: [33],
  options: {
    sport: negatable(libraryPortRange, { aliases: ['source-port'] }),
    dport: negatable(libraryPortRange, { aliases: ['destination-port'] }),
    'dccp-types': negatable(typeList),
    'dccp-option': negatable(integer('number', 1, 255)),
  },
  build: (given): DccpMatch => {
    const { sport, dport } = given;
    return {
      sport: sport === undefined ? null : { range: sport.value, invert: sport.invert },
      dport: dport === undefined ? null : { range: dport.value, invert: dport.invert },
      types: test(given['dccp-types']),
      option: test(given['dccp-option']),
    };
  },
  save: ({ sport, dport, types, option }) => [
    ...(sport === null ? [] : printed('--sport', [formatPorts(sport.range)], sport.invert)),
    ...(dport === null ? [] : printed('--dport', [formatPorts(dport.range)], dport.invert)),
    ...(types === null ? [] : printed('--dccp-types', [types.value.join(',')], types.invert)),
    ...(option === null ? [] : printed('--dccp-option', [`${option.value}`], option.invert)),
  ],
  listing: (cursor): DccpMatch | null => {
    if (!cursor.accept('dccp')) return null;
    const { sport, dport } = readListedPorts(cursor);
    const listedTypes = readListedTypes(cursor);
    return { sport, dport, types: listedTypes, option: readListedOption(cursor) };
  },
  drops: (_, { skb }) => skb.proto === 33 && endsBefore(skb, headerSize.dccp),
  test: (data, { skb }): Tri => {
    if (skb.proto !== 33 || endsBefore(skb, headerSize.dccp) || isLaterFragment(skb)) return false;
    if (!holds(data.sport, skb.sport) || !holds(data.dport, skb.dport)) return false;
    const passes = data.types === null || typePasses(data.types, skb);
    return and(passes, data.option === null || unknown('the options of the DCCP packet are not asked'));
  },
});

function test<T>(given: Given<T> | undefined): Test<T> | null {
  return given === undefined ? null : { value: given.value, invert: given.invert };
}

/** The type is four bits of the ninth byte, which NAT leaves alone. */
function typePasses({ value, invert }: Test<readonly DccpType[]>, { body, extensions }: Skb): Tri {
  const byte = extensions === undefined ? body?.[8] : undefined;
  if (byte === undefined) return unknown('the type of the DCCP packet is not told');
  const type = types[Math.min((byte >> 1) & 15, types.length - 1)];
  return inverted(type !== undefined && value.includes(type), invert);
}

function holds(test: PortTest | null, port: number | null): boolean {
  return test === null || (port !== null && portRangeContains(test.range, port) !== test.invert);
}

/** `2,3` with -n, names without; negation is a word of its own. */
function readListedTypes(cursor: ListingCursor): DccpMatch['types'] {
  const at = cursor.at;
  const invert = cursor.accept('!');
  const names = (cursor.take() ?? '').split(',').map((part) => {
    const number = parseUint32(part);
    return number === null ? part : (types[Math.min(number, types.length - 1)] ?? part);
  });
  const value = readTypes(names.join(','));
  if (!('refused' in value) && value.length > 0) return { value, invert };
  cursor.reset(at);
  return null;
}

function readListedOption(cursor: ListingCursor): DccpMatch['option'] {
  const text = cursor.acceptPrefix('option=');
  if (text === null) return null;
  const invert = text.startsWith('!');
  return { value: parseUint32(invert ? text.slice(1) : text) ?? 0, invert };
}
