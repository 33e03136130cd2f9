/** Where `ipset list` output certainly ends: after the member that completes the last set. */
import { parseDecimal } from '@coldtrace/core';
import { isBlank } from '../text/lines.js';
import { soundField } from './list-fields.js';

/** The end of the sets that begin at `start`, or null when one of them is not all here and sound. */
export function listExtent(text: string, start: number): number | null {
  let at = start;
  let end: number | null = null;
  while (at < text.length) {
    const setEnd = oneSet(text, at);
    if (setEnd === null) return null;
    end = setEnd;
    at = setEnd;
    while (at < text.length && isBlank(lineFrom(text, at))) at = nextLine(text, at);
    if (!text.startsWith('Name: ', at)) break;
  }
  return end;
}

function oneSet(text: string, start: number): number | null {
  if (!text.startsWith('Name: ', start)) return null;
  let announced: number | null = null;
  let at = nextLine(text, start);
  for (; at < text.length; at = nextLine(text, at)) {
    const field = soundField(lineFrom(text, at));
    if (field === null || field.name === 'Name') return null;
    if (field.name === 'Number of entries') announced = parseDecimal(field.value, 0xffffffff);
    if (field.name === 'Members') break;
  }
  if (announced === null) return null;
  at = nextLine(text, at);
  for (let seen = 0; seen < announced; seen++, at = nextLine(text, at)) {
    if (at >= text.length) return null;
    const line = lineFrom(text, at);
    if (isBlank(line) || soundField(line) !== null) return null;
    if (cutInComment(line)) at = commentEnd(text, at);
  }
  return at;
}

/** A comment may hold line feeds: then its quote is not closed on the line. */
function cutInComment(line: string): boolean {
  const open = line.indexOf(' comment "');
  return open >= 0 && line.indexOf('"', open + 10) < 0;
}

/** Offset within the line that closes the comment which the line at `at` opens. */
function commentEnd(text: string, at: number): number {
  const open = text.indexOf(' comment "', at) + 10;
  const close = text.slice(open, open + 256).indexOf('"');
  return close < 0 ? at : open + close;
}

function lineFrom(text: string, at: number): string {
  const feed = text.indexOf('\n', at);
  return text.slice(at, feed < 0 ? text.length : feed);
}

function nextLine(text: string, at: number): number {
  const feed = text.indexOf('\n', at);
  return feed < 0 ? text.length : feed + 1;
}
