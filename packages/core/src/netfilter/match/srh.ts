/** `-m srh`: the segment routing header of IPv6. RFC 8754; iptables-extensions(8); net/ipv6/netfilter/ip6t_srh.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type CidrAddress, formatPrefix } from '../../inet/prefix.js';
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, type Given, isRefusal, negatable, type ReadContext } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { integer, printed } from '../value.js';
import { endpoint } from './policy-element.js';

const routingHeader = 43;
const fields = ['hdr-len', 'segs-left', 'last-entry'] as const;
const operators = ['eq', 'gt', 'lt'] as const;
const segmentIds = ['psid', 'nsid', 'lsid'] as const;

interface Negatable<T> {
  readonly value: T;
  readonly invert: boolean;
}

/** The kernel keeps one number for all comparisons of a field: the last one given. */
export interface SrhField {
  readonly field: (typeof fields)[number];
  readonly value: number;
  readonly comparisons: readonly { readonly operator: (typeof operators)[number]; readonly invert: boolean }[];
}

export interface SrhMatch {
  readonly nextHdr: Negatable<number> | null;
  /** In the order of printing. */
  readonly fields: readonly SrhField[];
  readonly tag: Negatable<number> | null;
  /** Previous, next and last segment; host bits are kept. */
  readonly psid: Negatable<CidrAddress> | null;
  readonly nsid: Negatable<CidrAddress> | null;
  readonly lsid: Negatable<CidrAddress> | null;
}

const byte = integer('number', 0, 255);

export const srh = defineMatch({
  name: 'srh',
  families: [6],
  options: {
    'srh-next-hdr': negatable(byte),
    'srh-hdr-len-eq': negatable(byte),
    'srh-hdr-len-gt': negatable(byte),
    'srh-hdr-len-lt': negatable(byte),
    'srh-segs-left-eq': negatable(byte),
    'srh-segs-left-gt': negatable(byte),
    'srh-segs-left-lt': negatable(byte),
    'srh-last-entry-eq': negatable(byte),
    'srh-last-entry-gt': negatable(byte),
    'srh-last-entry-lt': negatable(byte),
    'srh-tag': negatable(integer('tag', 0, 65535)),
    'srh-psid': negatable(endpoint),
    'srh-nsid': negatable(endpoint),
    'srh-lsid': negatable(endpoint),
  },
  build: (given): SrhMatch => ({
    nextHdr: test(given['srh-next-hdr']),
    fields: fields.flatMap((field) => {
      const compared = operators.flatMap((operator) => {
        const one: Given<number> | undefined = given[`srh-${field}-${operator}`];
        return one === undefined ? [] : [{ operator, invert: one.invert, value: one.value, at: one.all[0]?.at ?? 0 }];
      });
      const last = compared.reduce((latest, one) => (one.at > latest.at ? one : latest), { at: -1, value: 0 });
      const comparisons = compared.map(({ operator, invert }) => ({ operator, invert }));
      return comparisons.length === 0 ? [] : [{ field, value: last.value, comparisons }];
    }),
    tag: test(given['srh-tag']),
    psid: test(given['srh-psid']),
    nsid: test(given['srh-nsid']),
    lsid: test(given['srh-lsid']),
  }),
  save: (data) => [
    ...saveNumber('--srh-next-hdr', data.nextHdr),
    ...data.fields.flatMap(({ field, value, comparisons }) =>
      comparisons.flatMap(({ operator, invert }) => printed(`--srh-${field}-${operator}`, [`${value}`], invert)),
    ),
    ...saveNumber('--srh-tag', data.tag),
    ...segmentIds.flatMap((name) => {
      const asked = data[name];
      return asked === null ? [] : printed(`--srh-${name}`, [formatPrefix(asked.value)], asked.invert);
    }),
  ],
  listing: (cursor, cx): SrhMatch | null => {
    if (!cursor.accept('srh')) return null;
    return {
      nextHdr: listedNumber(cursor, 'next-hdr:'),
      fields: fields.flatMap((field) => listedField(cursor, field)),
      tag: listedNumber(cursor, 'tag:'),
      psid: listedId(cursor, 'psid', cx),
      nsid: listedId(cursor, 'nsid', cx),
      lsid: listedId(cursor, 'lsid', cx),
    };
  },
  /** A packet without that header never matches, negated or not. */
  test: (_, { skb: { extensions } }): Tri =>
    extensions?.includes(routingHeader) === true ? unknown('the fields of the routing header are not asked') : false,
});

function test<T>(given: Given<T> | undefined): Negatable<T> | null {
  return given === undefined ? null : { value: given.value, invert: given.invert };
}

function saveNumber(name: string, asked: Negatable<number> | null): readonly string[] {
  return asked === null ? [] : printed(name, [`${asked.value}`], asked.invert);
}

function listedField(cursor: ListingCursor, field: SrhField['field']): readonly SrhField[] {
  let value = 0;
  const comparisons = operators.flatMap((operator) => {
    const listed = listedNumber(cursor, `${field}-${operator}:`);
    if (listed === null) return [];
    value = listed.value;
    return [{ operator, invert: listed.invert }];
  });
  return comparisons.length === 0 ? [] : [{ field, value, comparisons }];
}

function listedNumber(cursor: ListingCursor, label: string): Negatable<number> | null {
  const at = cursor.at;
  const text = cursor.acceptPrefix(label) ?? '';
  const invert = text.startsWith('!');
  const value = parseUint32(invert ? text.slice(1) : text);
  if (value !== null) return { value, invert };
  cursor.reset(at);
  return null;
}

function listedId(cursor: ListingCursor, name: string, cx: ReadContext): Negatable<CidrAddress> | null {
  const at = cursor.at;
  if (cursor.accept(name)) {
    const invert = cursor.accept('!');
    const value = endpoint.read([cursor.take() ?? ''], cx);
    if (!isRefusal(value)) return { value, invert };
  }
  cursor.reset(at);
  return null;
}
