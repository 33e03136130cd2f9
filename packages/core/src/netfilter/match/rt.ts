/** `-m rt`: the routing header of IPv6. iptables-extensions(8); net/ipv6/netfilter/ip6t_rt.c. */
import { parseUint32 } from '../../inet/decimal.js';
import type { Ip } from '../../inet/ip.js';
import { formatIp, parseIp6 } from '../../inet/ip-text.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, negatable, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, integer, printed, sampleAddress, word } from '../value.js';
import { numberRange, type RangeTest, rangeTest, readListedRange, saveRange } from './number-range.js';

interface NumberTest {
  readonly value: number;
  readonly invert: boolean;
}

export interface RtMatch {
  readonly type: NumberTest | null;
  readonly segsleft: RangeTest | null;
  readonly length: NumberTest | null;
  /** The reserved field of type 0 is zero. */
  readonly reserved: boolean;
  readonly addresses: readonly Ip[];
  /** The addresses may have others between them. */
  readonly notStrict: boolean;
}

const mostAddresses = 16;
const routingHeader = 43;

const addressList = word(
  'address[,address]',
  (value): readonly Ip[] | Refusal => {
    const addresses: Ip[] = [];
    for (const part of value.split(',')) {
      const ip = parseIp6(part);
      if (ip === null) return refuse(`"${part}" is not an IPv6 address`);
      addresses.push(ip);
    }
    return addresses.length > mostAddresses ? refuse(`more than ${mostAddresses} addresses are listed`) : addresses;
  },
  (choose, cx) => Array.from({ length: 1 + choose(4) }, () => sampleAddress(choose, cx)).join(','),
);
const uint32 = integer('number', 0, 0xffffffff);
const segments = numberRange('number[:number]');

export const rt = defineMatch({
  name: 'rt',
  families: [6],
  options: {
    'rt-type': negatable(uint32),
    'rt-segsleft': negatable(segments),
    'rt-len': negatable(uint32),
    'rt-0-res': option(flag),
    'rt-0-addrs': option(addressList),
    'rt-0-not-strict': option(flag),
  },
  sample: (choose, cx) => {
    const zero = choose(2) === 0;
    const addresses = zero && choose(2) === 0;
    return [
      ...(zero ? ['--rt-type', '0'] : printed('--rt-type', [`${choose(256)}`], choose(2) === 0)),
      ...(choose(2) === 0 ? printed('--rt-segsleft', segments.sample(choose, cx), choose(3) === 0) : []),
      ...(choose(2) === 0 ? printed('--rt-len', uint32.sample(choose, cx), choose(3) === 0) : []),
      ...(zero && choose(2) === 0 ? ['--rt-0-res'] : []),
      ...(addresses ? ['--rt-0-addrs', ...addressList.sample(choose, cx)] : []),
      ...(addresses && choose(2) === 0 ? ['--rt-0-not-strict'] : []),
    ];
  },
  build: (given): RtMatch | Refusal => {
    const { 'rt-type': type, 'rt-0-res': reserved, 'rt-0-addrs': addresses, 'rt-0-not-strict': notStrict } = given;
    const zeroAt = type !== undefined && type.value === 0 && !type.invert ? place(type) : Number.POSITIVE_INFINITY;
    if (place(reserved) < zeroAt || place(addresses) < zeroAt) {
      return refuse('--rt-0-res and --rt-0-addrs stand behind --rt-type 0');
    }
    if (place(notStrict) < place(addresses)) return refuse('--rt-0-not-strict stands behind --rt-0-addrs');
    return {
      type: numberTest(type),
      segsleft: rangeTest(given['rt-segsleft']),
      length: numberTest(given['rt-len']),
      reserved: reserved !== undefined,
      addresses: addresses?.value ?? [],
      notStrict: notStrict !== undefined,
    };
  },
  save: (data) => [
    ...saveNumber('--rt-type', data.type),
    ...saveRange('--rt-segsleft', data.segsleft),
    ...saveNumber('--rt-len', data.length),
    ...(data.reserved ? ['--rt-0-res'] : []),
    ...(data.addresses.length === 0 ? [] : ['--rt-0-addrs', data.addresses.map(formatIp).join(',')]),
    ...(data.notStrict ? ['--rt-0-not-strict'] : []),
  ],
  loses: ({ segsleft }) =>
    segsleft !== null && saveRange('', segsleft).length === 0 ? 'that it allows no number of segments at all' : null,
  listing: (cursor, cx): RtMatch | null => {
    if (!cursor.accept('rt')) return null;
    const type = listedNumber(cursor, 'type:');
    const segsleft = readListedRange(cursor, 'segsleft');
    const length = listedNumber(cursor, 'length:');
    const reserved = cursor.accept('reserved');
    const addresses = cursor.accept('0-addrs') ? addressList.read([cursor.take() ?? ''], cx) : [];
    if ('refused' in addresses) return null;
    return { type, segsleft, length, reserved, addresses, notStrict: cursor.accept('0-not-strict') };
  },
  /** A packet without that header never matches, negated or not. */
  test: (data, { skb: { extensions } }): Tri => {
    if (extensions?.includes(routingHeader) !== true) return false;
    return asksForFields(data) ? unknown('the fields of the routing header are not asked') : true;
  },
});

function asksForFields({ type, segsleft, length }: RtMatch): boolean {
  return type !== null || segsleft !== null || length !== null;
}

function place(given: Given<unknown> | undefined): number {
  return given?.all[0]?.at ?? Number.POSITIVE_INFINITY;
}

function numberTest(given: Given<number> | undefined): NumberTest | null {
  return given === undefined ? null : { value: given.value, invert: given.invert };
}

function saveNumber(name: string, test: NumberTest | null): readonly string[] {
  return test === null ? [] : printed(name, [`${test.value}`], test.invert);
}

/** The listing prints a type over 2³¹ as a negative number. */
function listedNumber(cursor: ListingCursor, label: string): NumberTest | null {
  const at = cursor.at;
  const text = cursor.acceptPrefix(label) ?? '';
  const invert = text.startsWith('!');
  const digits = invert ? text.slice(1) : text;
  const value = digits.startsWith('-') ? negative(digits.slice(1)) : parseUint32(digits);
  if (value !== null) return { value, invert };
  cursor.reset(at);
  return null;
}

function negative(digits: string): number | null {
  const value = parseUint32(digits);
  return value === null ? null : -value >>> 0;
}
