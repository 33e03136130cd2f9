/** The sample of case 1 as a map, to be spoiled, and folders that hold what became of it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const samples = fileURLToPath(new URL('../../samples/01-ippool-overlaps-host-network/', import.meta.url));

export type Files = ReadonlyMap<string, string>;

export const sample: Files = filesOf(join(samples, 'bad'));
export const ticket = readFileSync(join(samples, 'ticket.txt'), 'utf8');

function filesOf(folder: string, prefix = ''): Files {
  return new Map(
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return [...filesOf(path, `${prefix}${entry.name}/`)];
      return [[prefix + entry.name, readFileSync(path, 'utf8')] as const];
    }),
  );
}

/** A folder with these files, gone after the tests of the file. */
export function folderWith(files: Iterable<readonly [string, string]>): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldtrace-hostile-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  fill(folder, files);
  return folder;
}

export function fill(folder: string, files: Iterable<readonly [string, string]>): void {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Every command that reads inputs, on one of them. */
export function commandsOn(input: string): readonly (readonly string[])[] {
  const trace = ['trace', input, '--from', 'pod:busybox', '--to', '10.96.0.1:443'];
  return [
    ['inspect', input],
    ['inspect', input, '--json'],
    ['analyze', input],
    ['analyze', input, '--json'],
    trace,
    [...trace, '--json'],
    [...trace, '--assume', 'none'],
    ['normalize', input],
    ['normalize', input, '--json'],
  ];
}
