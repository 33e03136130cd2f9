/** The columns of a kubectl table: a header in capitals, cells that begin where their heading does (k8s.io/cli-runtime printers, tabwriter). */

export interface Column {
  readonly name: string;
  readonly start: number;
}

/** Headings of two words; when columns are collapsed to single blanks only this list tells them from two headings. */
const wordPairs: readonly string[] = ['NOMINATED NODE', 'READINESS GATES'];

const headingUnit = /^[A-Z][A-Z0-9()_./-]*$/;

/** The columns of a header line: `NAME` or `NAMESPACE` first, every heading in capitals; null for any other line. */
export function columnsOf(line: string): readonly Column[] | null {
  if (!line.startsWith('NAME') || line.length > 1000) return null;
  const columns: Column[] = [];
  for (let at = 0; at < line.length; ) {
    while (line[at] === ' ' || line[at] === '\t' || line[at] === '\r') at++;
    if (at >= line.length) break;
    const pair = wordPairs.find((one) => line.startsWith(one, at));
    let end = at + (pair?.length ?? 0);
    while (end < line.length && line[end] !== ' ' && line[end] !== '\t' && line[end] !== '\r') end++;
    const name = line.slice(at, end);
    if (pair === undefined && !headingUnit.test(name)) return null;
    columns.push({ name, start: at });
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
  const aligned = columns.every(
    ({ start }) => start === 0 || start >= row.length || (isBlankAt(row, start - 1) && !isBlankAt(row, start)),
  );
  if (aligned) {
    const of = new Map<string, string>();
    for (const [index, { name, start }] of columns.entries()) {
      of.set(name, row.slice(start, columns[index + 1]?.start ?? row.length).trim());
    }
    // A row that ends before a column was cut off, or collapsed so far that it does not reach it.
    if ([...of.values()].every((cell) => cell !== '' && !/\S {2,}\S/.test(cell))) return { of, collapsed: false };
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

function isBlankAt(row: string, at: number): boolean {
  return row[at] === ' ' || row[at] === '\t';
}
