/** The screen of `inspect`: per file what it is and how many lines are in each state, then the diagnostics with their lines. */
import { fit, type lineStates, printable, type ReadFile, renderDiagnostic, type Snapshot } from '@coldtrace/core';
import type { Terminal } from '../terminal.js';

/** Diagnostics of one kind beyond this many are counted, not shown. */
const mostOfOneKind = 5;

export function inspectLines(snapshot: Snapshot, terminal: Terminal): readonly string[] {
  const { paint } = terminal;
  const width = terminal.columns - 46;
  const head = `${'file'.padEnd(width)} ${'lines'.padStart(7)} ${['model', 'inert', 'opaq', 'cond', 'unrec'].map((name) => name.padStart(6)).join(' ')}`;
  return [
    snapshot.nodes.length === 0
      ? 'no nodes'
      : `${snapshot.nodes.length} node${snapshot.nodes.length === 1 ? '' : 's'}: ${snapshot.nodes.map((node) => printable(node.name)).join(', ')}`,
    '',
    paint.bold(head),
    ...snapshot.read.flatMap((file) => fileLines(snapshot, file, width, terminal)),
    '',
    ...diagnosticLines(snapshot, terminal),
  ];
}

const order = [
  'modelled',
  'inert',
  'opaque',
  'conditional',
  'unrecognized',
] as const satisfies (typeof lineStates)[number][];

function fileLines(snapshot: Snapshot, read: ReadFile, width: number, { paint, columns }: Terminal): readonly string[] {
  const name = fit(printable(snapshot.files[read.file]?.name ?? ''), width).padEnd(width);
  if (read.unreadable !== null) return [`${name} ${paint.red(`not read: ${read.unreadable}`)}`];
  const numbers = order.map((state) => {
    const text = String(read.counts[state]).padStart(6);
    return read.counts[state] === 0
      ? paint.dim(text)
      : state === 'modelled' || state === 'inert'
        ? text
        : paint.yellow(text);
  });
  const line = `${name} ${String(read.lineCount).padStart(7)} ${numbers.join(' ')}`;
  const sections = read.sections
    .filter((section) => section.format !== null)
    .map(({ format, node, netns, command }) => {
      const where = [node, netns]
        .filter((part) => part !== null)
        .map((part) => printable(part))
        .join('/');
      const typed = command === null ? '' : `  $ ${printable(command)}`;
      return `${format}${where === '' ? '' : ` of ${where}`}${typed}`;
    });
  const shown = [...new Set(sections)];
  const failure = failureIn(snapshot, read);
  const nothing = failure === null ? withoutDump(read) : `(not collected: ${printable(failure)})`;
  return [
    line,
    ...(shown.length === 0
      ? [fit(`  ${nothing}`, columns)]
      : shown.map((text) => paint.dim(fit(`  ${text}`, columns)))),
  ];
}

/** Sentences were understood as such, and what they state is read as claims. */
function withoutDump({ counts, lineCount }: ReadFile): string {
  if (counts.unrecognized > 0) return '(not recognised)';
  if (counts.modelled > 0) return '(no dump: what its sentences state)';
  return lineCount === 0 ? '(empty)' : '(no dump: sentences, prompts or blank lines)';
}

/** The message of a command that failed, where that is all a file holds. */
function failureIn(snapshot: Snapshot, { file }: ReadFile): string | null {
  const failures = snapshot.nodes.flatMap((node) => node.failures);
  return failures.find(({ span }) => span.file === file)?.message ?? null;
}

function diagnosticLines(snapshot: Snapshot, terminal: Terminal): readonly string[] {
  const seen = new Map<string, number>();
  const lines: string[] = [];
  for (const diagnostic of snapshot.diagnostics) {
    const count = (seen.get(diagnostic.code) ?? 0) + 1;
    seen.set(diagnostic.code, count);
    if (count <= mostOfOneKind) lines.push(...renderDiagnostic(snapshot.files, diagnostic, terminal), '');
  }
  for (const [code, count] of seen) {
    if (count > mostOfOneKind) lines.push(`${count - mostOfOneKind} more of ${code}; --json lists all`);
  }
  if (lines.length === 0) lines.push('no diagnostics');
  return lines;
}
