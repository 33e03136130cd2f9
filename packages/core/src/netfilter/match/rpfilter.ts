/** `-m rpfilter`: would the answer leave by the device the packet came in? iptables-extensions(8); net/ipv4/netfilter/ipt_rpfilter.c. */
import { inverted, type Tri } from '../../tri.js';
import { defineMatch, option } from '../extension.js';
import { flag } from '../value.js';

export interface RpfilterMatch {
  readonly loose: boolean;
  readonly validmark: boolean;
  readonly acceptLocal: boolean;
  readonly invert: boolean;
}

export const rpfilter = defineMatch({
  name: 'rpfilter',
  families: [4, 6],
  tables: ['raw', 'mangle'],
  hooks: ['PREROUTING'],
  options: {
    loose: option(flag),
    validmark: option(flag),
    'accept-local': option(flag),
    invert: option(flag),
  },
  build: (given): RpfilterMatch => ({
    loose: given.loose !== undefined,
    validmark: given.validmark !== undefined,
    acceptLocal: given['accept-local'] !== undefined,
    invert: given.invert !== undefined,
  }),
  save: (data) => words(data).map((name) => `--${name}`),
  listing: (cursor): RpfilterMatch | null => {
    if (!cursor.accept('rpfilter')) return null;
    return {
      loose: cursor.accept('loose'),
      validmark: cursor.accept('validmark'),
      acceptLocal: cursor.accept('accept-local'),
      invert: cursor.accept('invert'),
    };
  },
  /** What comes over the loopback always passes. */
  test: (data, { skb, around }): Tri => {
    if (skb.iif === 'lo' || skb.pktType === 'loopback') return inverted(true, data.invert);
    return inverted(around.reversePath(skb, data), data.invert);
  },
});

function words(data: RpfilterMatch): readonly string[] {
  return [
    ...(data.loose ? ['loose'] : []),
    ...(data.validmark ? ['validmark'] : []),
    ...(data.acceptLocal ? ['accept-local'] : []),
    ...(data.invert ? ['invert'] : []),
  ];
}
