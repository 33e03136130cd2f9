/** What kind of file it is, from its first bytes; the name is not trusted. file(1) magic, RFC 4880 section 4.2. */
import type { PackedKind } from './codec.js';
import { blockSize, hasTarChecksum, hasTarMagic } from './tar-header.js';

export type InputKind =
  | 'tar'
  | 'gzip'
  | 'xz'
  | 'zstd'
  | 'bzip2'
  | 'zip'
  | '7-Zip'
  | 'RAR'
  | 'lz4'
  | 'lzip'
  | 'compress'
  | 'cpio'
  | 'ar'
  | 'gpg'
  | 'other';

const magics: readonly (readonly [kind: InputKind, bytes: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['7-Zip', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['RAR', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['lzip', [0x4c, 0x5a, 0x49, 0x50, 0x01]],
  ['compress', [0x1f, 0x9d]],
  ['cpio', [0x30, 0x37, 0x30, 0x37, 0x30, 0x31]],
  ['ar', [0x21, 0x3c, 0x61, 0x72, 0x63, 0x68, 0x3e, 0x0a]],
];

const packedKinds: readonly InputKind[] = ['gzip', 'xz', 'zstd', 'bzip2'] satisfies readonly PackedKind[];

export function isPackedKind(kind: InputKind): kind is PackedKind {
  return packedKinds.includes(kind);
}

/** How a gpg message begins: packet tags of encrypted session keys and data, in the old and new form, or ASCII armour. */
const gpg = /^(?:[\x84\x85\x8c\xa4\xc1\xc3\xd2]|-----BEGIN PGP MESSAGE-----)/;

export function kindOfBytes(head: Uint8Array): InputKind {
  for (const [kind, bytes] of magics) {
    if (head.length >= bytes.length && bytes.every((byte, index) => head[index] === byte)) return kind;
  }
  if (isBzip2(head)) return 'bzip2';
  if (isTar(head)) return 'tar';
  return gpg.test(String.fromCharCode(...head.subarray(0, 32))) && !isText(head) ? 'gpg' : 'other';
}

/** `BZh` alone could be text; a block or the end of an empty stream follows. */
function isBzip2(head: Uint8Array): boolean {
  return /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/.test(String.fromCharCode(...head.subarray(0, 10)));
}

/** Text in another script begins with such bytes too, but holds no byte that UTF-8 could not. */
function isText(head: Uint8Array): boolean {
  if (head[0] === 0x2d) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** By its checksum, or its magic where the checksum is damaged; an empty archive is blocks of NULs. */
function isTar(head: Uint8Array): boolean {
  if (head.length < blockSize) return false;
  return hasTarChecksum(head) || hasTarMagic(head) || head.every((byte) => byte === 0);
}

const unpack: Readonly<Partial<Record<InputKind, string>>> = {
  gzip: 'unpack it first: gunzip FILE, or tar -xzf FILE',
  xz: 'unpack it first: xz -d FILE, or tar -xJf FILE',
  zstd: 'unpack it first: zstd -d FILE, or tar --zstd -xf FILE',
  bzip2: 'unpack it first: bunzip2 FILE, or tar -xjf FILE',
  zip: 'unpack it first: unzip FILE',
  '7-Zip': 'unpack it first: 7z x FILE',
  RAR: 'unpack it first: unrar x FILE',
  lz4: 'unpack it first: lz4 -d FILE, or tar -I lz4 -xf FILE',
  lzip: 'unpack it first: lzip -d FILE, or tar --lzip -xf FILE',
  compress: 'unpack it first: uncompress FILE, or tar -xZf FILE',
  cpio: 'unpack it first: cpio -idm < FILE',
  ar: 'unpack it first: ar x FILE',
  gpg: 'decrypt it first: gpg --decrypt FILE > FILE.decrypted',
};

/** How to unpack what is not read here; null for what needs no unpacking. */
export function unpackHint(kind: InputKind, file: string): string | null {
  return unpack[kind]?.replaceAll('FILE', () => file) ?? null;
}
