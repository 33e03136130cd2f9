/** `-m frag`: the IPv6 fragment header. iptables-extensions(8); net/ipv6/netfilter/ip6t_frag.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { and, type Tri, unknown } from '../../tri.js';
import { defineMatch, negatable, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { flag, integer, pick, printed } from '../value.js';
import { numberRange, type RangeTest, rangeTest, readListedRange, sameForAll, saveRange } from './number-range.js';

export interface FragMatch {
  readonly id: RangeTest | null;
  /** Kept and printed, but no kernel looks at it. */
  readonly length: { readonly value: number; readonly invert: boolean } | null;
  /** Reserved fields must be zero. */
  readonly reserved: boolean;
  readonly first: boolean;
  /** `more`: more fragments follow; `last`: none does. */
  readonly rest: 'more' | 'last' | null;
}

const idRange = numberRange('id[:id]');

export const frag = defineMatch({
  name: 'frag',
  families: [6],
  options: {
    fragid: negatable(idRange),
    fraglen: negatable(integer('length', 0, 0xffffffff)),
    fragres: option(flag),
    fragfirst: option(flag),
    fragmore: option(flag),
    fraglast: option(flag),
  },
  build: (given): FragMatch | Refusal => {
    const more = given.fragmore !== undefined;
    const last = given.fraglast !== undefined;
    if (more && last) return refuse('--fragmore cannot be used together with --fraglast');
    const { fraglen } = given;
    return {
      id: rangeTest(given.fragid),
      length: fraglen === undefined ? null : { value: fraglen.value, invert: fraglen.invert },
      reserved: given.fragres !== undefined,
      first: given.fragfirst !== undefined,
      rest: more ? 'more' : last ? 'last' : null,
    };
  },
  sample: (choose, cx) => [
    ...(choose(2) === 0 ? printed('--fragid', idRange.sample(choose, cx), choose(2) === 0) : []),
    ...(choose(3) === 0 ? printed('--fraglen', ['8'], choose(2) === 0) : []),
    ...(choose(2) === 0 ? ['--fragres'] : []),
    ...(choose(2) === 0 ? ['--fragfirst'] : []),
    ...(choose(2) === 0 ? [pick(choose, ['--fragmore', '--fraglast'])] : []),
  ],
  save: (data) => [
    ...saveRange('--fragid', data.id),
    ...(data.length === null ? [] : printed('--fraglen', [`${data.length.value}`], data.length.invert)),
    ...(data.reserved ? ['--fragres'] : []),
    ...(data.first ? ['--fragfirst'] : []),
    ...(data.rest === null ? [] : [`--frag${data.rest}`]),
  ],
  listing: (cursor): FragMatch | null => {
    if (!cursor.accept('frag')) return null;
    const id = readListedRange(cursor, 'id');
    const length = readListedLength(cursor);
    const reserved = cursor.accept('reserved');
    const first = cursor.accept('first');
    return {
      id,
      length,
      reserved,
      first,
      rest: cursor.accept('more') ? 'more' : cursor.accept('last') ? 'last' : null,
    };
  },
  test: (data, { skb }): Tri => {
    if (skb.fragment === null) return false;
    if (data.first && skb.fragment.offset !== 0) return false;
    if (data.rest !== null && skb.fragment.more !== (data.rest === 'more')) return false;
    const id = sameForAll(data.id) ?? unknown('the identification of the fragment is not asked');
    return and(id, data.reserved ? unknown('the reserved bits of the fragment header are not asked') : true);
  },
});

function readListedLength(cursor: ListingCursor): FragMatch['length'] {
  const text = cursor.acceptPrefix('length:');
  if (text === null) return null;
  const invert = text.startsWith('!');
  return { value: parseUint32(invert ? text.slice(1) : text) ?? 0, invert };
}
