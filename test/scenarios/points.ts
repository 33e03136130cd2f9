/** The six points that make an outage solved, and that the finding changes with its decisive line; one function each, for any sample. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '@coldtrace/rules';
import { citedLines, remove, replace, type SampleCase } from './sample-case.js';

export interface Outage {
  /** Number of the sample folder. */
  readonly number: number;
  readonly sample: string;
  readonly rule: string;
  /** Below the sample. */
  readonly bad?: string;
  readonly ticket?: string;
  readonly healthy?: string;
  /** Dumps without which nothing is proven. */
  readonly needed: readonly string[];
  /** The line that decides, and how it reads where the fault is not. */
  readonly decisive: { readonly file: string; readonly from: string | RegExp; readonly to: string };
  /** A packet is involved: the finding shows its way. */
  readonly path: boolean;
}

export type Point = (outage: Outage, sample: SampleCase) => Promise<readonly string[]>;

const badOf = ({ bad = 'bad' }: Outage) => bad;

async function found(outage: Outage, { analysed }: SampleCase, path: string): Promise<Finding | undefined> {
  const { report } = await analysed(path);
  return report.findings.find(({ rule }) => rule === outage.rule);
}

/** Complaints of each point; none: it holds. */
export const points: Readonly<Record<string, Point>> = {
  'structured input': async (outage, { analysed }) => {
    const { first } = await analysed(badOf(outage));
    return [
      ...(first?.rule === outage.rule ? [] : [`first is ${first?.rule}`]),
      ...(first?.certainty === 'proven' ? [] : [`it is ${first?.certainty}`]),
    ];
  },
  'free-form input': async (outage, { analysed, folder }) => {
    const { ticket = 'ticket.txt' } = outage;
    if (!existsSync(join(folder, ticket))) return [`no ${ticket}`];
    const { first } = await analysed(ticket);
    const weaker =
      first?.certainty === 'proven' || (first?.assumptions.length ?? 0) > 0 || first?.certainty === 'likely';
    return [
      ...(first?.rule === outage.rule ? [] : [`first is ${first?.rule}`]),
      ...(weaker ? [] : ['it does not say what is missing']),
    ];
  },
  evidence: async (outage, sample) => {
    const bad = await sample.analysed(badOf(outage));
    const lines = citedLines(bad)
      .split('\n')
      .filter((line) => !line.endsWith(': '));
    const shown = bad.first?.path.flatMap(({ evidence }) => evidence).length ?? 0;
    return [
      ...(lines.length > 0 && lines.length === bad.first?.evidence.length
        ? []
        : ['no line, or an empty one, is cited']),
      ...(!outage.path || shown > 0 ? [] : ['no way with lines']),
    ];
  },
  fix: async (outage, sample) => {
    const fix = (await found(outage, sample, badOf(outage)))?.fix ?? null;
    if (fix === null) return ['no fix'];
    const bare = fix.steps.filter(({ command, disrupts, undo }) => command === '' || disrupts === '' || undo === '');
    return [
      ...(fix.steps.length > 0 && bare.length === 0 ? [] : ['a step lacks what it disrupts or how it is undone']),
      ...(fix.persist === '' && fix.notes === '' ? ['nothing on how it lasts'] : []),
      ...(fix.verified === false ? ['the fix does not mend it'] : []),
    ];
  },
  'healthy twin': async ({ healthy = 'healthy' }, { analysed }) => {
    const { report } = await analysed(healthy);
    return report.findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => `finds ${rule}`);
  },
  'partial input': async (outage, sample) => {
    const before = await sample.analysed(badOf(outage));
    const known = new Set(before.report.findings.flatMap((one) => [one, ...one.symptoms]).map(({ rule }) => rule));
    const complaints: string[] = [];
    // Every file of the main variant; of its sub-causes the dumps that they need.
    const files = outage.bad === undefined ? filesBelow(join(sample.folder, badOf(outage))) : outage.needed;
    for (const file of files) {
      const { report } = await sample.analysed(sample.changed(`${outage.rule}-${file}`, remove(file), badOf(outage)));
      // What another node showed before too is another finding.
      const others = before.report.findings.filter(
        ({ rule, node }) => rule === outage.rule && node !== before.first?.node,
      );
      const one = report.findings.find(
        ({ rule, node }) => rule === outage.rule && !others.some((other) => other.node === node),
      );
      const needed = outage.needed.includes(file);
      if (needed && one?.certainty === 'proven') complaints.push(`still proven without ${file}`);
      if (needed && one === undefined && !report.notEvaluated.some(({ rule }) => rule === outage.rule))
        complaints.push(`silent without ${file}`);
      for (const { rule, certainty } of report.findings)
        if (certainty === 'proven' && !known.has(rule)) complaints.push(`${rule} is proven without ${file}`);
    }
    return complaints;
  },
  mutation: async (outage, sample) => {
    const { file, from, to } = outage.decisive;
    const before = await found(outage, sample, badOf(outage));
    const path = sample.changed(`${outage.rule}-flipped`, replace(file, from, to), badOf(outage));
    const after = await found(outage, sample, path);
    return before !== undefined && after?.certainty === 'proven' && after.message === before.message
      ? [`the same is found with ${String(from)} as ${to}`]
      : [];
  },
};

function filesBelow(folder: string, prefix = ''): readonly string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, name) : [name];
  });
}
