/** `coldtrace analyze INPUT…`: all rules, findings ranked. */
import type { Severity } from '@coldtrace/core';
import { type ExitStatus, exitStatus, UsageError } from '../exit-status.js';
import { type CommonOptions, isRecognised, nothingRecognised, printJson, readAssume, readInputs } from '../run.js';
import type { Terminal } from '../terminal.js';

export interface AnalyzeOptions extends CommonOptions {
  readonly failOn: string;
  readonly failOnMissing?: boolean;
  readonly maxFindings: string;
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
  const { snapshot } = await readInputs(inputs, options, terminal);
  if (!isRecognised(snapshot)) return nothingRecognised(terminal, inputs);
  const { analyze, rules } = await import('@coldtrace/rules');
  const report = analyze(snapshot, { assume });
  if (options.json === true) {
    const { analyzeJson } = await import('../json/analyze.js');
    printJson(terminal, analyzeJson(snapshot, report, 0));
  } else {
    const { reportLines } = await import('../print/report.js');
    terminal.out(
      `${reportLines({ snapshot, report, ruleCount: rules.length, maxFindings, inputs }, terminal).join('\n')}\n`,
    );
  }
  if (report.evaluated.length === 0 && report.findings.length === 0) return exitStatus.unreadable;
  if (report.findings.some((finding) => ranks[finding.severity] >= least)) return exitStatus.findings;
  return options.failOnMissing === true && report.notEvaluated.length > 0 ? exitStatus.findings : exitStatus.clean;
}

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
