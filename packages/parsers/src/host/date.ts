/** Output of date(1): when the capture was taken. */
import type { CaptureDate, Facts } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { isBlank, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { hostDiagnostic } from './codes.js';
import { type Instant, isDateOutput, parseInstant } from './instant.js';

const fileName = /^date(?:[-_].*)?(?:\.(?:txt|md|log))?$/i;

export const dateFormat: Format = {
  id: 'date',
  title: 'time of the capture',
  commands: [/^(?:\S*\/)?date(?:\s|$)/],
  fileNames: [fileName],
  line: (text) => (isDateOutput(text) ? 'opens' : parseInstant(text) !== null ? 'continues' : null),
  whole: (text, path) => (text.length < 200 && namesDate(path) && readInstant(text, null, path) !== null ? 0.95 : 0),
  parse,
};

function namesDate(path: string): boolean {
  return fileName.test(path.slice(path.lastIndexOf('/') + 1));
}

function readInstant(text: string, command: string | null, path: string): Instant | null {
  const trimmed = text.trim();
  const epoch = /^\d{9,11}$/.test(trimmed) && (/%s/.test(command ?? '') || (command === null && namesDate(path)));
  if (epoch) return { at: Number(trimmed) * 1000, zone: 'UTC' };
  const instant = parseInstant(trimmed);
  if (instant?.zone === '' && /\s(?:-u|--utc)\b/.test(command ?? '')) return parseInstant(`${trimmed}Z`);
  return instant;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: CaptureDate[] = [];
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    const instant = readInstant(line.text, section.command, section.path);
    if (instant === null) {
      takeFailure(reading, line);
      continue;
    }
    const span = lineSpan(section, line);
    const text = line.text.trim();
    rows.push({ span, at: instant.at, text });
    claim(reading, line, 'modelled');
    if (instant.at === null)
      reading.diagnostics.push(hostDiagnostic('ambiguous-zone', span, { zone: instant.zone, text }));
  }
  return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'date', rows, complete: true }]);
}
