/** `-m ipv6header`: which IPv6 extension headers a packet has. iptables-extensions(8); net/ipv6/netfilter/ip6t_ipv6header.c. */
import { parseProto } from '../../inet/proto.js';
import { isBlindFragment } from '../../packet/extension-headers.js';
import type { Skb } from '../../packet/skb.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, option, type Refusal, refuse, type ValueType } from '../extension.js';
import { flag, pick, printed, word } from '../value.js';

/** In the order in which the tools print them, which is also that of the bits from 0x80 down. */
const headers = ['hop-by-hop', 'ipv6-opts', 'ipv6-route', 'ipv6-frag', 'ah', 'esp', 'ipv6-nonxt', 'protocol'] as const;

export type Ipv6Header = (typeof headers)[number];

export interface Ipv6headerMatch {
  readonly headers: readonly Ipv6Header[];
  readonly invert: boolean;
  /** Others may be there too. */
  readonly soft: boolean;
}

const shortNames: Readonly<Record<string, Ipv6Header>> = {
  hop: 'hop-by-hop',
  dst: 'ipv6-opts',
  route: 'ipv6-route',
  frag: 'ipv6-frag',
  auth: 'ah',
  none: 'ipv6-nonxt',
  prot: 'protocol',
};

const numbers: Readonly<Record<number, Ipv6Header>> = {
  0: 'hop-by-hop',
  43: 'ipv6-route',
  44: 'ipv6-frag',
  50: 'esp',
  51: 'ah',
  59: 'ipv6-nonxt',
  60: 'ipv6-opts',
  255: 'protocol',
};

const fragmentHeader = 44;
const protocol = 255;

const headerList: ValueType<readonly Ipv6Header[]> = word('header[,header…]', readHeaders, (choose) =>
  Array.from({ length: 1 + choose(4) }, () => pick(choose, [...headers, 'hop', 'dst', 'prot', '44'])).join(','),
);

function readHeaders(text: string): readonly Ipv6Header[] | Refusal {
  const chosen = new Set<Ipv6Header>();
  for (const part of text.split(',')) {
    const number = parseProto(part);
    const named = headers.find((header) => header === part) ?? (Object.hasOwn(shortNames, part) && shortNames[part]);
    const header = named || (number === null ? undefined : numbers[number]);
    if (header === undefined) return refuse(`"${part}" is no header of IPv6`);
    chosen.add(header);
  }
  return headers.filter((header) => chosen.has(header));
}

export const ipv6header = defineMatch({
  name: 'ipv6header',
  families: [6],
  options: { header: negatable(headerList), soft: option(flag) },
  build: (given): Ipv6headerMatch | Refusal => {
    const { header, soft } = given;
    if (header === undefined) return refuse('--header is missing');
    return { headers: header.value, invert: header.invert, soft: soft !== undefined };
  },
  sample: (choose, cx) => [
    ...printed('--header', headerList.sample(choose, cx), choose(3) === 0),
    ...(choose(2) === 0 ? ['--soft'] : []),
  ],
  save: (data) => [...printed('--header', [data.headers.join(',')], data.invert), ...(data.soft ? ['--soft'] : [])],
  test: ({ headers: wanted, invert, soft }, { skb }): Tri => {
    if (isBlindFragment(skb)) return unknown('what a later fragment holds is read as an extension header');
    const there = headersOf(skb);
    // A soft test is made header by header: negated it wants none of them.
    if (soft) return wanted.every((header) => there.has(header) !== invert);
    return (wanted.length === there.size && wanted.every((header) => there.has(header))) !== invert;
  },
  listing: (cursor): Ipv6headerMatch | null => {
    const at = cursor.at;
    const text = cursor.accept('ipv6header') ? cursor.acceptPrefix('flags:') : null;
    const invert = text?.startsWith('!') ?? false;
    const listed = text === null ? null : readListedHeaders(invert ? text.slice(1) : text);
    if (listed !== null) return { headers: listed, invert, soft: cursor.accept('soft') };
    cursor.reset(at);
    return null;
  },
});

/** `protocol` stands for anything but nothing and ESP. */
function headersOf({ proto, extensions = [], fragment }: Skb): ReadonlySet<Ipv6Header> {
  const chain = [
    ...extensions,
    ...(fragment === null ? [] : [fragmentHeader]),
    ...(isLast(proto) ? [proto] : [protocol]),
  ];
  return new Set(chain.map((number) => numbers[number] ?? 'protocol'));
}

function isLast(proto: number): boolean {
  return proto === 50 || proto === 59;
}

/** Bits with -n, names without. */
function readListedHeaders(text: string): Ipv6headerMatch['headers'] | null {
  if (!text.startsWith('0x')) {
    const named = readHeaders(text);
    return 'refused' in named ? null : named;
  }
  const bits = Number.parseInt(text, 16);
  return headers.filter((_, index) => (bits & (0x80 >> index)) !== 0);
}
