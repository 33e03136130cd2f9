/** Evidence and steps as the JSON documents show them: file, line and column instead of offsets, the cited line itself. */
import { type Evidence, lineNumberAt, lineTextAt, positionAt, type Snapshot, type Step } from '@coldtrace/core';

export interface EvidenceJson {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly why: string;
  /** Last line, where the evidence spans several. */
  readonly endLine?: number;
}

export interface StepJson {
  readonly node: string;
  readonly stage: string;
  readonly what: string;
  readonly evidence: readonly EvidenceJson[];
}

const longestLine = 1000;

export function evidenceJson(snapshot: Snapshot, { span, why }: Evidence): readonly EvidenceJson[] {
  const file = snapshot.files[span.file];
  if (file === undefined) return [];
  const { line, column } = positionAt(file, span.start);
  const endLine = lineNumberAt(file, Math.max(span.start, span.end - 1));
  const text = lineTextAt(file, span.start);
  const shown = text.length > longestLine ? `${text.slice(0, longestLine)}…` : text;
  return [{ file: file.name, line, column, text: shown, why, ...(endLine > line ? { endLine } : {}) }];
}

export function stepJson(snapshot: Snapshot, step: Step): StepJson {
  const evidence = step.evidence.flatMap((row) => evidenceJson(snapshot, row));
  return { node: step.node, stage: step.stage, what: step.what, evidence };
}
