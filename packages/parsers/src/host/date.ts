/** Output of date(1): when the capture was taken. */
import type { CaptureDate, Facts } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { hostDiagnostic } from './codes.js';
import { type Instant, isDateOutput, parseInstant } from './instant.js';

/** timedatectl(1) prints the time in UTC on a line of its own. */
const universal = /^\s*Universal time: \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC)\s*$/;
const control =
  /^\s*(?:Local time|RTC time|Time ?zone|System clock synchronized|NTP service|NTP enabled|NTP synchronized|systemd-timesyncd\.service active|RTC in local TZ|DST active): /;

const fileName = /^date(?:[-_].*)?(?:\.(?:txt|md|log))?$/i;

export const dateFormat: Format = {
  id: 'date',
  entries: true,
  title: 'time of the capture',
  commands: [/^(?:\S*\/)?date(?:\s|$)/, /^(?:\S*\/)?timedatectl\b/],
  fileNames: [fileName],
  line: judge,
  whole: (text, path) => (text.length < 200 && namesDate(path) && readInstant(text, null, path) !== null ? 0.95 : 0),
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 200) return null;
  if (isDateOutput(text) || universal.test(text)) return 'opens';
  return parseInstant(text) !== null || control.test(text) ? 'continues' : null;
}

function namesDate(path: string): boolean {
  return fileName.test(path.slice(path.lastIndexOf('/') + 1));
}

function readInstant(text: string, command: string | null, path: string): Instant | null {
  const trimmed = universal.exec(text.slice(0, 200))?.[1] ?? text.trim();
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
      if (control.test(line.text.slice(0, 200))) claim(reading, line, 'inert');
      else takeFailure(reading, line);
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
