/** `-m hl`: the hop limit of an IPv6 packet. iptables-extensions(8); net/netfilter/xt_hl.c. */
import { defineMatch, negatable, option, type Refusal, refuse } from '../extension.js';
import { integer, pick, printed } from '../value.js';

export interface HlMatch {
  readonly relation: 'eq' | 'ne' | 'lt' | 'gt';
  readonly value: number;
}

const octet = integer('value', 0, 255);
const signs = { eq: '==', ne: '!=', lt: '<', gt: '>' } as const;

export const hl = defineMatch({
  name: 'hl',
  families: [6],
  options: {
    'hl-eq': negatable(octet, { aliases: ['hl'] }),
    'hl-lt': option(octet),
    'hl-gt': option(octet),
  },
  build: (given): HlMatch | Refusal => {
    const equal = given['hl-eq'];
    const chosen = [
      equal && { relation: equal.invert ? ('ne' as const) : ('eq' as const), value: equal.value },
      given['hl-lt'] && { relation: 'lt' as const, value: given['hl-lt'].value },
      given['hl-gt'] && { relation: 'gt' as const, value: given['hl-gt'].value },
    ].filter((one) => one !== undefined);
    const [first, second] = chosen;
    if (first === undefined) return refuse('it needs one of --hl-eq, --hl-lt, --hl-gt');
    return second === undefined ? first : refuse('only one of --hl-eq, --hl-lt, --hl-gt can be given');
  },
  sample: (choose, cx) => {
    const relation = pick(choose, ['eq', 'lt', 'gt']);
    return printed(`--hl-${relation}`, octet.sample(choose, cx), relation === 'eq' && choose(2) === 0);
  },
  save: ({ relation, value }) =>
    relation === 'ne' ? printed('--hl-eq', [`${value}`], true) : [`--hl-${relation}`, `${value}`],
  listing: (cursor): HlMatch | null => {
    const at = cursor.at;
    if (cursor.accept('HL', 'match', 'HL')) {
      const sign = cursor.take();
      const relation = (['eq', 'ne', 'lt', 'gt'] as const).find((one) => signs[one] === sign);
      const value = Number(cursor.take());
      if (relation !== undefined && Number.isInteger(value)) return { relation, value };
    }
    cursor.reset(at);
    return null;
  },
  test: ({ relation, value }, { skb: { ttl } }) => {
    switch (relation) {
      case 'eq':
        return ttl === value;
      case 'ne':
        return ttl !== value;
      case 'lt':
        return ttl < value;
      case 'gt':
        return ttl > value;
    }
  },
});
