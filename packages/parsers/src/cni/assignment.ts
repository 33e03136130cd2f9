/** One `KEY=value` line of an environment file, with its places: quotes as systemd.exec(5) and sh(1) read them. */
import type { Line } from '../text/lines.js';
import { unquote } from './arguments.js';

export interface Assignment {
  readonly key: string;
  readonly value: string;
  /** Offset of the value's first character inside its quotes. */
  readonly valueStart: number;
  readonly end: number;
}

export function assignmentOf(line: Line): Assignment | null {
  const { text, start } = line;
  const match = /^\s{0,16}(?:export )?([A-Za-z_][A-Za-z0-9_]{0,127})=/.exec(text.slice(0, 300));
  const key = match?.[1];
  if (match === null || key === undefined) return null;
  const rest = text.slice(match[0].length).trimEnd();
  const value = unquote(rest);
  const at = start + match[0].length;
  return { key, value, valueStart: value === rest ? at : at + 1, end: at + rest.length };
}
