/** `-j TRACE`: the kernel tells every rule that the packet meets from here on. iptables-extensions(8); net/netfilter/xt_TRACE.c. */
import { defineTarget, refuse } from '../extension.js';

export type TraceTarget = Readonly<Record<never, never>>;

export const trace = defineTarget({
  name: 'TRACE',
  families: [4, 6],
  options: {},
  sample: () => [],
  // nft has a statement of its own for it, which works everywhere.
  build: (_given, cx) =>
    cx.table === null || cx.table === 'raw' || cx.variant === 'nft' ? {} : refuse('it works in table raw only'),
  save: () => [],
  listing: (): TraceTarget => ({}),
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});
