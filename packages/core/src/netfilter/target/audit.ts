/** `-j AUDIT`: a record for the audit daemon. iptables-extensions(8); net/netfilter/xt_AUDIT.c. */
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { pick, word } from '../value.js';

export interface AuditTarget {
  readonly type: AuditType;
}

const types = ['accept', 'drop', 'reject'] as const;

export type AuditType = (typeof types)[number];

const auditType = word(
  types.join('|'),
  (text) => types.find((type) => type === text.toLowerCase()) ?? refuse(`"${text}" is none of ${types.join(', ')}`),
  (choose) => pick(choose, ['accept', 'drop', 'reject', 'DROP', 'Reject']),
);

export const audit = defineTarget({
  name: 'AUDIT',
  families: [4, 6],
  options: { type: option(auditType) },
  build: (given): AuditTarget | Refusal =>
    given.type === undefined ? refuse('--type is missing') : { type: given.type.value },
  save: (data) => ['--type', data.type],
  listing: (cursor): AuditTarget | null => {
    const listed = cursor.accept('AUDIT') ? cursor.take() : null;
    const type = types.find((known) => known === listed);
    return type === undefined ? null : { type };
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});
