#!/usr/bin/env node
/** The `coldtrace` command. */
import { createRequire } from 'node:module';
import { runProgram } from './program.js';

declare global {
  /** Set by the single-file build. */
  var coldtraceVersion: string | undefined;
}

function ownVersion(): string {
  const manifest = (): { readonly version: string } => createRequire(import.meta.url)('../package.json');
  return globalThis.coldtraceVersion ?? manifest().version;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
});
process.exitCode = await runProgram(ownVersion(), process.argv.slice(2), process);
