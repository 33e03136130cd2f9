/** Medians, timed processes, and rows that never show a number without what it is measured against. */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export interface Row {
  readonly what: string;
  readonly against: string;
  readonly measured: number;
  readonly reference: number;
  readonly unit: string;
  readonly digits: number;
  /** The largest ratio that is good enough, and the one we want. */
  readonly gate: number;
  readonly aim: number;
}

/** A shared machine is noisy: only a clear miss fails. */
const TOLERANCE = 1.1;

export type Standing = 'aim reached' | 'within the gate' | 'over the gate, within 10%' | 'GATE MISSED';

export const ratio = (row: Row): number => row.measured / row.reference;

export function standing(row: Row): Standing {
  const value = ratio(row);
  if (value <= row.aim) return 'aim reached';
  if (value <= row.gate) return 'within the gate';
  // Written so that NaN, which is no measurement at all, is a miss.
  return value <= row.gate * TOLERANCE ? 'over the gate, within 10%' : 'GATE MISSED';
}

export function printRow(row: Row): string {
  const show = (value: number): string => `${value.toFixed(row.digits)} ${row.unit}`;
  return [
    `${row.what}, over ${row.against}`,
    `    ${show(row.measured)} / ${show(row.reference)} = ${ratio(row).toFixed(3)}` +
      `   (gate ${row.gate.toFixed(2)}, aim ${row.aim.toFixed(3)}): ${standing(row)}`,
  ].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export interface Finished {
  readonly milliseconds: number;
  readonly stdout: string;
}

/** Runs one whole process from start to end, and refuses to time one that failed. */
export function timeProcess(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Finished {
  const [program, ...args] = command;
  const start = performance.now();
  const run = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  const milliseconds = performance.now() - start;
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${command.join(' ')}: exit ${run.status ?? run.signal}: ${run.stderr.trim()}`);
  return { milliseconds, stdout: run.stdout };
}
