/** The shape of `kubectl describe`: `Key:  value` at the line's start, lines indented under it, an empty line between objects. */
import type { Line } from '../text/lines.js';

export interface DescribedField {
  readonly key: string;
  readonly value: string;
  readonly line: Line;
  readonly below: readonly Line[];
}

export interface Description {
  readonly fields: readonly DescribedField[];
  readonly start: number;
  readonly end: number;
  readonly lines: readonly Line[];
}

const keyLine = /^([A-Z][A-Za-z0-9 /-]{0,40}):(?:\s|$)/;

/** One description per `Name:` at a line's start. */
export function descriptionsOf(lines: readonly Line[]): readonly Description[] {
  const found: Description[] = [];
  let fields: { key: string; value: string; line: Line; below: Line[] }[] = [];
  let own: Line[] = [];
  const close = () => {
    const first = own[0];
    const last = own.findLast((line) => line.text.trim() !== '');
    if (first !== undefined && last !== undefined)
      found.push({ fields, start: first.start, end: last.end, lines: own });
    fields = [];
    own = [];
  };
  for (const line of lines) {
    const key = keyLine.exec(line.text.slice(0, 64))?.[1];
    if (key === 'Name' && /^Name:\s/.test(line.text)) close();
    if (key === undefined || line.text[0] === ' ') {
      if (own.length > 0) {
        own.push(line);
        if (line.text[0] === ' ' || line.text[0] === '\t') fields.at(-1)?.below.push(line);
      }
      continue;
    }
    if (own.length === 0 && key !== 'Name') continue;
    own.push(line);
    fields.push({ key, value: line.text.slice(key.length + 1).trim(), line, below: [] });
  }
  close();
  return found;
}

/** A field's text; kubectl's words for nothing are null. */
export function described(description: Description, key: string): string | null {
  const value = description.fields.find((one) => one.key === key)?.value;
  return value === undefined || value === '' || /^<(?:none|unset|unknown)>$/.test(value) ? null : value;
}

/** `Sub key:  value` under a field. */
export function describedBelow(description: Description, key: string, inner: string): string | null {
  const field = description.fields.find((one) => one.key === key);
  for (const line of field?.below ?? []) {
    const text = line.text.trim();
    if (text.startsWith(`${inner}:`)) {
      const value = text.slice(inner.length + 1).trim();
      return value === '' || value === '<none>' ? null : value;
    }
  }
  return null;
}
