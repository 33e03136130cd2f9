/** The columns of a kubectl table: a header in capitals, cells that begin where their heading does (k8s.io/cli-runtime printers, tabwriter). */

export interface Column {
  readonly name: string;
  readonly start: number;
}

/** Headings of two words; when columns are collapsed to single blanks only this list tells them from two headings. */
const wordPairs: readonly string[] = [
  ...['NOMINATED NODE', 'READINESS GATES', 'LAST SEEN', 'FIRST SEEN', 'CREATED AT', 'LAST SCHEDULE', 'ACCESS MODES'],
  ...['RECLAIM POLICY', 'ALLOWED DISRUPTIONS', 'MIN AVAILABLE', 'MAX UNAVAILABLE', 'NODE SELECTOR', 'ENDPOINT ID'],
  ...['IDENTITY ID', 'SECURITY IDENTITY', 'ENDPOINT STATE', 'INGRESS ENFORCEMENT', 'EGRESS ENFORCEMENT'],
  ...['VISIBILITY POLICY'],
];

const headingUnit = /^[A-Z][A-Z0-9()_./-]*$/;

/** What the first column may be. */
const firstHeading = /^(?:NAME|NAMESPACE|LAST SEEN|FIRST SEEN|CURRENT|KIND|WORKLOAD)(?:\s|$)/;

/** The columns of a header line: a name first, every heading in capitals; null for any other line. */
export function columnsOf(line: string): readonly Column[] | null {
  if (line.length > 1000 || !firstHeading.test(line)) return null;
  const columns: Column[] = [];
  for (let at = 0; at < line.length; ) {
    while (line[at] === ' ' || line[at] === '\t' || line[at] === '\r') at++;
    if (at >= line.length) break;
    const pair = wordPairs.find((one) => line.startsWith(one, at));
    let end = at + (pair?.length ?? 0);
    while (end < line.length && line[end] !== ' ' && line[end] !== '\t' && line[end] !== '\r') end++;
    const name = line.slice(at, end);
    if (pair === undefined && !headingUnit.test(name)) return null;
    // `-L example.com/name` adds a column that is called as another: the object's own comes first.
    columns.push({ name: columns.some((one) => one.name === name) ? `${name}+` : name, start: at });
    at = end;
  }
  return columns.length < 2 ? null : columns;
}

export interface Cells {
  readonly of: ReadonlyMap<string, string>;
  /** The row did not stand under its headings and was cut by its blanks. */
  readonly collapsed: boolean;
}

/** The cells of a row; null when it fits the columns neither by place nor by count. */
export function cellsOf(row: string, columns: readonly Column[]): Cells | null {
  const placed = columns.map(({ start }, index) => cellAt(row, start, columns[index + 1]?.start ?? row.length));
  // A row that ends before a column was cut off, or collapsed so far that it does not reach it.
  if (placed.every((cell) => cell !== null) && !placed.some((cell) => /\S {2,}\S/.test(cell))) {
    return { of: new Map(columns.map(({ name }, index) => [name, placed[index] ?? ''])), collapsed: false };
  }
  const wide = row.trim().split(/ {2,}|\t+/);
  const narrow = row
    .trim()
    .replace(/ \(\d+\w+ ago\)/g, '')
    .replace(/ \+ (\d+) more\.\.\./g, '+$1more')
    .split(/[ \t]+/);
  const cells = wide.length === columns.length ? wide : narrow.length === columns.length ? narrow : null;
  if (cells === null) return null;
  return { of: new Map(columns.map(({ name }, index) => [name, cells[index] ?? ''])), collapsed: true };
}

/** The text under a heading: empty where the table leaves it blank, null when words stand across the column's edge. */
function cellAt(row: string, start: number, end: number): string | null {
  if (start > 0 && start >= row.length) return null;
  if (start > 0 && !isBlankAt(row, start - 1)) return null;
  const cell = row.slice(start, end);
  return isBlankAt(cell, 0) && cell.trim() !== '' ? null : cell.trim();
}

function isBlankAt(row: string, at: number): boolean {
  return row[at] === ' ' || row[at] === '\t';
}
