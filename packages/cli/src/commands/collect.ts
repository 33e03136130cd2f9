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
# Every file holds what one command printed, its messages at the end. A command that printed nothing but messages and failed
# leaves them in FILE.failed, never an empty dump.
set -u
umask 077
export LC_ALL=C
dir=coldtrace-$(uname -n)-$(date -u +%Y%m%dT%H%M%SZ)
mkdir "$dir" || exit 1

run() { # FILE COMMAND...
  out=$dir/$1
  shift
  status=0
  "$@" >"$out" 2>"$out.failed" || status=$?
  if [ "$status" -ne 0 ] && ! [ -s "$out" ]; then
    rm -f "$out"
    [ -s "$out.failed" ] || echo "$*: failed with status $status" >"$out.failed"
  else
    cat "$out.failed" >>"$out"
    rm -f "$out.failed"
  fi
}

${lines.join('\n')}
[ -f "$dir/ss.txt" ] || run ss.txt ss -antup # an older ss knows nothing of --inet-sockopt
[ -s "$dir/ipvsadm.txt" ] || run ipvsadm.txt ipvsadm -Ln # -Sn prints nothing of an empty table, and this its headings

tar -czf "$dir.tar.gz" "$dir" && echo "$dir.tar.gz"
`;
}
