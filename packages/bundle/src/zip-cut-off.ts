/** A zip archive whose end is missing, and with it the directory: each file has a header of its own before its data. */
import { crc32, inflateRawSync } from 'node:zlib';
import { localEntry, signature, viewOf, type ZipEntry } from './zip-entry.js';

export interface FoundEntry {
  readonly entry: ZipEntry;
  /** Where its data begin. */
  readonly data: number;
}

/** The files that are whole, one by one, so that what they hold can be judged before the next; returns the name of the one in which the data end. */
export function* entriesBeforeCut(bytes: Uint8Array, mostBytes: number): Generator<FoundEntry, string | null> {
  for (let at = 0; ; ) {
    const header = localEntry(bytes, at);
    if (header === null) return null;
    const { entry, data, sizesFollow } = header;
    const end = sizesFollow ? endByData(bytes, entry, data, mostBytes) : { entry, at: data + entry.packedSize };
    if (end === null || end.at > bytes.length) return entry.name;
    yield { entry: end.entry, data };
    at = end.at;
  }
}

/** Written to a pipe, sizes and checksum come behind the data, whose end deflate tells by itself. null: it does not come. */
function endByData(
  bytes: Uint8Array,
  entry: ZipEntry,
  data: number,
  mostBytes: number,
): { readonly entry: ZipEntry; readonly at: number } | null {
  if (entry.method !== 8 || entry.encrypted) return null;
  const made = inflatedFrom(bytes.subarray(data), mostBytes);
  if (made === null) return null;
  const view = viewOf(bytes);
  const behind = data + made.read;
  if (behind + 16 > bytes.length) return null;
  const marked = view.getUint32(behind, true) === signature.descriptor;
  const descriptor = behind + (marked ? 4 : 0);
  const whole = { ...entry, crc: view.getUint32(descriptor, true), packedSize: made.read, size: made.text.length };
  if (crc32(made.text) !== whole.crc) return null;
  // Sizes of four bytes each, or of eight.
  const at = [12, 20].map((length) => descriptor + length).find((end) => begins(view, end));
  return at === undefined ? null : { entry: whole, at };
}

function begins(view: DataView, at: number): boolean {
  if (at + 4 > view.byteLength) return at <= view.byteLength;
  const next = view.getUint32(at, true);
  return next === signature.local || next === signature.entry;
}

function inflatedFrom(bytes: Uint8Array, most: number): { readonly text: Uint8Array; readonly read: number } | null {
  try {
    // With `info` Node gives the engine, too, which knows how far it has read.
    const made: unknown = inflateRawSync(bytes, { info: true, maxOutputLength: most });
    const { buffer, engine } = made as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    return { text: buffer, read: engine.bytesWritten };
  } catch {
    return null;
  }
}
