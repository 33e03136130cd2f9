/** `-m quota`: matches until so many bytes have passed. iptables-extensions(8); net/netfilter/xt_quota.c. */
import { unknown } from '../../tri.js';
import { defineMatch, isRefusal, negatable, refuse } from '../extension.js';
import { printed } from '../value.js';
import { uint64 } from './uint64.js';

export interface QuotaMatch {
  /** Bytes, a decimal of up to 64 bits. */
  readonly quota: string;
  readonly invert: boolean;
}

export const quota = defineMatch({
  name: 'quota',
  families: [4, 6],
  options: { quota: negatable(uint64) },
  build: (given) =>
    given.quota === undefined ? refuse('--quota is missing') : { quota: given.quota.value, invert: given.quota.invert },
  save: (data: QuotaMatch) => printed('--quota', [data.quota], data.invert),
  /** The listing does not tell a negated quota from another; the answer is unknown either way. */
  listing: (cursor, cx): QuotaMatch | null => {
    const at = cursor.at;
    if (cursor.accept('quota:')) {
      const bytes = uint64.read([cursor.take() ?? ''], cx);
      if (!isRefusal(bytes) && cursor.accept('bytes')) return { quota: bytes, invert: false };
    }
    cursor.reset(at);
    return null;
  },
  test: (data) => unknown(`how much of the quota of ${data.quota} bytes is left is not known`),
});
