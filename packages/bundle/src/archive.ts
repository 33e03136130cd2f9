/** Tar archives, plain or gzipped: streamed, bounded, names and links treated as data only. POSIX.1-1988 ustar, pax, GNU, v7. */
import { createReadStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { InputError } from './input-error.js';
import type { Limits } from './limits.js';
import type { LeftOut, RawFile, RawInput } from './raw-file.js';
import { type LinkTarget, resolveLinks, safePath } from './safe-path.js';

interface Collected {
  readonly files: Map<string, RawFile>;
  readonly links: LinkTarget[];
  readonly leftOut: LeftOut[];
  total: number;
}

/** Reads an archive file. Throws InputError when it is damaged or exceeds a limit. */
export function readArchiveFile(path: string, gzipped: boolean, limits: Limits): Promise<RawInput> {
  return readArchive(createReadStream(path), gzipped, limits, path);
}

export async function readArchive(source: Readable, gzipped: boolean, limits: Limits, name: string): Promise<RawInput> {
  const collected: Collected = { files: new Map(), links: [], leftOut: [], total: 0 };
  const stream = gzipped ? gunzip(source, limits, name) : source;
  try {
    const entries = Readable.toWeb(stream).pipeThrough(createTarDecoder({ strict: false }));
    for await (const entry of entries) await takeEntry(entry, collected, limits, name);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${name}: the archive is damaged or cut off (${error instanceof Error ? error.message : String(error)})`,
    );
  } finally {
    source.destroy();
  }
  const linked = resolveLinks(collected.files, collected.links);
  return { files: [...collected.files.values(), ...linked.files], leftOut: [...collected.leftOut, ...linked.leftOut] };
}

/** Decompresses member after member (node:zlib checks each CRC) and stops a bomb while it goes off. */
function gunzip(source: Readable, limits: Limits, name: string): Readable {
  let packed = 0;
  let unpacked = 0;
  source.on('data', (chunk: Buffer) => {
    packed += chunk.length;
  });
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      unpacked += chunk.length;
      const bomb = unpacked > 10 * 1024 * 1024 && unpacked > packed * limits.ratio;
      if (bomb)
        done(
          new InputError(
            `${name}: unpacks to more than ${limits.ratio} times its size; refused as a decompression bomb`,
          ),
        );
      else if (unpacked > limits.totalBytes * 1.1)
        done(new InputError(`${name}: unpacks to more than ${megabytes(limits.totalBytes)}`));
      else done(null, chunk);
    },
  });
  const unzip = createGunzip();
  source.on('error', (error) => unzip.destroy(error));
  unzip.on('error', (error) => guard.destroy(error));
  return source.pipe(unzip).pipe(guard);
}

async function takeEntry(entry: ParsedTarEntry, collected: Collected, limits: Limits, archive: string): Promise<void> {
  const { header } = entry;
  const path = safePath(header.name);
  const skip = async (why: string | null) => {
    if (why !== null) collected.leftOut.push({ path: header.name, why });
    await entry.body.cancel();
  };
  if (header.type === 'directory') return skip(null);
  if (path === null) return skip('its path leads out of the archive');
  if (header.type === 'symlink' || header.type === 'link') {
    collected.links.push({ path, target: header.linkname ?? '', hard: header.type === 'link' });
    return skip(null);
  }
  if (header.type !== undefined && header.type !== 'file') return skip(`it is no regular file (${header.type})`);
  if (collected.files.has(path)) return skip('a file of this path came before');
  if (header.size > limits.fileBytes) return skip(`it is larger than ${megabytes(limits.fileBytes)}`);
  if (collected.files.size >= limits.files) throw new InputError(`${archive}: holds more than ${limits.files} files`);
  collected.total += header.size;
  if (collected.total > limits.totalBytes)
    throw new InputError(`${archive}: holds more than ${megabytes(limits.totalBytes)}`);
  const bytes = new Uint8Array(await new Response(entry.body).arrayBuffer());
  collected.files.set(path, { path, bytes, modifiedAt: header.mtime?.getTime() ?? null });
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
