/** `--apply FILE`: the snapshot as it would be after the commands of a file. */
import { readFile } from 'node:fs/promises';
import { printable, renderDiagnostic, type Snapshot } from '@coldtrace/core';
import { UsageError } from './exit-status.js';
import type { Terminal } from './terminal.js';

const longest = 64 * 1024 * 1024;

export async function applyFile(
  snapshot: Snapshot,
  path: string,
  node: string | undefined,
  terminal: Terminal,
): Promise<Snapshot> {
  const { applyText } = await import('@coldtrace/parsers');
  const text = path === '-' ? await gathered(terminal.stdin) : await textOf(path);
  const options = { fileName: path === '-' ? 'standard input' : path, ...(node === undefined ? {} : { node }) };
  const { snapshot: after, problems } = applyText(snapshot, text, options);
  if (problems.length === 0) return after;
  for (const problem of problems.slice(0, 20))
    terminal.err(`${renderDiagnostic(after.files, problem, terminal).join('\n')}\n`);
  const count = problems.length === 1 ? 'one command was' : `${problems.length} commands were`;
  throw new UsageError(`--apply ${printable(path)}: ${count} not carried out`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a directory, not a file of commands' : code;
    throw new UsageError(`--apply ${printable(path)}: ${why}`);
  }
}

async function gathered(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of stream) {
    text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    if (text.length > longest) throw new UsageError('--apply -: longer than 64 MiB');
  }
  return text + decoder.decode();
}
