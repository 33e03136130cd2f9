/** What the tests of inputs share: a folder of their own, archives made by the real tools, and short views of what was read. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { InputError } from './input-error.js';
import { defaultLimits, type Limits } from './limits.js';
import type { RawInput } from './raw-file.js';
import { readInput } from './read-input.js';

/** A new folder that is gone after the tests of the file. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldtrace-bundle-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}

/** Runs shell text in a folder; throws when it fails. */
export function sh(folder: string, script: string): string {
  return execFileSync('sh', ['-e', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    maxBuffer: 1 << 28,
  });
}

export async function* chunksOf(bytes: Uint8Array, size = 4096): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

export function read(path: string, limits: Partial<Limits> = {}): Promise<RawInput> {
  return readInput(path, nothing(), { ...defaultLimits, ...limits });
}

export function readStdin(bytes: Uint8Array, limits: Partial<Limits> = {}): Promise<RawInput> {
  return readInput('-', chunksOf(bytes), { ...defaultLimits, ...limits });
}

/** `path: text` of each file, and `path: why` of what was left out. */
export function shown(input: RawInput): { readonly files: readonly string[]; readonly leftOut: readonly string[] } {
  return {
    files: input.files.map(({ path, bytes }) => `${path}: ${Buffer.from(bytes).toString()}`),
    leftOut: input.leftOut.map(({ path, why }) => `${path}: ${why}`),
  };
}

/** What was said about an input that cannot be read. Anything but an InputError fails the test. */
export async function complaint(reading: Promise<unknown>): Promise<{ message: string; hint: string | null }> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof InputError) return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('it was read');
}
