/** The directory at the end of a zip archive. PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16. */
import { directoryEntry, signature, viewOf, type ZipEntry } from './zip-entry.js';

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where it begins: no data lie behind. */
  readonly offset: number;
  /** Bytes behind its end. */
  readonly trailing: number;
}

const endLength = 22;
const longestComment = 65_535;

/** Where the directory is said to be. */
interface End {
  readonly entries: number;
  readonly size: number;
  readonly offset: number;
  readonly trailing: number;
}

/** null: it has no end, as when it is cut off. 'split': it is one of several parts. 'damaged': what the end says of it is not so. */
export function zipDirectory(bytes: Uint8Array, most: number): ZipDirectory | 'split' | 'damaged' | 'too many' | null {
  const end = endOf(bytes);
  if (end === null || end === 'split') return end;
  if (end.entries > most) return 'too many';
  const entries: ZipEntry[] = [];
  let at = end.offset;
  for (let left = end.entries; left > 0; left--) {
    const found = directoryEntry(bytes, at);
    if (found === null) return 'damaged';
    entries.push(found.entry);
    at = found.end;
  }
  return at - end.offset === end.size ? { entries, offset: end.offset, trailing: end.trailing } : 'damaged';
}

function endOf(bytes: Uint8Array): End | 'split' | null {
  const view = viewOf(bytes);
  const first = Math.max(0, bytes.length - endLength - longestComment);
  for (let at = bytes.length - endLength; at >= first; at--) {
    if (view.getUint32(at, true) !== signature.end) continue;
    const trailing = bytes.length - at - endLength - view.getUint16(at + 20, true);
    if (trailing < 0) continue;
    return end64(bytes, at) ?? plainEnd(view, at, trailing);
  }
  return null;
}

function plainEnd(view: DataView, at: number, trailing: number): End | 'split' {
  const [disk, first, here, entries] = [4, 6, 8, 10].map((field) => view.getUint16(at + field, true));
  if (disk !== 0 || first !== 0 || here !== entries) return 'split';
  return {
    entries: entries ?? 0,
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
    trailing,
  };
}

/** Of a large archive: what does not fit stands in a second end before, which a locator leads to. null: there is none. */
function end64(bytes: Uint8Array, at: number): End | 'split' | null {
  const view = viewOf(bytes);
  const locator = at - 20;
  if (locator < 0 || view.getUint32(locator, true) !== signature.locator64) return null;
  const from = Number(view.getBigUint64(locator + 8, true));
  if (from + 56 > locator || view.getUint32(from, true) !== signature.end64) return null;
  if (view.getUint32(from + 16, true) !== 0 || view.getUint32(from + 20, true) !== 0) return 'split';
  const [entries, size, offset] = [32, 40, 48].map((field) => Number(view.getBigUint64(from + field, true)));
  const trailing = bytes.length - at - endLength - view.getUint16(at + 20, true);
  return { entries: entries ?? 0, size: size ?? 0, offset: offset ?? 0, trailing };
}
