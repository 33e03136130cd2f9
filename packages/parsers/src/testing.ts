/** What the tests of every parser share: a section made of a string, and the checks that each format owes. */
import { countLines, lineStarts, type SourceFile } from '@coldtrace/core';
import type { Format, Parsed, Section } from './format.js';

export function sectionOf(text: string, given: Partial<Section> = {}): Section {
  const file: SourceFile = given.file ?? { id: 0, name: given.path ?? 'input.txt', text };
  return { file, start: 0, end: file.text.length, command: null, path: file.name, freeForm: false, ...given };
}

/** True when every line of the section is in exactly one state. */
export function ledgerIsComplete(section: Section, parsed: Parsed<unknown>): boolean {
  const counts = countLines(parsed.ledger);
  const sum = counts.modelled + counts.inert + counts.opaque + counts.conditional + counts.unrecognized;
  const lines = lineStarts(section.file.text.slice(section.start, section.end)).length;
  return parsed.ledger.length === lines && sum === lines;
}

/** Milliseconds of CPU that this process has used: bounds on it hold on a busy machine too. */
export function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU that the work took, done again where that was more than `most`: what else the machine does makes one reading slow, but hardly three. */
export function leastMilliseconds(most: number, work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && least > most; tries++) {
    const begun = cpuNow();
    work();
    least = Math.min(least, cpuNow() - begun);
  }
  return least;
}

/** The text under a span, for tests that check evidence. */
export function textAt(section: Section, span: { readonly start: number; readonly end: number }): string {
  return section.file.text.slice(span.start, span.end);
}

/** Which of the pieces, each repeated to a line of a mebibyte (or what is given), took more CPU to read than the most allowed. */
export function slowLines(
  pieces: readonly string[],
  most: number,
  read: (line: string) => void,
  length = 2 ** 20,
): readonly string[] {
  return pieces.flatMap((piece) => {
    const line = piece.repeat(Math.ceil(length / piece.length));
    const spent = Math.round(leastMilliseconds(most, () => read(line)));
    return spent > most ? [`${JSON.stringify(piece)}: ${spent} ms`] : [];
  });
}

/** Text that parses must survive: the format's own lines, cut, joined and mixed with what does not belong. */
export const hostileTexts: readonly string[] = [
  '',
  '\n',
  '\0',
  '\ud800',
  '\udfff\ud800',
  '%s%n',
  '"'.repeat(1000),
  '-A '.repeat(1000),
  '\t\t\t',
  '\r\n\r\n',
  '{',
  '[[[[',
  '<?xml',
];

export type { Format };
