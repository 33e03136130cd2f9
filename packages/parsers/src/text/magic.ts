/** Files that are no text, by their first bytes: file(1) magic, pcap-savefile(5), RFC 1952, tar(5). */

const kinds: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['gzip-compressed data; unpack it first (gunzip)', [0x1f, 0x8b]],
  ['xz-compressed data; unpack it first (xz -d)', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
  ['zstd-compressed data; unpack it first (zstd -d)', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2-compressed data; unpack it first (bunzip2)', [0x42, 0x5a, 0x68]],
  ['lz4-compressed data; unpack it first (lz4 -d)', [0x04, 0x22, 0x4d, 0x18]],
  ['a zip archive; unpack it first (unzip)', [0x50, 0x4b, 0x03, 0x04]],
  ['a 7-Zip archive; unpack it first (7z x)', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['an ELF binary', [0x7f, 0x45, 0x4c, 0x46]],
  ['a packet capture (pcap); give its text instead (tcpdump -nn -r FILE)', [0xd4, 0xc3, 0xb2, 0xa1]],
  ['a packet capture (pcap); give its text instead (tcpdump -nn -r FILE)', [0xa1, 0xb2, 0xc3, 0xd4]],
  ['a packet capture (pcap); give its text instead (tcpdump -nn -r FILE)', [0x4d, 0x3c, 0xb2, 0xa1]],
  ['a packet capture (pcapng); give its text instead (tcpdump -nn -r FILE)', [0x0a, 0x0d, 0x0d, 0x0a]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['a PNG image', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG image', [0xff, 0xd8, 0xff]],
  ['a GIF image', [0x47, 0x49, 0x46, 0x38]],
  ['an SQLite database', [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66]],
  [
    'a systemd journal; give its text instead (journalctl --file FILE)',
    [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48],
  ],
];

const tarMagic: readonly number[] = [0x75, 0x73, 0x74, 0x61, 0x72];

/** What the bytes are when they are no text, as a phrase; null for text. */
export function binaryKind(bytes: Uint8Array): string | null {
  const known = kinds.find(([, magic]) => bytes[0] === magic[0] && holds(bytes, 0, magic));
  if (known !== undefined) return known[0];
  if (holds(bytes, 257, tarMagic)) return 'a tar archive; unpack it first (tar xf)';
  return looksBinary(bytes) ? 'binary data, not text' : null;
}

function holds(bytes: Uint8Array, from: number, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[from + at] === byte);
}

declare const TextDecoder: new (label: string) => { decode(bytes: Uint8Array): string };

/** Control bytes that no terminal output has; NULs alone may be UTF-16 or damage, so they do not count. */
function looksBinary(bytes: Uint8Array): boolean {
  const sample = Math.min(bytes.length, 8192);
  // Such a byte is the same character in UTF-8, and most texts have none.
  if (!/[\x01-\x06\x0e-\x1a\x1c-\x1f]/.test(new TextDecoder('utf-8').decode(bytes.subarray(0, sample)))) return false;
  let odd = 0;
  for (let at = 0; at < sample; at++) {
    const byte = bytes[at] ?? 0;
    if ((byte > 0 && byte < 7) || (byte > 13 && byte < 27) || (byte > 27 && byte < 32)) odd++;
  }
  return sample >= 32 && odd > sample * 0.05;
}
