/** `coldtrace trace INPUT… --from WHO --to WHO[:PORT]`: one connection, there and back, every branch. */
import { type Ip, parseIp, parseProto, printable, type Snapshot, type Trace, trace, unmapped } from '@coldtrace/core';
import { type ExitStatus, exitStatus, UsageError } from '../exit-status.js';
import {
  type CommonOptions,
  isRecognised,
  nothingRecognised,
  ofNode,
  printJson,
  readAssume,
  readWhole,
} from '../run.js';
import type { Terminal } from '../terminal.js';

export interface TraceOptions extends CommonOptions {
  readonly from: string;
  readonly to: string;
  readonly proto: string;
  readonly sport?: string;
  readonly src?: string;
}

export async function traceCommand(
  inputs: readonly string[],
  options: TraceOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const proto = readProto(options.proto);
  const src = readSource(options.src);
  const sport = readPort(options.sport);
  const assume = readAssume(options.assume);
  const { snapshot } = await readWhole(inputs, options, terminal);
  if (!isRecognised(snapshot)) return nothingRecognised(terminal, inputs);
  const { portHint, resolveConnection } = await import('@coldtrace/rules');
  const asked = { from: options.from, to: options.to, proto, src };
  const ends = resolveConnection(snapshot, asked, ofNode(snapshot, options.node));
  if (!ends.ok) throw new UsageError(`--${ends.end}: ${ends.problem}`);
  const { origin, target } = ends;
  if (target.port === null && (proto === 6 || proto === 17 || proto === 132))
    throw new UsageError(`--to ${options.to} needs a port for ${options.proto}: ${portHint(options.to)}`);
  const traced = trace(snapshot, { from: origin, to: target, proto, sport, assume });
  if (options.json === true) {
    const { traceJson } = await import('../json/trace.js');
    printJson(terminal, traceJson(snapshot, ends.from, ends.to, traced));
  } else await printTrace(snapshot, traced, options, terminal);
  return traced.verdict === 'works' ? exitStatus.clean : exitStatus.findings;
}

async function printTrace(snapshot: Snapshot, traced: Trace, options: TraceOptions, terminal: Terminal): Promise<void> {
  const { traceLines } = await import('../print/trace.js');
  const title = `${printable(options.from)} → ${printable(options.to)}`;
  terminal.out(`${traceLines(snapshot, title, traced, terminal).join('\n')}\n`);
}

function readProto(text: string): number {
  const proto = parseProto(text.toLowerCase());
  if (proto === null || proto === 0) throw new UsageError(`--proto: "${text}" is no protocol`);
  return proto;
}

function readSource(text: string | undefined): Ip | null {
  if (text === undefined) return null;
  const ip = parseIp(text);
  if (ip === null) throw new UsageError(`--src: "${text}" is not an address`);
  return unmapped(ip);
}

function readPort(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535 || Number(text) === 0)
    throw new UsageError(`--sport: "${text}" is not a port: give a number from 1 to 65535`);
  return Number(text);
}
