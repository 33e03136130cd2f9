/** The header of a gzip member: skipped, since names and times in it say nothing that counts. RFC 1952 section 2.3. */
import type { Bytes } from './bytes.js';

const deflate = 8;
const flag = { crc: 2, extra: 4, name: 8, comment: 16 } as const;
const longestText = 65_536;

export async function skipGzipHeader(bytes: Bytes): Promise<'read' | 'none' | 'cut off'> {
  const head = await bytes.take(10);
  const [first, second, method, flags = 0] = head;
  if ((head.length > 0 && first !== 0x1f) || (head.length > 1 && second !== 0x8b) || head.length === 0) {
    bytes.putBack(head);
    return 'none';
  }
  if (head.length < 10) return 'cut off';
  if (method !== deflate || (flags & 0xe0) !== 0) return 'none';
  if ((flags & flag.extra) !== 0) {
    const [low, high] = await bytes.take(2);
    if (low === undefined || high === undefined) return 'cut off';
    const length = low + high * 256;
    if ((await bytes.skip(length)) < length) return 'cut off';
  }
  if ((flags & flag.name) !== 0 && !(await skipText(bytes))) return 'cut off';
  if ((flags & flag.comment) !== 0 && !(await skipText(bytes))) return 'cut off';
  return (flags & flag.crc) !== 0 && (await bytes.skip(2)) < 2 ? 'cut off' : 'read';
}

/** Up to its NUL. */
async function skipText(bytes: Bytes): Promise<boolean> {
  for (let length = 0; length < longestText; length++) {
    const [byte] = await bytes.take(1);
    if (byte === undefined) return false;
    if (byte === 0) return true;
  }
  return false;
}
