/** `coldtrace diff BEFORE AFTER`, or one input and its what-if: findings and connections that changed, with the lines responsible. */
import { parseProto, printable, type Severity } from '@coldtrace/core';
import type { Comparison, Named } from '@coldtrace/rules';
import { type ExitStatus, exitStatus, UsageError } from '../exit-status.js';
import {
  type CommonOptions,
  isRecognised,
  nothingRecognised,
  ofNode,
  printJson,
  type Read,
  readAssume,
  readWhole,
} from '../run.js';
import type { Terminal } from '../terminal.js';

export interface DiffOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
  readonly proto: string;
  readonly failOn: string;
  readonly maxFindings: string;
}

const ranks: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1 };

export async function diffCommand(
  inputs: readonly string[],
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const least = leastRank(options.failOn);
  const assume = readAssume(options.assume);
  const asked = askedFor(options);
  if (!/^\d{1,6}$/.test(options.maxFindings))
    throw new UsageError(`--max-findings takes a number, not "${options.maxFindings}"`);
  const sides = await bothSides(inputs, options, terminal);
  if (!sides.every(({ snapshot }) => isRecognised(snapshot))) return nothingRecognised(terminal, inputs);
  const [before, after] = sides.map(({ snapshot }) => ofNode(snapshot, options.node));
  if (before === undefined || after === undefined) return exitStatus.internal;
  const { compareSnapshots, resolveConnection } = await import('@coldtrace/rules');
  for (const named of asked) {
    const ends = resolveConnection(before, named);
    if (!ends.ok) throw new UsageError(`--${ends.end}: ${ends.problem}`);
  }
  const comparison = compareSnapshots(before, after, { assume, asked });
  if (options.json === true) {
    const { diffJson } = await import('../json/diff.js');
    printJson(terminal, diffJson(before, after, comparison));
  } else {
    const { diffLines } = await import('../print/diff.js');
    terminal.out(`${diffLines(before, after, comparison, Number(options.maxFindings), terminal).join('\n')}\n`);
  }
  return isWorse(comparison, least) ? exitStatus.findings : exitStatus.clean;
}

/** A new finding that counts, or a connection that worked and does not any more. */
function isWorse({ added, connections }: Comparison, least: number): boolean {
  if (added.some(({ severity }) => ranks[severity] >= least)) return true;
  return connections.some(({ before, after }) => before?.verdict === 'works' && after?.verdict !== 'works');
}

function leastRank(failOn: string): number {
  if (failOn === 'none') return Number.POSITIVE_INFINITY;
  const rank = failOn === 'error' || failOn === 'warning' || failOn === 'info' ? ranks[failOn] : null;
  if (rank === null) throw new UsageError(`--fail-on takes error, warning, info or none, not "${failOn}"`);
  return rank;
}

function askedFor({ from, to, proto: text }: DiffOptions): readonly Named[] {
  if (from === undefined && to === undefined) return [];
  if (from === undefined || to === undefined) throw new UsageError('--from and --to go together');
  const proto = parseProto(text.toLowerCase());
  if (proto === null || proto === 0) throw new UsageError(`--proto: "${text}" is no protocol`);
  return [{ from, to, proto }];
}

async function bothSides(
  inputs: readonly string[],
  options: DiffOptions,
  terminal: Terminal,
): Promise<readonly Read[]> {
  const [first, second, third] = inputs;
  if (third !== undefined) throw new UsageError('diff takes two inputs, or one and --apply');
  if (first === undefined || (second === undefined) === (options.apply === undefined))
    throw new UsageError('diff takes two inputs, or one and --apply');
  const before = await readWhole([first], {}, terminal);
  if (second === undefined) {
    const { applyFile } = await import('../apply-file.js');
    const snapshot = await applyFile(before.snapshot, options.apply ?? '', options.node, terminal);
    return [before, { ...before, snapshot }];
  }
  const after = await readWhole([second], {}, terminal);
  return [before, await sameName(before, after, second, terminal)];
}

/** Two captures of one machine that are named after their folders are of one name. */
async function sameName(before: Read, after: Read, input: string, terminal: Terminal): Promise<Read> {
  const [one, more] = before.snapshot.nodes;
  const [other, others] = after.snapshot.nodes;
  if (one === undefined || other === undefined || more !== undefined || others !== undefined) return after;
  if (
    one.name === other.name ||
    input === '-' ||
    input.includes('=') ||
    one.hostname !== null ||
    other.hostname !== null
  )
    return after;
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(one.name)) return after;
  if (!terminal.quiet)
    terminal.err(`coldtrace: ${printable(other.name)} is taken for ${printable(one.name)}, captured later\n`);
  return readWhole([`${one.name}=${input}`], {}, { ...terminal, quiet: true });
}
