/** `coldtrace probe INPUT --probes FILE`: JSON lines in, JSON lines out, one answer a probe, in constant memory. */
import { open, stat } from 'node:fs/promises';
import {
  type Node,
  type Place,
  placeOf,
  printable,
  type Snapshot,
  type WrittenInterview,
  writtenInterview,
} from '@coldtrace/core';
import { type ExitStatus, exitStatus, UsageError } from '../exit-status.js';
import { type Line, linesOf, longestLine } from '../json/lines.js';
import { expectLongRun } from '../long-run.js';
import {
  type CommonOptions,
  escapeUnsafe,
  isRecognised,
  nothingRecognised,
  ofNode,
  readAssume,
  readWhole,
} from '../run.js';
import type { Terminal } from '../terminal.js';

export interface ProbeOptions extends CommonOptions {
  readonly probes: string;
}

export async function probeCommand(
  inputs: readonly string[],
  options: ProbeOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  if (options.probes === '-' && inputs.includes('-'))
    throw new UsageError('only one of INPUT and --probes can be standard input');
  const assume = readAssume(options.assume, 'none');
  if (await areMany(options.probes)) expectLongRun();
  const { snapshot } = await readWhole(inputs, options, terminal);
  if (!isRecognised(snapshot)) return nothingRecognised(terminal, inputs);
  const place = placeNamed(snapshot, options.node, assume);
  const stream = options.probes === '-' ? terminal.stdin : await openProbes(options.probes);
  await answerAll(writtenInterview(place), stream, terminal);
  return exitStatus.clean;
}

/** The node, or `NODE/NAMESPACE`; without a name the only node. */
function placeNamed(snapshot: Snapshot, name: string | undefined, assume: Place['assume']): Place {
  const places = snapshot.nodes.flatMap((node) =>
    [node.host, ...node.namespaces].map((ns) => placeOf(node, ns, assume)),
  );
  const named = places.find((place) => place.name === name);
  if (named !== undefined) return named;
  const { nodes } = ofNode(snapshot, name);
  const [first, second] = nodes;
  if (first === undefined) throw new UsageError('the snapshot holds no node');
  if (second !== undefined) throw new UsageError(`--node is needed: ${namesOf(nodes)}`);
  return placeOf(first, first.host, assume);
}

function namesOf(nodes: readonly Node[]): string {
  return nodes.map((node) => printable(node.name)).join(', ');
}

/** From about here on optimized functions pay for themselves. */
const manyProbes = 2000;
const manyBytes = 1024 * 1024;

async function areMany(path: string): Promise<boolean> {
  const found = path === '-' ? null : await stat(path).catch(() => null);
  return found !== null && found.size >= manyBytes;
}

async function openProbes(path: string): Promise<AsyncIterable<Uint8Array>> {
  const { InputError } = await import('@coldtrace/bundle');
  const refuse = (why: string) => new InputError(`${path}: ${why}`);
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === 'ENOENT' ? 'no such file or directory' : (error.code ?? error.message));
  });
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw refuse('a directory, not a file of probes');
  }
  return file.createReadStream({ highWaterMark: 256 * 1024 });
}

const longestText = 64 * 1024;

/** Answers go out after each piece of input, so that one who waits for them gets them. */
async function answerAll(
  ask: WrittenInterview,
  stream: AsyncIterable<Uint8Array | string>,
  terminal: Terminal,
): Promise<void> {
  let count = 0;
  for await (const lines of linesOf(stream)) {
    let text = '';
    for (const line of lines) {
      count++;
      if (count === manyProbes) expectLongRun();
      text += answerTo(ask, line, count);
      if (text.length < longestText) continue;
      await terminal.flow(escapeUnsafe(text));
      text = '';
    }
    if (text !== '') await terminal.flow(escapeUnsafe(text));
  }
}

function answerTo(ask: WrittenInterview, line: Line, count: number): string {
  if (line === null)
    return `${JSON.stringify({ error: `the probe on line ${count} is longer than ${longestLine} characters` })}\n`;
  const text = count === 1 && line.startsWith('\ufeff') ? line.slice(1) : line;
  return text.trim() === '' ? '' : `${ask(text, count)}\n`;
}
