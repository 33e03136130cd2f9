/** `cpu 5`, `cgroup ! 16`: one number after a word, as several matches are listed by `iptables -L`. */
import { parseUint32 } from '../../inet/decimal.js';
import type { ListingCursor } from '../listing-cursor.js';

export function readListedNumber(
  cursor: ListingCursor,
  label: string,
): { readonly value: number; readonly invert: boolean } | null {
  const at = cursor.at;
  if (cursor.accept(label)) {
    const invert = cursor.accept('!');
    const value = parseUint32(cursor.take() ?? '');
    if (value !== null) return { value, invert };
  }
  cursor.reset(at);
  return null;
}
