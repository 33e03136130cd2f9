/** The page that publishes a run: docs/fidelity.md. */
import type { Tally } from './tally.js';

export function fidelityPage(tally: Tally, seed: number): string {
  const { cases, untold } = tally;
  const { probes, exact, unknown, wrong } = tally.total;
  const share = (part: number) => `${((part / Math.max(1, probes)) * 100).toFixed(2)} %`;
  const reasons = tally.reasons.slice(0, 15).map(([reason, count]) => `- ${count}: ${reason}`);
  return `# How far the answers are the kernel's

Random nodes are built in network namespaces and captured with the ordinary commands; real packets are sent at them. What the kernel did with each —
outcome, device, final packet, connection, source, and exactly which rules counted it — is compared with \`coldtrace probe\`, which sees the dumps alone.
An answer is exact only when every field is. A probe counts under each feature of its case.

${cases} cases, ${probes} probes: exact ${exact} (${share(exact)}), unknown ${unknown} (${share(unknown)}), wrong ${wrong} (${share(wrong)}).

All probes of a case are asked again with one of its dumps taken away, once with nothing and once with defaults assumed. An answer may turn open by that, or
name what it assumes; other than the kernel's without a word turned out ${untold === 0 ? 'none' : untold}.

\`\`\`
pnpm test:kernel --seed ${seed} --cases ${cases} --jobs 1 --report docs/fidelity.md
\`\`\`

${tally.table()}

${reasons.length === 0 ? '' : `## Why answers were left open\n\n${reasons.join('\n')}\n`}`;
}
