/** The header fields of `ipset list` output, sound and as pastes damage them. lib/session.c of ipset. */

const fieldNames = [
  'Name',
  'Type',
  'Revision',
  'Header',
  'Size in memory',
  'References',
  'Number of entries',
  'Members',
] as const;

export type FieldName = (typeof fieldNames)[number];

export interface Field {
  readonly name: FieldName;
  /** Without blanks at its ends; empty after `Members:`. */
  readonly value: string;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  /** Written as ipset writes it: `Name: value`. */
  readonly sound: boolean;
}

/** The first letters of all fields lie between these: members are passed by quickly. */
const UPPER_H = 72;
const UPPER_T = 84;

/** The field that a line consists of, exactly as ipset prints it; offsets are within the line. */
export function soundField(line: string): Field | null {
  const first = line.charCodeAt(0);
  if (!(first >= UPPER_H && first <= UPPER_T)) return null;
  for (const name of fieldNames) {
    if (!line.startsWith(name) || line[name.length] !== ':') continue;
    const end = line.trimEnd().length;
    const bare = end === name.length + 1;
    if (bare ? name !== 'Members' && name !== 'Header' : line[name.length + 1] !== ' ') return null;
    const valueStart = Math.min(name.length + 2, end);
    return { name, value: line.slice(valueStart, end), start: 0, valueStart, end, sound: true };
  }
  return null;
}

const anyField = /(Name|Type|Revision|Header|Size in memory|References|Number of entries|Members) ?[:：]/g;

/** The fields in a line that lost its line breaks or blanks, or has the colon of East Asian keyboards. */
export function damagedFields(line: string): readonly Field[] {
  const starts = [...line.matchAll(anyField)];
  return starts.map((match, index) => {
    const start = match.index;
    const next = starts[index + 1]?.index ?? line.length;
    const raw = line.slice(start + match[0].length, next);
    const value = raw.trim();
    const valueStart = start + match[0].length + (raw.length - raw.trimStart().length);
    const name = match[1] as FieldName;
    const end = Math.max(valueStart + value.length, start + match[0].length);
    return { name, value, start, valueStart, end, sound: line.slice(start, end) === soundText(name, value) };
  });
}

function soundText(name: FieldName, value: string): string {
  return value === '' ? `${name}:` : `${name}: ${value}`;
}
