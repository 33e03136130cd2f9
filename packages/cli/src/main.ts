#!/usr/bin/env node
/** The `coldtrace` command: runs a command and turns what went wrong into one line and an exit status. */
import { createRequire } from 'node:module';
import { type ExitStatus, exitStatus } from './exit-status.js';
import { makeProgram, type Outcome } from './program.js';

declare global {
  /** Set by the single-file build. */
  var coldtraceVersion: string | undefined;
}

function ownVersion(): string {
  const manifest = (): { readonly version: string } => createRequire(import.meta.url)('../package.json');
  return globalThis.coldtraceVersion ?? manifest().version;
}

async function main(): Promise<ExitStatus> {
  const outcome: Outcome = { status: exitStatus.clean };
  const program = makeProgram(ownVersion(), process, outcome);
  try {
    await program.parseAsync(process.argv);
    return outcome.status;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): ExitStatus {
  const { name, message, code } = error as { name?: string; message?: string; code?: string };
  const text = (message ?? String(error)).replace(/^error: /, '');
  if (code?.startsWith('commander.') === true) {
    // The help and version texts were asked for; other messages of commander are already on stderr.
    return code === 'commander.helpDisplayed' || code === 'commander.version' || code === 'commander.help'
      ? exitStatus.clean
      : exitStatus.usage;
  }
  if (code === 'EPIPE') return exitStatus.clean;
  const hint = (error as { hint?: string | null }).hint;
  process.stderr.write(`coldtrace: ${text}${hint == null ? '' : `; ${hint}`}\n`);
  if (name === 'UsageError') return exitStatus.usage;
  if (name === 'InputError') return exitStatus.unreadable;
  process.stderr.write('coldtrace: this is a bug; please report it with the command line\n');
  return exitStatus.internal;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
});
process.exitCode = await main();
