/** The lines of a YAML text as block collections see them: indentation counted, blank and comment lines passed over. */

export interface BlockLine {
  /** Offset of the first character after the indentation. */
  readonly at: number;
  /** Offset of the line feed, or the end of the text; a carriage return before it excluded. */
  readonly end: number;
  readonly indent: number;
}

export interface Cursor {
  readonly text: string;
  /** Offset of the beginning of the next line. */
  next: number;
}

/** The next line with content; `tab` when its indentation has one, null at the end. The cursor then stands past it. */
export function nextLine(cursor: Cursor): BlockLine | 'tab' | null {
  const { text } = cursor;
  while (cursor.next < text.length) {
    const start = cursor.next;
    const feed = text.indexOf('\n', start);
    const raw = feed < 0 ? text.length : feed;
    cursor.next = raw + 1;
    let at = start;
    while (at < raw && text.charCodeAt(at) === 32) at++;
    const end = raw > at && text.charCodeAt(raw - 1) === 13 ? raw - 1 : raw;
    if (at >= end) continue;
    const unit = text.charCodeAt(at);
    if (unit === 35) continue;
    if (unit === 9) return 'tab';
    return { at, end, indent: at - start };
  }
  return null;
}
