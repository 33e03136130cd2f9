/** Outputs that are known and say nothing about packets, or nothing that the model has a place for: a table row each. */
import type { LineState, SeenLog } from '@coldtrace/core';
import type { Format } from '../format.js';
import { isBlank, lineSpan } from './lines.js';
import { claim, closeReading, openReading, takeFailure } from './reading.js';

export interface PlainListing extends Pick<Format, 'id' | 'title' | 'commands' | 'fileNames' | 'paths'> {
  /** Lines that nothing else has. */
  readonly opens: RegExp;
  /** Lines that fit inside. */
  readonly fits: RegExp;
  /** `inert` unless told otherwise. */
  readonly state?: LineState;
  /** Lines that state a fact all the same, as an observation. */
  readonly notes?: (text: string) => Pick<SeenLog, 'component' | 'event' | 'data'> | null;
  /** Under its own command or name every line belongs to it. */
  readonly whole?: true;
}

const longest = 600;

export function plainListing(listing: PlainListing): Format {
  const { opens, fits, state = 'inert', whole = false, notes, ...format } = listing;
  const isKnown = (text: string) => text.length < longest && (opens.test(text) || fits.test(text));
  return {
    ...format,
    line: (text) => {
      if (text.length >= longest) return null;
      if (opens.test(text)) return 'opens';
      return fits.test(text) ? 'continues' : null;
    },
    parse: (section) => {
      const reading = openReading(section);
      const last = section.path.slice(section.path.lastIndexOf('/') + 1);
      const named =
        whole &&
        (format.commands.some((one) => one.test(section.command ?? '')) ||
          format.fileNames.some((one) => one.test(last)) ||
          format.paths?.some((one) => one.test(section.path)) === true);
      const rows: SeenLog[] = [];
      for (const line of reading.lines) {
        if (isBlank(line.text)) continue;
        const note = line.text.length < longest ? notes?.(line.text) : null;
        if (note != null) {
          rows.push({ span: lineSpan(section, line), kind: 'log', ...note, text: line.text.trim() });
          claim(reading, line, 'modelled');
        } else if (isKnown(line.text)) claim(reading, line, state);
        else if (!takeFailure(reading, line) && named) claim(reading, line, state);
      }
      return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'observations', rows, complete: false }]);
    },
  };
}
