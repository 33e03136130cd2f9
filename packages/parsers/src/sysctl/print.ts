/** Prints parameters as `sysctl -a` of procps does. */
import type { Sysctl } from '@coldtrace/core';
import { dottedKey } from './key.js';

/** As `sysctl -a` prints them. */
export function printSysctl(rows: readonly Pick<Sysctl, 'key' | 'value'>[]): string {
  return rows.map((row) => `${dottedKey(row.key)} = ${row.value}\n`).join('');
}
