/** One header block of a tar archive: v7, ustar, pax and GNU. POSIX.1-2017 pax(1); GNU tar manual, "Basic Tar Format". */

export const blockSize = 512;

export type EntryKind =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hard link'
  | 'character device'
  | 'block device'
  | 'fifo'
  | 'sparse'
  | 'pax'
  | 'pax global'
  | 'long name'
  | 'long link'
  | 'volume label'
  | 'other';

export interface TarHeader {
  readonly name: string;
  readonly kind: EntryKind;
  /** Bytes that follow in the archive, before padding. */
  readonly size: number;
  /** Milliseconds since the epoch; null where the field says nothing. */
  readonly modifiedAt: number | null;
  readonly linkName: string;
}

const kinds: Readonly<Record<string, EntryKind>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hard link',
  '2': 'symlink',
  '3': 'character device',
  '4': 'block device',
  '5': 'directory',
  '6': 'fifo',
  S: 'sparse',
  x: 'pax',
  X: 'pax',
  g: 'pax global',
  L: 'long name',
  K: 'long link',
  V: 'volume label',
};

/** null when the block is no header: its checksum or its numbers are wrong. */
export function readTarHeader(block: Uint8Array): TarHeader | null {
  const size = numberAt(block, 124, 12);
  if (!hasTarChecksum(block) || size === null || size < 0) return null;
  const kind = kinds[String.fromCharCode(block[156] ?? 0)] ?? 'other';
  const own = textAt(block, 0, 100);
  // GNU's magic has no NUL at its end, and other things where ustar has a prefix.
  const prefix = isMagic(block, 'ustar\0') ? textAt(block, 345, 155) : '';
  const name = prefix === '' ? own : `${prefix}/${own}`;
  const seconds = numberAt(block, 136, 12);
  return {
    name,
    // v7 has no type for directories.
    kind: kind === 'file' && name.endsWith('/') ? 'directory' : kind,
    size: hasBody(kind) ? size : 0,
    modifiedAt: seconds === null ? null : seconds * 1000,
    linkName: textAt(block, 157, 100),
  };
}

/** Some writers leave a size in the headers of links and devices, whose data is not in the archive. */
function hasBody(kind: EntryKind): boolean {
  return !['hard link', 'symlink', 'character device', 'block device', 'directory', 'fifo'].includes(kind);
}

/** The sum of all bytes with the field itself as blanks; old writers summed signed characters. It identifies v7 archives, which have no magic. */
export function hasTarChecksum(block: Uint8Array): boolean {
  if (block.length < blockSize) return false;
  const stored = numberAt(block, 148, 8);
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < blockSize; at++) {
    const byte = at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stored !== null && (stored === unsigned || stored === signed);
}

export function hasTarMagic(block: Uint8Array): boolean {
  return isMagic(block, 'ustar\0') || isMagic(block, 'ustar ');
}

function isMagic(block: Uint8Array, magic: string): boolean {
  for (let at = 0; at < magic.length; at++) if (block[257 + at] !== magic.charCodeAt(at)) return false;
  return true;
}

/** Octal digits, or base 256 where the first bit is set (GNU, for what octal digits cannot hold); null for anything else. */
function numberAt(block: Uint8Array, from: number, length: number): number | null {
  const field = block.subarray(from, from + length);
  const first = field[0] ?? 0;
  if (first === 0x80 || first === 0xff) {
    let value = first === 0xff ? -1 : 0;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : null;
  }
  const [text = ''] = String.fromCharCode(...field)
    .replace(/^ +/, '')
    .split(/[\0 ]/, 1);
  if (text === '') return 0;
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : null;
}

function textAt(block: Uint8Array, from: number, length: number): string {
  return nameOfBytes(untilNul(block.subarray(from, from + length)));
}

export function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** Names are bytes. Those that are no UTF-8 show them as `\xNN`, so that different names stay different. */
export function nameOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  }
}
