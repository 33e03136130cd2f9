/** `-j CHECKSUM`: fills in a checksum that was left to the device. iptables-extensions(8); net/netfilter/xt_CHECKSUM.c. */
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { flag } from '../value.js';

export type ChecksumTarget = Readonly<Record<never, never>>;

export const checksum = defineTarget({
  name: 'CHECKSUM',
  families: [4, 6],
  tables: ['mangle'],
  options: { 'checksum-fill': option(flag) },
  sample: () => ['--checksum-fill'],
  build: (given): ChecksumTarget | Refusal =>
    given['checksum-fill'] === undefined ? refuse('--checksum-fill is missing') : {},
  save: () => ['--checksum-fill'],
  listing: (cursor): ChecksumTarget | null => (cursor.accept('CHECKSUM', 'fill') ? {} : null),
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});
