/** `-m addrtype`: what kind of address the routing tables say source or destination is. iptables-extensions(8); net/netfilter/xt_addrtype.c. */
import type { Ip } from '../../inet/ip.js';
import { and, inverted, type Tri } from '../../tri.js';
import {
  defineMatch,
  type Given,
  isRefusal,
  negatable,
  option,
  type ReadContext,
  type Refusal,
  refuse,
} from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import type { AddressType, PacketInput } from '../packet-input.js';
import { flag, pick, printed } from '../value.js';
import { readWordList, wordList } from './word-list.js';

export interface TypeTest {
  readonly types: readonly AddressType[];
  readonly invert: boolean;
}

export interface AddrtypeMatch {
  readonly src: TypeTest | null;
  readonly dst: TypeTest | null;
  /** Only addresses of the device the packet came in by or leaves by count. */
  readonly limit: 'in' | 'out' | null;
}

const types = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
] as const satisfies readonly AddressType[];

/** Kinds that the kernel cannot tell for an IPv6 address. */
const notFor6: readonly AddressType[] = ['BROADCAST', 'BLACKHOLE', 'PROHIBIT', 'THROW', 'NAT', 'XRESOLVE'];
const typeList = wordList('type[,type]', types);

export const addrtype = defineMatch({
  name: 'addrtype',
  families: [4, 6],
  options: {
    'src-type': negatable(typeList),
    'dst-type': negatable(typeList),
    'limit-iface-in': option(flag),
    'limit-iface-out': option(flag),
  },
  build: (given, cx): AddrtypeMatch | Refusal => {
    const src = typeTest(given['src-type']);
    const dst = typeTest(given['dst-type']);
    if (src === null && dst === null) return refuse('neither --src-type nor --dst-type is given');
    const limitIn = given['limit-iface-in'] !== undefined;
    const limitOut = given['limit-iface-out'] !== undefined;
    if (limitIn && limitOut) return refuse('--limit-iface-in cannot be used together with --limit-iface-out');
    const why = (limitIn && hasNo('in', cx)) || (limitOut && hasNo('out', cx)) || notTellable(src, dst, cx);
    return why ? refuse(why) : { src, dst, limit: limitIn ? 'in' : limitOut ? 'out' : null };
  },
  sample: (choose, cx) => {
    const wanted = () =>
      cx.family === 4
        ? typeList.sample(choose, cx)
        : [pick(choose, ['LOCAL', 'UNICAST', 'MULTICAST,ANYCAST', 'UNSPEC', 'UNREACHABLE,LOCAL'])];
    const limits = hasNo('in', cx) ? [] : ['--limit-iface-in'];
    if (hasNo('out', cx) === null) limits.push('--limit-iface-out');
    const both = choose(3);
    return [
      ...(both === 0 ? [] : printed('--src-type', wanted(), choose(2) === 0)),
      ...(both === 1 ? [] : printed('--dst-type', wanted(), choose(2) === 0)),
      ...(choose(2) === 0 ? limits.slice(0, 1) : limits.slice(1, 1 + choose(2))),
    ];
  },
  save: (data) => [
    ...saveTypes('--src-type', data.src),
    ...saveTypes('--dst-type', data.dst),
    ...(data.limit === null ? [] : [`--limit-iface-${data.limit}`]),
  ],
  listing: (cursor): AddrtypeMatch | null => {
    if (!cursor.accept('ADDRTYPE', 'match')) return null;
    const src = readListedTypes(cursor, 'src-type');
    const dst = readListedTypes(cursor, 'dst-type');
    return { src, dst, limit: cursor.accept('limit-in') ? 'in' : cursor.accept('limit-out') ? 'out' : null };
  },
  test: (data, input) =>
    and(passes(data.src, input.skb.src, data, input), passes(data.dst, input.skb.dst, data, input)),
});

function typeTest(given: Given<readonly AddressType[]> | undefined): TypeTest | null {
  return given === undefined ? null : { types: given.value, invert: given.invert };
}

/** Why a limit cannot stand in this chain: the packet has no such device there yet or any more. */
function hasNo(side: 'in' | 'out', { chain }: ReadContext): string | null {
  const without = side === 'in' ? ['OUTPUT', 'POSTROUTING'] : ['PREROUTING', 'INPUT'];
  return chain !== null && without.includes(chain) ? `a packet in ${chain} has no ${side} device` : null;
}

function notTellable(src: TypeTest | null, dst: TypeTest | null, { family }: ReadContext): string | null {
  if (family === 4) return null;
  const asked = [...(src?.types ?? []), ...(dst?.types ?? [])].find((type) => notFor6.includes(type));
  return asked === undefined ? null : `the kernel does not know ${asked} for IPv6`;
}

function saveTypes(option: string, test: TypeTest | null): readonly string[] {
  return test === null ? [] : printed(option, [test.types.join(',')], test.invert);
}

function readListedTypes(cursor: ListingCursor, label: string): TypeTest | null {
  const value = cursor.peek() === label ? cursor.peek(1) : null;
  if (value === null) return null;
  const invert = value.startsWith('!');
  const read = readWordList(invert ? value.slice(1) : value, types);
  if (isRefusal(read)) return null;
  cursor.take();
  cursor.take();
  return { types: read, invert };
}

function passes(test: TypeTest | null, ip: Ip, { limit }: AddrtypeMatch, { skb, around }: PacketInput): Tri {
  if (test === null) return true;
  const dev = limit === 'in' ? skb.iif : limit === 'out' ? skb.oif : null;
  return inverted(around.addressIs(ip, test.types, dev), test.invert);
}
