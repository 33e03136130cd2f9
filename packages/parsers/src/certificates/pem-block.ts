/** One PEM block among the lines of a section. */
import type { Line } from '../text/lines.js';
import { claim, type Reading } from '../text/reading.js';
import { certificateCode } from './codes.js';
import type { X509Fields } from './fields.js';
import { pemEnd, readPemBody } from './pem.js';

export interface PemBlock {
  readonly fields: X509Fields;
  readonly last: Line;
  /** The line after it. */
  readonly next: number;
}

/** Reads the block that begins at a line, to its end line or to where it breaks off. */
export function readPem(reading: Reading, from: number): PemBlock {
  const { section, lines } = reading;
  let next = from + 1;
  const body: string[] = [];
  while (next < lines.length && !(lines[next]?.text ?? '').startsWith('-----')) {
    const text = lines[next]?.text.trim() ?? '';
    if (!/^[A-Za-z0-9+/=]*$/.test(text)) break;
    body.push(text);
    next++;
  }
  const ended = pemEnd.test(lines[next]?.text.trimEnd() ?? '');
  if (ended) next++;
  const first = lines[from];
  const last = lines[next - 1];
  if (first === undefined || last === undefined)
    return { fields: {}, last: { index: 0, text: '', start: 0, end: 0 }, next };
  const span = { file: section.file.id, start: first.start, end: last.end };
  const read = readPemBody(body.join('\n'), span);
  reading.diagnostics.push(...read.diagnostics);
  if (!ended) reading.diagnostics.push(certificateCode('cut-off', span));
  const state = read.fields.der === undefined ? 'unrecognized' : 'modelled';
  for (let at = from; at < next; at++)
    if (lines[at] !== undefined && lines[at]?.text.trim() !== '') claim(reading, lines[at] ?? first, state);
  return { fields: read.fields, last, next };
}
