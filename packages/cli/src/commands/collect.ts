/** `coldtrace collect`: prints the read-only script that captures a node, made from the table of dumps. */
import { type DumpEntry, dumps } from '@coldtrace/core';
import { type ExitStatus, exitStatus } from '../exit-status.js';
import type { Terminal } from '../terminal.js';

export function collectCommand(terminal: Terminal): ExitStatus {
  terminal.out(collectScript());
  return exitStatus.clean;
}

/** Commands that only make sense where kubectl or a file name is at hand are left to the user. */
function onNode(entry: DumpEntry): boolean {
  return !entry.command.startsWith('kubectl ') && !entry.command.includes('FILE');
}

export function collectScript(): string {
  const entries = Object.values(dumps).filter(onNode);
  const lines = entries.map(({ command, file }) => `run ${file} ${command}`);
  return `#!/bin/sh
# Captures the network state of this node, read-only, into a directory and a tar.gz beside it.
# Run as root on each node:  sh collect.sh && coldtrace analyze coldtrace-*.tar.gz
# Every file holds the output of one command. A command that fails leaves its message in FILE.failed, never an empty dump.
set -u
umask 077
export LC_ALL=C
dir=coldtrace-$(hostname)
mkdir -p "$dir" || exit 1

run() { # FILE COMMAND...
  out=$1
  shift
  if "$@" >"$dir/$out" 2>"$dir/$out.failed"; then
    rm -f "$dir/$out.failed"
  else
    rm -f "$dir/$out"
    [ -s "$dir/$out.failed" ] || echo "$*: failed" >"$dir/$out.failed"
  fi
}

${lines.join('\n')}

tar -czf "$dir.tar.gz" "$dir" && echo "$dir.tar.gz"
`;
}
