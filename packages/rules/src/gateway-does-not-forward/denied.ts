/** A gateway of which no rules were captured, and whose ufw says that it denies what is routed: the policy of FORWARD. ufw(8), DEFAULT_FORWARD_POLICY. */
import { formatPrefix, type SeenLog } from '@coldtrace/core';
import { isWhole } from '../facts/table-rules.js';
import type { Clientele } from './clients.js';
import { type Context, namesOf } from './statement.js';

export function reportDenied(cx: Context, clientele: Clientele): void {
  const { gateway, network, family, dev, clients } = clientele;
  const line = isWhole(gateway.host, family, 'filter') ? undefined : gateway.observations.find(isDenial);
  if (line === undefined) return;
  const rule = `allow in on ${dev}`;
  cx.report('denied', {
    severity: 'warning',
    certainty: 'possible',
    node: gateway.name,
    subject: `${formatPrefix(network)} ${dev}`,
    data: { gateway: gateway.name, clients: namesOf(clientele), network: formatPrefix(network) },
    evidence: [
      { span: line.span, why: 'what is routed is denied: the policy of FORWARD' },
      ...(clients[0]?.evidence ?? []),
    ],
    assumptions: [`no rule of FORWARD accepts their packets (${gateway.name}: iptables-save is not in the snapshot)`],
    fix: {
      steps: [
        {
          node: gateway.name,
          command: `ufw route ${rule}`,
          disrupts: `nothing: what comes in by ${dev} is passed on`,
          undo: `ufw route delete ${rule}`,
        },
      ],
      persist: 'ufw keeps the rule; DEFAULT_FORWARD_POLICY="ACCEPT" in /etc/default/ufw opens all of it.',
      notes: '',
      verified: null,
    },
  });
}

function isDenial(row: { readonly kind: string }): row is SeenLog {
  const { event, data } = row as Partial<SeenLog>;
  return row.kind === 'log' && event === 'ufw-default' && /^(?:deny|reject)$/.test(data?.['routed'] ?? '');
}
