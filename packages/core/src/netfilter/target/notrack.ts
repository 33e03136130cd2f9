/** `-j NOTRACK`: the packet is not tracked, as with `CT --notrack`. iptables-extensions(8); iptables: extensions/libxt_CT.c. */
import { defineTarget } from '../extension.js';
import { isDecided } from './ct.js';

export type NotrackTarget = Readonly<Record<never, never>>;

export const notrack = defineTarget({
  name: 'NOTRACK',
  families: [4, 6],
  tables: ['raw'],
  options: {},
  build: (): NotrackTarget => ({}),
  save: () => [],
  listedAs: 'CT',
  listing: (cursor): NotrackTarget | null => (cursor.accept('NOTRACK') ? {} : null),
  apply: (_data, { skb }) => (isDecided(skb) ? { kind: 'continue', skb } : { kind: 'notrack' }),
});
