/** What went wrong as one line on stderr and an exit status; nothing of an input reaches a terminal unmade safe. */
import { printable } from '@coldtrace/core';
import { type ExitStatus, exitStatus } from './exit-status.js';

export function explain(error: unknown, say: (text: string) => void): ExitStatus {
  const { name, message, code, hint, exitCode } = asRecord(error);
  if (code?.startsWith('commander.') === true) {
    // Help and version were asked for, or shown because nothing was; other messages of commander are already on stderr.
    return exitCode === 0 ? exitStatus.clean : exitStatus.usage;
  }
  if (code === 'EPIPE') return exitStatus.clean;
  const text = (message ?? String(error)).replace(/^error: /, '');
  say(`coldtrace: ${printable(text)}${hint == null ? '' : `; ${printable(hint)}`}\n`);
  if (name === 'UsageError') return exitStatus.usage;
  if (name === 'InputError') return exitStatus.unreadable;
  say('coldtrace: this is a bug; please report it with the command line\n');
  return exitStatus.internal;
}

interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  /** Of commander's errors: 0 when help or version was asked for. */
  readonly exitCode?: number;
  readonly hint?: string | null;
}

function asRecord(error: unknown): Thrown {
  return typeof error === 'object' && error !== null ? error : {};
}
