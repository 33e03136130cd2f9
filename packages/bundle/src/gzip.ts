/** One gzip member: RFC 1952. */
import { crc32 } from 'node:zlib';
import type { Bytes } from './bytes.js';
import { Damage, type MemberEnd } from './codec.js';
import { skipGzipHeader } from './gzip-header.js';
import { inflateMember } from './inflate.js';

/** Node's own gunzip loses what it has unpacked when the data end too early, and calls garbage behind the end damage. */
export async function* gzipMember(bytes: Bytes): AsyncGenerator<Uint8Array, MemberEnd> {
  const header = await skipGzipHeader(bytes);
  if (header !== 'read') return header;
  let sum = 0;
  let size = 0;
  try {
    for await (const chunk of inflateMember(bytes)) {
      sum = crc32(chunk, sum);
      size += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') return 'cut off';
    if (code?.startsWith('Z_') !== true) throw error;
    throw new Damage(message);
  }
  const trailer = await bytes.take(8);
  if (trailer.length < 8) return 'cut off';
  const stored = new DataView(trailer.buffer, trailer.byteOffset, 8);
  if (stored.getUint32(0, true) !== sum || stored.getUint32(4, true) !== size % 2 ** 32)
    throw new Damage('its checksum is wrong');
  return 'ended';
}
