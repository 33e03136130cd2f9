/** Files that are one value from end to end: YAML, JSON, PEM, a file of /proc/sys, the file `hostname`. */
import type { SourceFile } from '@coldtrace/core';
import type { Format } from '../format.js';
import { isBlank } from '../text/lines.js';
import { isPromptLine } from '../transcript/prompt-line.js';
import { nowhere } from '../transcript/shells.js';
import { byName, mayBeEmpty } from './choose.js';
import type { Cut, Piece, PieceKind } from './piece.js';
import { isProse } from './prose.js';

const sure = 0.5;

/** The cut of a file that one format claims as a whole, or of an empty file whose name says what it is; null for any other. */
export function readWhole(file: SourceFile, formats: readonly Format[]): Cut | null {
  const { text, name } = file;
  // What the collector leaves of a command that failed: its messages, whatever they look like.
  if (name.endsWith('.failed')) return { pieces: [pieceOf(file, 'failure', null)], freeForm: false };
  if (isBlankText(text)) {
    const named = byName(formats, name).find(mayBeEmpty);
    return { pieces: named === undefined ? [] : [pieceOf(file, 'output', named)], freeForm: false };
  }
  const first = firstLine(text);
  if (isPromptLine(first) || isProse(first)) return null;
  let best: Format | null = null;
  let most = sure;
  for (const format of formats) {
    const confidence = format.whole?.(text, name) ?? 0;
    if (confidence < most || (confidence === most && best !== null)) continue;
    most = confidence;
    best = format;
  }
  if (best === null || !reachesEnd(best, text)) return null;
  return { pieces: [pieceOf(file, 'output', best)], freeForm: false };
}

function pieceOf(file: SourceFile, kind: PieceKind, format: Format | null): Piece {
  return { kind, start: 0, end: file.text.length, format, command: null, path: file.name, where: nowhere };
}

/** False when the format's own idea of its end leaves something over: then other outputs follow. */
function reachesEnd(format: Format, text: string): boolean {
  const start = text.length - text.trimStart().length;
  const end = format.extent?.(text, start) ?? null;
  return end === null || isBlankText(text.slice(end));
}

function firstLine(text: string): string {
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf('\n', at);
    const line = text.slice(at, feed < 0 ? text.length : feed);
    if (!isBlank(line)) return line;
    if (feed < 0) break;
    at = feed + 1;
  }
  return '';
}

function isBlankText(text: string): boolean {
  return text.trim() === '';
}
