/** A sample folder under test: its variants read and analysed, copies of it with something changed, and the lines that a finding cites. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSnapshot } from '@coldtrace/bundle';
import { lineText, positionAt, type Snapshot } from '@coldtrace/core';
import { analyze, type Finding, type Report } from '@coldtrace/rules';
import { afterAll } from 'vitest';

export interface Analysed {
  readonly snapshot: Snapshot;
  readonly report: Report;
  readonly first: Finding | undefined;
}

export interface SampleCase {
  readonly folder: string;
  /** Reads and analyses a path below the sample, or an absolute one. */
  analysed(path: string): Promise<Analysed>;
  /** A copy of the variant, changed; returns its path. */
  changed(name: string, change: (copy: string) => void, variant?: string): string;
}

/** Variants of the samples do not change while tests run: each is read once for all points and rows that look at it. */
const known = new Map<string, Promise<Analysed>>();

async function analysedAt(path: string): Promise<Analysed> {
  const snapshot = await readSnapshot(path);
  const report = analyze(snapshot);
  return { snapshot, report, first: report.findings[0] };
}

export function sampleCase(sample: string): SampleCase {
  const folder = fileURLToPath(new URL(`../../samples/${sample}`, import.meta.url));
  const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-sample-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  return {
    folder,
    analysed(path) {
      if (path.startsWith('/')) return analysedAt(path);
      const whole = join(folder, path);
      const before = known.get(whole) ?? analysedAt(whole);
      known.set(whole, before);
      return before;
    },
    changed(name, change, variant = 'bad') {
      const copy = join(scratch, name.replaceAll('/', '-'));
      cpSync(join(folder, variant), copy, { recursive: true });
      change(copy);
      return copy;
    },
  };
}

export function remove(file: string): (copy: string) => void {
  return (copy) => rmSync(join(copy, file));
}

/** Replaces text that must be there. */
export function replace(file: string, from: string | RegExp, to: string): (copy: string) => void {
  return (copy) => {
    const path = join(copy, file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} has nothing like ${from}`);
    writeFileSync(path, after);
  };
}

export function citedLines({ snapshot, first }: Analysed): string {
  return (first?.evidence ?? [])
    .map(({ span }) => {
      const file = snapshot.files[span.file];
      return file === undefined ? '' : `${file.name}: ${lineText(file, positionAt(file, span.start).line - 1).trim()}`;
    })
    .join('\n');
}
