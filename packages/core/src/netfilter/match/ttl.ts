/** `-m ttl`: time to live of IPv4. iptables-extensions(8); net/netfilter/xt_hl.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { defineMatch, negatable, option, type Refusal, refuse } from '../extension.js';
import { integer, pick, printed } from '../value.js';

export interface TtlMatch {
  readonly op: 'eq' | 'ne' | 'lt' | 'gt';
  readonly value: number;
}

const hops = integer('ttl', 0, 255);

export const ttl = defineMatch({
  name: 'ttl',
  families: [4],
  options: {
    'ttl-eq': negatable(hops, { aliases: ['ttl'] }),
    'ttl-lt': option(hops),
    'ttl-gt': option(hops),
  },
  sample: (choose, cx) => {
    const op = pick(choose, ['eq', 'lt', 'gt']);
    return printed(`--ttl-${op}`, hops.sample(choose, cx), op === 'eq' && choose(2) === 0);
  },
  build: (given): TtlMatch | Refusal => {
    const { 'ttl-eq': eq, 'ttl-lt': lt, 'ttl-gt': gt } = given;
    const chosen: TtlMatch[] = [];
    if (eq !== undefined) chosen.push({ op: eq.invert ? 'ne' : 'eq', value: eq.value });
    if (lt !== undefined) chosen.push({ op: 'lt', value: lt.value });
    if (gt !== undefined) chosen.push({ op: 'gt', value: gt.value });
    if (chosen.length > 1) return refuse('only one of --ttl-eq, --ttl-lt and --ttl-gt can be given');
    return chosen[0] ?? refuse('none of --ttl-eq, --ttl-lt and --ttl-gt is given');
  },
  save: ({ op, value }) => printed(`--ttl-${op === 'ne' ? 'eq' : op}`, [`${value}`], op === 'ne'),
  listing: (cursor): TtlMatch | null => {
    const at = cursor.at;
    if (cursor.accept('TTL', 'match', 'TTL')) {
      const op = listedOps[cursor.take() ?? ''];
      const value = parseUint32(cursor.take() ?? '');
      if (op !== undefined && value !== null) return { op, value };
    }
    cursor.reset(at);
    return null;
  },
  test: ({ op, value }, { skb }) => {
    switch (op) {
      case 'eq':
        return skb.ttl === value;
      case 'ne':
        return skb.ttl !== value;
      case 'lt':
        return skb.ttl < value;
      case 'gt':
        return skb.ttl > value;
    }
  },
});

const listedOps: Readonly<Record<string, TtlMatch['op']>> = { '==': 'eq', '!=': 'ne', '<': 'lt', '>': 'gt' };
