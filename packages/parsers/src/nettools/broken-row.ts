/** Rows and headings of route(8) that a mail program or a narrow window broke before their last words. */
import { parseIp4 } from '@coldtrace/core';
import type { Line } from '../text/lines.js';
import { readRow4, rowWords } from './route-row.js';

const headingWords = ['Destination', 'Gateway', 'Genmask', 'Flags', 'Metric', 'Ref', 'Use', 'Iface'] as const;

/** The beginning of a row of IPv4, or of the heading: destination, gateway and mask stand there, and something is missing. */
export function isBegun(text: string): boolean {
  if (text.length > 200) return false;
  const words = text.trim().split(/\s+/);
  if (words.length < 3 || words.length >= rowWords) return false;
  return isHeading(words) || isRowBegun(words);
}

const isHeading = (words: readonly string[]) => words.every((word, at) => word === headingWords[at]);

function isRowBegun([destination = '', gateway = '', mask = '', flags, ...numbers]: readonly string[]): boolean {
  const addresses = [destination, gateway, mask].every(
    (word) => /^(?:default|link-local|\*)$/.test(word) || parseIp4(word) !== null,
  );
  return (
    addresses &&
    (flags === undefined || /^[UGHRDMACSIWB!]{1,8}$/.test(flags)) &&
    numbers.every((word) => /^\d+$/.test(word))
  );
}

/** Whether a line holds exactly what the one above it lacks. */
export function completes(above: string, line: string): boolean {
  if (line.length > 100 || !isBegun(above)) return false;
  const words = `${above} ${line}`.trim().split(/\s+/);
  return words.length === rowWords && (isHeading(words) || readRow4(words, true) !== null);
}

/** Both lines as one; null: the first is whole, or the second is not its rest. */
export function rejoined(line: Line, next: Line | undefined): Line | null {
  if (next === undefined || !completes(line.text, next.text)) return null;
  return { ...next, text: `${line.text} ${next.text}`, start: line.start };
}
