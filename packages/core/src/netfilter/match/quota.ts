/** `-m quota`: matches until so many bytes have passed. iptables-extensions(8); net/netfilter/xt_quota.c. */
import { type Tri, unknown } from '../../tri.js';
import { defineMatch, isRefusal, negatable, type Refusal, refuse } from '../extension.js';
import { printed } from '../value.js';
import { uint64 } from './uint64.js';

export interface QuotaMatch {
  /** Bytes, a decimal of up to 64 bits. */
  readonly quota: string;
  readonly invert: boolean;
  /** The listing does not tell a negated quota from another. */
  readonly listed?: true;
}

export const quota = defineMatch({
  name: 'quota',
  families: [4, 6],
  options: { quota: negatable(uint64) },
  build: (given): QuotaMatch | Refusal =>
    given.quota === undefined ? refuse('--quota is missing') : { quota: given.quota.value, invert: given.quota.invert },
  save: (data: QuotaMatch) => printed('--quota', [data.quota], data.invert),
  listing: (cursor, cx): QuotaMatch | null => {
    const at = cursor.at;
    if (cursor.accept('quota:')) {
      const bytes = uint64.read([cursor.take() ?? ''], cx);
      if (!isRefusal(bytes) && cursor.accept('bytes')) return { quota: bytes, invert: false, listed: true };
    }
    cursor.reset(at);
    return null;
  },
  test: ({ quota: most, invert, listed }, { skb: { length } }): Tri => {
    // Nothing is left for a packet that is longer than the whole quota.
    if (listed === undefined && length !== null && BigInt(most) < BigInt(length)) return invert;
    return unknown(`how much of the quota of ${most} bytes is left is not known`);
  },
});
