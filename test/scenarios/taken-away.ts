/** Copies of samples with something changed or taken away, in a folder that goes when the tests end; the lines that a finding cites. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lineText, positionAt, type Snapshot } from '@coldtrace/core';
import type { Finding } from '@coldtrace/rules';
import { afterAll } from 'vitest';

export function sampleFolder(name: string): string {
  return fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));
}

/** Makes copies of one folder of dumps; call it at the top of a test file. */
export function copiesOf(folder: string) {
  const scratch = mkdtempSync(join(tmpdir(), 'coldtrace-case-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  let number = 0;
  const copy = (): string => {
    const path = join(scratch, String(number++), 'copy');
    cpSync(folder, path, { recursive: true });
    return path;
  };
  return {
    without: (...files: readonly string[]): string => {
      const path = copy();
      for (const file of files) rmSync(join(path, file));
      return path;
    },
    /** Every file must contain what is replaced in it. */
    with: (file: string, find: string | RegExp, replacement: string): string => {
      const path = copy();
      const text = readFileSync(join(path, file), 'utf8');
      const changed = text.replace(find, replacement);
      if (changed === text) throw new Error(`${file} does not contain ${String(find)}`);
      writeFileSync(join(path, file), changed);
      return path;
    },
  };
}

/** `file: line` for each piece of evidence. */
export function citedLines(snapshot: Snapshot, finding: Finding | undefined): readonly string[] {
  return (finding?.evidence ?? []).flatMap(({ span }) => {
    const file = snapshot.files[span.file];
    return file === undefined ? [] : [`${file.name}: ${lineText(file, positionAt(file, span.start).line - 1).trim()}`];
  });
}
