/** Walks a tar archive entry by entry as it streams in. What is damaged is said; nothing is skipped in silence. */
import { type Bytes, bytesOf, type Chunks } from './bytes.js';
import { InputError } from './input-error.js';
import { type PaxRecords, readPaxRecords, withPaxRecords } from './pax.js';
import { blockSize, nameOfBytes, readTarHeader, type TarHeader, untilNul } from './tar-header.js';

/** What the caller does with the data of an entry; null: they are skipped. */
export type Visit = (header: TarHeader) => ((data: Uint8Array) => void) | null;

/** How the archive ended: with its end mark, without one at the end of an entry, inside an entry, or with other data behind the end. */
export type TarEnd = 'marked' | 'unmarked' | 'cut off' | 'trailing data';

/** Longest data of an extended header or a long name. */
const longestMeta = 1024 * 1024;

interface Pending {
  name: string | null;
  link: string | null;
  pax: PaxRecords | null;
}

/** Throws InputError where the archive is damaged. */
export async function readTar(chunks: Chunks, archive: string, visit: Visit): Promise<TarEnd> {
  const bytes = bytesOf(chunks);
  let global: PaxRecords = new Map();
  let pending: Pending = { name: null, link: null, pax: null };
  let marks = 0;
  for (;;) {
    const at = bytes.offset();
    const block = await bytes.take(blockSize);
    if (block.length === 0) return marks > 0 ? 'marked' : 'unmarked';
    if (block.every((byte) => byte === 0)) {
      marks++;
      continue;
    }
    const raw = block.length < blockSize ? null : readTarHeader(block);
    // Archives may follow one another (`tar -i`); anything else behind the end mark is none of it.
    if (raw === null && marks >= 2) return 'trailing data';
    if (block.length < blockSize) return 'cut off';
    if (raw === null) throw damaged(archive, at);
    marks = 0;
    if (isMeta(raw)) {
      if (raw.size > longestMeta) throw damaged(archive, at);
      const data = await bytes.take(raw.size);
      if (data.length < raw.size || !(await skipPadding(bytes, raw.size))) return 'cut off';
      const records = raw.kind.startsWith('pax') ? readPaxRecords(data) : null;
      if (raw.kind === 'long name') pending.name = nameOfBytes(untilNul(data));
      else if (raw.kind === 'long link') pending.link = nameOfBytes(untilNul(data));
      else if (records === null) throw damaged(archive, at);
      else if (raw.kind === 'pax') pending.pax = records;
      else global = new Map([...global, ...records]);
      continue;
    }
    const header = complete(raw, global, pending);
    pending = { name: null, link: null, pax: null };
    // The map of an old sparse file goes on in blocks that its size does not count.
    if (raw.kind === 'sparse' && !(await skipSparseMap(bytes, block))) return 'cut off';
    const take = visit(header);
    const data = take === null ? null : await bytes.take(header.size);
    const length = data === null ? await bytes.skip(header.size) : data.length;
    if (length < header.size) return 'cut off';
    if (take !== null && data !== null) take(data);
    if (!(await skipPadding(bytes, header.size))) return 'cut off';
  }
}

function isMeta({ kind }: TarHeader): boolean {
  return kind === 'pax' || kind === 'pax global' || kind === 'long name' || kind === 'long link';
}

function complete(raw: TarHeader, global: PaxRecords, { name, link, pax }: Pending): TarHeader {
  const named = { ...raw, ...(name === null ? {} : { name }), ...(link === null ? {} : { linkName: link }) };
  const header = global.size === 0 ? named : withPaxRecords(named, global);
  return pax === null ? header : withPaxRecords(header, pax);
}

async function skipPadding(bytes: Bytes, size: number): Promise<boolean> {
  const padding = (blockSize - (size % blockSize)) % blockSize;
  return (await bytes.skip(padding)) === padding;
}

async function skipSparseMap(bytes: Bytes, header: Uint8Array): Promise<boolean> {
  for (let more = header[482] === 1; more; ) {
    const block = await bytes.take(blockSize);
    if (block.length < blockSize) return false;
    more = block[504] === 1;
  }
  return true;
}

function damaged(archive: string, at: number): InputError {
  return new InputError(`${archive}: the archive is damaged at byte ${at}`, 'capture or copy it again');
}
