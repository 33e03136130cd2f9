/** What facts of one kind state about another: the flags of a running daemon are its configuration. */
import type { Facts, Process, SourceFile } from '@coldtrace/core';
import { factsOfCommandLine } from '../cni/index.js';

/** Programs that name a daemon among their own arguments: to look for it, to read its log, to follow it. */
const onlookers =
  /^(?:\S*\/)?(?:[efrz]?grep|ag|rg|vim?|nano|less|more|tail|head|cat|watch|awk|sed|journalctl|systemctl|service|kubectl|crictl|docker|nerdctl|ctr|strace|gdb|man|ps|pgrep|pkill|xargs|find|ssh|scp|tee|vi|timeout|sleep)\s(?!daemon\s|-d\s)/;

export function derivedFacts(values: readonly Facts[], file: SourceFile): readonly Facts[] {
  return values.flatMap((facts) => (facts.kind === 'processes' ? ofProcesses(facts.rows, file) : []));
}

function ofProcesses(rows: readonly Process[], file: SourceFile): readonly Facts[] {
  const cutAt = terminalWidth(rows);
  return rows.flatMap((row) => {
    const { command, span } = row;
    const at = file.text.slice(span.start, span.end).indexOf(command);
    if (at < 0 || onlookers.test(command)) return [];
    // What stands at the edge of the terminal may be half a word.
    const shown = span.end - span.start === cutAt ? command.slice(0, Math.max(command.lastIndexOf(' '), 0)) : command;
    return factsOfCommandLine(shown, span.start + at, file.id).map(accepted);
  });
}

/** `ps` cuts its lines at the width of the terminal: then several of them end in the same column, and none goes further. */
function terminalWidth(rows: readonly Process[]): number | null {
  const widths = rows.map(({ span }) => span.end - span.start);
  const most = widths.reduce((max, width) => Math.max(max, width), 0);
  return widths.filter((width) => width === most).length > 1 ? most : null;
}

/** A daemon that runs has accepted its flags. */
function accepted(facts: Facts): Facts {
  if (facts.kind !== 'component-configs') return facts;
  return { ...facts, rows: facts.rows.map((row) => ({ ...row, problems: [] })) };
}
