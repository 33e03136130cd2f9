/** `coldtrace analyze INPUT…`: all rules, findings ranked. */
import { printable, type Severity } from '@coldtrace/core';
import type { Rule } from '@coldtrace/rules';
import { readBaseline } from '../baseline.js';
import { type ExitStatus, exitStatus, UsageError } from '../exit-status.js';
import { withOwnRules } from '../rule-modules.js';
import { type CommonOptions, isRecognised, nothingRecognised, printJson, readAssume, readInputs } from '../run.js';
import { readSuppressions } from '../settings-file.js';
import type { Terminal } from '../terminal.js';

export interface AnalyzeOptions extends CommonOptions {
  readonly failOn: string;
  readonly failOnMissing?: boolean;
  readonly maxFindings: string;
  readonly config?: string;
  readonly baseline?: string;
  readonly rules: readonly string[];
  readonly now?: string;
}

const ranks: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1 };

export async function analyzeCommand(
  inputs: readonly string[],
  options: AnalyzeOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const least = leastRank(options.failOn);
  const maxFindings = readCount(options.maxFindings);
  const assume = readAssume(options.assume);
  const now = readNow(options.now);
  const baseline = await readBaseline(options.baseline);
  const suppressions = await readSuppressions(options.config);
  const { analyze, capturedAt, hideFindings, rules: builtin, verifyFixes } = await import('@coldtrace/rules');
  const { applyText } = await import('@coldtrace/parsers');
  const rules = await withOwnRules(builtin, options.rules);
  const { progress } = terminal;
  progress.show('reading');
  const { snapshot } = await readInputs(inputs, options, terminal);
  if (!isRecognised(snapshot)) return nothingRecognised(terminal, inputs);
  const onRule = (id: string, at: number, of: number) => progress.show(`checking ${at}/${of} ${printable(id)}`);
  const whole = analyze(snapshot, { assume, rules, onRule, ...(now === null ? {} : { now }) });
  const shown = hideFindings(whole.findings, { suppressions, baseline, now: now ?? capturedAt(snapshot) });
  const question = { snapshot, assume, now: now ?? capturedAt(snapshot), rules, apply: applyText };
  progress.show('trying fixes');
  const report = { ...whole, findings: verifyFixes(shown.findings, question, maxFindings) };
  if (options.json === true) {
    const { analyzeJson } = await import('../json/analyze.js');
    printJson(terminal, analyzeJson(snapshot, report, shown));
  } else {
    const { reportLines } = await import('../print/report.js');
    terminal.out(
      `${reportLines({ snapshot, report, shown, known: idsOf(rules), documented: idsOf(builtin), maxFindings, inputs }, terminal).join('\n')}\n`,
    );
  }
  if (report.evaluated.length === 0 && whole.findings.length === 0) return exitStatus.unreadable;
  if (report.findings.some((finding) => ranks[finding.severity] >= least)) return exitStatus.findings;
  return options.failOnMissing === true && report.notEvaluated.some(({ partial }) => partial !== true)
    ? exitStatus.findings
    : exitStatus.clean;
}

const idsOf = (rules: readonly Rule[]) => rules.map(({ id }) => id);

function leastRank(failOn: string): number {
  if (failOn === 'none') return Number.POSITIVE_INFINITY;
  const rank = failOn === 'error' || failOn === 'warning' || failOn === 'info' ? ranks[failOn] : null;
  if (rank === null) throw new UsageError(`--fail-on takes error, warning, info or none, not "${failOn}"`);
  return rank;
}

function readCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--max-findings takes a number, not "${text}"`);
  return Number(text);
}

/** `2026-11-21`, `2026-11-21T08:00:00Z`, or seconds since the epoch. */
function readNow(text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = /^\d{9,11}$/.test(text)
    ? Number(text) * 1000
    : /^\d{4}-\d\d-\d\d/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (Number.isNaN(time))
    throw new UsageError(`--now takes a date such as 2026-11-21 or 2026-11-21T08:00:00Z, not "${text}"`);
  return time;
}
