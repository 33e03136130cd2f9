/** The page that publishes a run: docs/fidelity.md. */
import type { Stretch, Tally } from './tally.js';

export function fidelityPage(tally: Tally, stretches: readonly Stretch[]): string {
  const { cases, untold, drawn } = tally;
  const { probes, exact, unknown, wrong } = tally.total;
  const share = (part: number) => `${((part / Math.max(1, probes)) * 100).toFixed(2)} %`;
  const reasons = tally.reasons.slice(0, 15).map(([reason, count]) => `- ${count}: ${reason}`);
  return `# How far the answers are the kernel's

Random nodes are built in network namespaces and captured with the ordinary commands; real packets are sent at them. What the kernel did with each —
outcome, device, final packet, connection, source, and exactly which rules counted it — is compared with \`coldtrace probe\`, which sees the dumps alone.
An answer is exact only when every field is. A probe counts under each feature of its case.

Where NAT draws a port at random (\`--random-fully\`, or the port is taken), no dump tells which: the answer is \`unknown\` with one answer in \`either\` that is
settled but for that port, and \`drawn\` says from which to which it may be. It counts as exact when all other fields are the kernel's and its port lies there (${drawn} of the
exact ones).

${cases} cases, ${probes} probes: exact ${exact} (${share(exact)}), unknown ${unknown} (${share(unknown)}), wrong ${wrong} (${share(wrong)}).

All probes of a case are asked again with one of its dumps taken away, once with nothing and once with defaults assumed. An answer may turn open by that, or
name what it assumes; other than the kernel's without a word turned out ${untold === 0 ? 'none' : untold}.

\`\`\`
${together(stretches)
  .map((one) => `pnpm test:kernel --seed ${one.seed} --cases ${one.cases}`)
  .join('\n')}
\`\`\`

${tally.table()}

${reasons.length === 0 ? '' : `## Why answers were left open\n\n${reasons.join('\n')}\n`}`;
}

/** Stretches that follow one another are one. */
function together(stretches: readonly Stretch[]): readonly Stretch[] {
  const joined: Stretch[] = [];
  for (const { seed, cases } of [...stretches].sort((x, y) => x.seed - y.seed)) {
    const last = joined.at(-1);
    if (last !== undefined && last.seed + last.cases === seed)
      joined.splice(-1, 1, { seed: last.seed, cases: last.cases + cases });
    else joined.push({ seed, cases });
  }
  return joined;
}
