/** Bare values whose keys stand in the command only: `sysctl -n KEY…`, `cat /proc/sys/PATH…`. */
import type { Sysctl } from '@coldtrace/core';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, type Reading } from '../text/reading.js';
import { sysctlDiagnostic } from './codes.js';
import { canonicalKey, isKey } from './key.js';

/** The parameters that a command names, in its order; none when a glob or a pipe hides which. */
export function keysOf(command: string | null): readonly string[] {
  if (command === null || /[|*?[]/.test(command)) return [];
  return command
    .split(/\s+/)
    .slice(1)
    .flatMap(braced)
    .filter((word) => isKey(word))
    .map((word) => canonicalKey(word));
}

/** `nf_conntrack_{count,max}` is two words to the shell, in that order. */
function braced(word: string): readonly string[] {
  const [, head, list, tail] = /^([^{}]*)\{([^{}]+)\}([^{}]*)$/.exec(word) ?? [];
  if (head === undefined || list === undefined || !list.includes(',')) return [word];
  return list.split(',').map((one) => `${head}${one}${tail ?? ''}`);
}

/** Ties each value to its key when there are as many of the one as of the other; what a paste has after the last is somebody's text. */
export function readValues(reading: Reading, lines: readonly Line[], keys: readonly string[]): readonly Sysctl[] {
  const rows: Sysctl[] = [];
  const surplus = reading.section.freeForm && keys.length > 0 && lines.length > keys.length;
  const values = surplus ? lines.slice(0, keys.length) : lines;
  for (const [at, line] of values.entries()) {
    const key = keys[at];
    const span = lineSpan(reading.section, line);
    if (keys.length === values.length && key !== undefined) {
      rows.push({ span, key, value: line.text.trim() });
      claim(reading, line, 'modelled');
    } else {
      const data = { value: line.text.trim(), keys: keys.length, values: values.length };
      reading.diagnostics.push(sysctlDiagnostic('value-without-key', span, data));
      claim(reading, line, 'opaque');
    }
  }
  return rows;
}
