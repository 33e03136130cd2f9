#!/usr/bin/env node
/** The `coldtrace` command. */
import { createRequire } from 'node:module';
import { runCommand } from './command.js';

declare global {
  /** Set by the single-file build. */
  var coldtraceVersion: string | undefined;
}

function ownVersion(): string {
  const manifest = (): { readonly version: string } => createRequire(import.meta.url)('../package.json');
  return globalThis.coldtraceVersion ?? manifest().version;
}

await runCommand(ownVersion());
