/** A disagreement as people read it: the connection, what came of it, what `trace` says. */
import { formatIp } from '@coldtrace/core';
import type { ClusterCase, Connection } from './case.js';
import type { Judged } from './referee.js';

export function printConnection({ id, from, proto, sport, dst, dport }: Connection): string {
  const src = from.src === undefined || from.src === from.who ? '' : ` (${from.src})`;
  return `${id} ${from.space} ${from.who}${src} → ${proto} ${dst}:${dport} from port ${sport}`;
}

export function printJudged(one: ClusterCase, { connection, result, assume, asked, judgement }: Judged): string {
  const what = judgement.kind === 'wrong' || judgement.kind === 'assumed' ? `: ${judgement.what}` : '';
  const head = `${one.name} ${printConnection(connection)}, assuming ${assume}: ${judgement.kind}${what}\n  kernel ${JSON.stringify(result)}`;
  if (!asked.ok) return `${head}\n  ours ${asked.problem}`;
  const ways = asked.trace.outcomes.map(({ disposition, rejectWith, reply, final, because, assumptions, steps }) => {
    const end = `${formatIp(final.src)}.${final.sport} > ${formatIp(final.dst)}.${final.dport} at ${final.node}`;
    const reasons = [...because, ...assumptions].map(({ text }) => `\n      ${text}`).join('');
    const trail = [...steps, ...(reply?.steps ?? [])].map(
      ({ node, stage, what: text }) => `\n    ${node} ${stage}: ${text}`,
    );
    return `  ours ${disposition} ${rejectWith ?? ''}, answer ${reply?.disposition ?? '-'}, ${end}${reasons}${trail.join('')}`;
  });
  return [head, `  verdict ${asked.trace.verdict}`, ...ways].join('\n');
}

/** The commands of a case. */
export function printSetup({ setup, family }: ClusterCase): string {
  return setup
    .map(
      ({ at, tool, table, text, family: of = family }) =>
        `  ${at} ${tool}${table === undefined ? '' : ` -t ${table}`}${of === 6 ? ' (6)' : ''} ${text}`,
    )
    .join('\n');
}
