/** Rows with some taken out and others put in between: a chain of a big dump is changed without reading its other rules. */
import type { Rows } from '../snapshot/xtables.js';

interface Piece<T> {
  readonly rows: Rows<T>;
  readonly from: number;
  readonly to: number;
}

class SplicedRows<T> implements Rows<T> {
  readonly length: number;
  /** Index of each piece's first row. */
  private readonly starts: readonly number[];

  constructor(readonly pieces: readonly Piece<T>[]) {
    const starts: number[] = [];
    let length = 0;
    for (const { from, to } of pieces) {
      starts.push(length);
      length += to - from;
    }
    this.starts = starts;
    this.length = length;
  }

  at(index: number): T | undefined {
    const place = index < 0 ? index + this.length : index;
    if (place < 0 || place >= this.length) return undefined;
    const low = this.pieceAt(place);
    const piece = this.pieces[low];
    return piece?.rows.at(piece.from + place - (this.starts[low] ?? 0));
  }

  lacks(index: number, word: string): boolean {
    const low = this.pieceAt(index);
    const piece = this.pieces[low];
    return piece?.rows.lacks?.(piece.from + index - (this.starts[low] ?? 0), word) ?? false;
  }

  private pieceAt(place: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** As Array.prototype.splice, with the rows left as they are. */
export function spliceRows<T>(rows: Rows<T>, at: number, remove: number, added: readonly T[]): Rows<T> {
  if (rows.length + added.length - remove <= longestPlain && Array.isArray(rows)) {
    const list: T[] = rows.slice();
    list.splice(at, remove, ...added);
    return list;
  }
  const pieces = rows instanceof SplicedRows ? (rows as SplicedRows<T>).pieces : [{ rows, from: 0, to: rows.length }];
  const made = [
    ...cut(pieces, 0, at),
    { rows: added, from: 0, to: added.length },
    ...cut(pieces, at + remove, rows.length),
  ];
  return new SplicedRows(joined(made.filter((piece) => piece.to > piece.from)));
}

const longestPlain = 256;

function cut<T>(pieces: readonly Piece<T>[], from: number, to: number): readonly Piece<T>[] {
  const kept: Piece<T>[] = [];
  let start = 0;
  for (const piece of pieces) {
    const low = Math.max(from - start, 0) + piece.from;
    const high = Math.min(to - start + piece.from, piece.to);
    if (high > low) kept.push({ rows: piece.rows, from: low, to: high });
    start += piece.to - piece.from;
  }
  return kept;
}

/** Short neighbours become one, so that many small changes do not make many pieces. */
function joined<T>(pieces: readonly Piece<T>[]): readonly Piece<T>[] {
  const list: Piece<T>[] = [];
  for (const piece of pieces) {
    const last = list.at(-1);
    const length = last === undefined ? 0 : last.to - last.from + piece.to - piece.from;
    if (last === undefined || length > longestPlain || !Array.isArray(last.rows) || !Array.isArray(piece.rows))
      list.push(piece);
    else {
      const rows: T[] = [...last.rows.slice(last.from, last.to), ...piece.rows.slice(piece.from, piece.to)];
      list[list.length - 1] = { rows, from: 0, to: rows.length };
    }
  }
  return list;
}
