/** Extended headers: `LENGTH KEY=VALUE\n` records that say of the next entry, or of all, what the header block has no room for. POSIX.1-2017 pax(1). */
import { nameOfBytes, type TarHeader } from './tar-header.js';

export type PaxRecords = ReadonlyMap<string, string>;

const equals = 0x3d;
const blank = 0x20;

/** null when the records are damaged. */
export function readPaxRecords(bytes: Uint8Array): PaxRecords | null {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    // Some writers pad with NULs.
    if (bytes[at] === 0) break;
    const space = bytes.indexOf(blank, at);
    const digits = space < 0 || space - at > 10 ? '' : String.fromCharCode(...bytes.subarray(at, space));
    const end = at + Number(digits);
    const sign = bytes.indexOf(equals, space);
    if (!/^[1-9]\d*$/.test(digits) || end > bytes.length || sign < 0 || sign >= end) return null;
    records.set(nameOfBytes(bytes.subarray(space + 1, sign)), nameOfBytes(bytes.subarray(sign + 1, end - 1)));
    at = end;
  }
  return records;
}

/** What the records say instead of the header. A GNU sparse file in pax form is a plain file whose data begin with a map. */
export function withPaxRecords(header: TarHeader, records: PaxRecords): TarHeader {
  const size = records.get('size');
  const mtime = records.get('mtime');
  const path = records.get('GNU.sparse.name') ?? records.get('path');
  const sparse = [...records.keys()].some((key) => key.startsWith('GNU.sparse.'));
  return {
    ...header,
    ...(path === undefined ? {} : { name: path }),
    ...(records.get('linkpath') === undefined ? {} : { linkName: records.get('linkpath') ?? '' }),
    ...(size !== undefined && /^\d{1,15}$/.test(size) && header.kind === 'file' ? { size: Number(size) } : {}),
    ...(mtime !== undefined && /^-?\d{1,12}(?:\.\d{1,20})?$/.test(mtime)
      ? { modifiedAt: Math.trunc(Number(mtime) * 1000) }
      : {}),
    ...(sparse && header.kind === 'file' ? { kind: 'sparse' as const } : {}),
  };
}
