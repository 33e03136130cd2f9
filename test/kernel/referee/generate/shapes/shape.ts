/** What a shape is: the rules that a well-known program writes, with addresses of the case, and whom probes should ask for. */
import { type TableName, tableNames } from '@coldtrace/core';
import type { Prng } from '../../../../bench/prng.js';
import type { Line } from '../../case.js';
import type { Pool } from '../pool.js';

export interface Target {
  readonly dst: string;
  readonly proto: 'tcp' | 'udp';
  readonly port: number;
}

export interface Shaped {
  readonly lines: readonly Line[];
  readonly targets: readonly Target[];
}

export interface Shape {
  readonly name: string;
  /** What its devices are called; the first faces the outside. */
  readonly devices: readonly [string, string, ...string[]];
  readonly families: readonly (4 | 6)[];
  readonly make: (pool: Pool, tool: 'legacy' | 'nft', random: Prng) => Shaped;
}

/** Lines of a restore file, as one writes them: `*table`, `:CHAIN`, `-A …`; blank lines and indentation do not matter. */
export function restoreLines(tool: 'legacy' | 'nft', text: string): readonly Line[] {
  let table: TableName = 'filter';
  const lines: Line[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line.startsWith('*')) table = tableNames.find((name) => name === line.slice(1)) ?? 'filter';
    else if (line.startsWith(':')) lines.push({ tool, table, text: line.includes(' ') ? line : `${line} - [0:0]` });
    else if (line !== '') lines.push({ tool, table, text: line });
  }
  return lines;
}

export const joined = (parts: readonly string[]): string => parts.join('\n');

/** `address:port` as nat targets write it. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function several<T>(random: Prng, least: number, most: number, make: (at: number) => T): readonly T[] {
  return Array.from({ length: least + random.below(most - least + 1) }, (_, at) => make(at));
}
