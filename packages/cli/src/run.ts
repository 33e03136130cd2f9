/** What every command that reads inputs does first, and how its errors end. */
import type { LeftOut } from '@coldtrace/bundle';
import type { AssumeMode, Family, Snapshot } from '@coldtrace/core';
import { printable } from '@coldtrace/core';
import { type ExitStatus, exitStatus, UsageError } from './exit-status.js';
import type { Terminal } from './terminal.js';

export interface CommonOptions {
  readonly json?: boolean;
  readonly node?: string;
  /** File of commands to run on the snapshot before anything else. */
  readonly apply?: string;
  readonly assume?: string;
  readonly color: string;
  readonly quiet?: boolean;
}

export interface Read {
  readonly snapshot: Snapshot;
  /** What of the inputs was not read, and why. */
  readonly leftOut: readonly LeftOut[];
}

/** Reads the inputs, runs `--apply` on them, and leaves out what `--node` does not name. */
export async function readInputs(
  inputs: readonly string[],
  options: Pick<CommonOptions, 'node' | 'apply'> & { readonly as?: Family | null },
  terminal: Terminal,
): Promise<Read> {
  const { snapshot, leftOut } = await readWhole(inputs, options, terminal);
  return { snapshot: ofNode(snapshot, options.node), leftOut };
}

/** The same with every node; says on stderr what was left out. */
export async function readWhole(
  inputs: readonly string[],
  options: Pick<CommonOptions, 'node' | 'apply'> & { readonly as?: Family | null },
  terminal: Terminal,
): Promise<Read> {
  const { readSnapshotFrom } = await import('@coldtrace/bundle');
  if (options.apply === '-' && inputs.includes('-'))
    throw new UsageError('only one of INPUT and --apply can be standard input');
  const { snapshot, leftOut } = await readSnapshotFrom(inputs, {
    stdin: terminal.stdin,
    ...(options.as == null ? {} : { family: options.as }),
  });
  const said = leftOut.filter(({ elsewhere }) => elsewhere !== true);
  if (!terminal.quiet) {
    for (const { path, why } of said.slice(0, 10))
      terminal.err(`coldtrace: left out ${printable(path)}: ${printable(why)}\n`);
    if (said.length > 10) terminal.err(`coldtrace: left out ${said.length - 10} more\n`);
  }
  if (options.apply === undefined) return { snapshot, leftOut: said };
  const { applyFile } = await import('./apply-file.js');
  return { snapshot: await applyFile(snapshot, options.apply, options.node, terminal), leftOut: said };
}

/** `--node NAME`: the others are left out of what is answered. */
export function ofNode(snapshot: Snapshot, name: string | undefined): Snapshot {
  if (name === undefined) return snapshot;
  const nodes = snapshot.nodes.filter((node) => node.name === name);
  if (nodes.length > 0) return { ...snapshot, nodes };
  const known = snapshot.nodes.map((node) => node.name).join(', ');
  throw new UsageError(`--node: node ${name} is not in the snapshot; known: ${known === '' ? 'none' : known}`);
}

/** `--assume`, as typed. */
export function readAssume(text: string | undefined, usual: AssumeMode = 'defaults'): AssumeMode {
  if (text === undefined) return usual;
  if (text === 'none' || text === 'defaults') return text;
  throw new UsageError(`--assume takes none or defaults, not "${text}"`);
}

/** Did anything in the input mean something? */
export function isRecognised(snapshot: Snapshot): boolean {
  return snapshot.read.some((file) => file.sections.some((section) => section.format !== null));
}

export function nothingRecognised(terminal: Terminal, inputs: readonly string[]): ExitStatus {
  terminal.err(
    `coldtrace: nothing in ${inputs.map(printable).join(', ')} was recognised as a dump; \`coldtrace collect\` prints what to capture\n`,
  );
  return exitStatus.unreadable;
}

/** JSON may escape any character: no control character reaches a terminal, and the document stays the same. */
export function printJson(terminal: Terminal, document: unknown): void {
  terminal.out(`${escapeUnsafe(JSON.stringify(document, null, 2))}\n`);
}

export function escapeUnsafe(json: string): string {
  return isSafe(json) ? json : json.replace(unsafeInText, escaped);
}

/** Of ASCII only DEL is to be escaped; a look at the bytes tells that sooner than the expression, which asks of each character. */
function isSafe(json: string): boolean {
  return Buffer.byteLength(json) === json.length && !json.includes('\u007f');
}

const unsafeInText = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
