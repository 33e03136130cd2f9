/** One parser's fault must not take the other outputs with it: it is said, and its lines are not understood. */
import type { Facts } from '@coldtrace/core';
import type { Format, Parsed, Section } from './format.js';
import { closeReading, openReading } from './text/reading.js';
import { transcriptDiagnostic } from './transcript/codes.js';

export function parseGuarded(format: Format, section: Section): Parsed<readonly Facts[]> {
  try {
    return format.parse(section);
  } catch (fault) {
    const reading = openReading(section);
    const span = { file: section.file.id, start: section.start, end: section.end };
    const message = fault instanceof Error ? fault.message : String(fault);
    reading.diagnostics.push(transcriptDiagnostic('parser-fault', span, { format: format.id, message }));
    return closeReading(reading, []);
  }
}
