/** What kind of file it is, from its first bytes; the name is not trusted. */
export type InputKind = 'tar' | 'gzip' | 'xz' | 'zstd' | 'bzip2' | 'zip' | 'gpg' | 'other';

const magics: readonly (readonly [kind: InputKind, bytes: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['gpg', [0x85, 0x02]],
  ['gpg', [0x8c, 0x0d]],
];

export function kindOfBytes(head: Uint8Array): InputKind {
  for (const [kind, bytes] of magics) {
    if (head.length >= bytes.length && bytes.every((byte, index) => head[index] === byte)) return kind;
  }
  return isTar(head) ? 'tar' : 'other';
}

/** A tar header's checksum (all its bytes, its own field as blanks) also identifies v7 archives, which have no magic. */
function isTar(head: Uint8Array): boolean {
  if (head.length < 512 || head[0] === 0) return false;
  let sum = 0;
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 32 : (head[at] ?? 0);
  const field = String.fromCharCode(...head.subarray(148, 156))
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]{1,7}$/.test(field) && Number.parseInt(field, 8) === sum;
}

const unpack: Readonly<Partial<Record<InputKind, string>>> = {
  xz: 'unpack it first: tar -xJf FILE',
  zstd: 'unpack it first: tar --zstd -xf FILE',
  bzip2: 'unpack it first: tar -xjf FILE',
  zip: 'unpack it first: unzip FILE',
  gpg: 'decrypt it first: gpg --decrypt FILE > FILE.tar',
};

/** How to unpack what is not read here; null for kinds that are. */
export function unpackHint(kind: InputKind, file: string): string | null {
  return unpack[kind]?.replaceAll('FILE', file) ?? null;
}
