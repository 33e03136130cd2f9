/** The files of a tar archive: bounded, names and links treated as data only. */
import type { Chunks } from './bytes.js';
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import type { LeftOut, RawFile, RawInput } from './raw-file.js';
import { type LinkTarget, resolveLinks, safePath } from './safe-path.js';
import type { TarHeader } from './tar-header.js';
import { readTar } from './tar-reader.js';

interface Collected {
  readonly files: Map<string, RawFile>;
  readonly links: LinkTarget[];
  readonly leftOut: LeftOut[];
  total: number;
  /** When its youngest file was written. */
  newest: number;
  /** The entry that is being read. */
  current: string | null;
}

/** `isCut` tells, once the data have ended, whether what packed them was cut off. Throws InputError when the archive is damaged or exceeds a limit. */
export async function readArchive(
  chunks: Chunks,
  limits: Limits,
  name: string,
  isCut: () => boolean = () => false,
): Promise<RawInput> {
  const collected: Collected = { files: new Map(), links: [], leftOut: [], total: 0, newest: 0, current: null };
  const end = await readTar(chunks, name, (header) => visit(header, collected, limits, name));
  const { files, leftOut, current } = collected;
  const cut = end === 'cut off' || isCut();
  if (cut && files.size === 0) throw new InputError(`${name}: the archive is cut off before the end of its first file`);
  if (end === 'cut off' && current !== null) leftOut.push({ path: current, why: 'the archive is cut off inside it' });
  else if (cut) leftOut.push({ path: name, why: 'the archive is cut off: what came after is missing' });
  else if (end === 'unmarked' && files.size > 0)
    leftOut.push({ path: name, why: 'the archive has no end mark: it may be cut off' });
  else if (end === 'trailing data') leftOut.push({ path: name, why: 'other data follow the end of the archive' });
  const linked = resolveLinks(files, collected.links);
  const made = withinLimits([...files.values(), ...linked.files], limits, name);
  return {
    files: inOrder(made).map((file) => dated(file, collected.newest)),
    leftOut: [...leftOut, ...linked.leftOut],
  };
}

function visit(
  header: TarHeader,
  collected: Collected,
  limits: Limits,
  archive: string,
): ((data: Uint8Array) => void) | null {
  collected.current = header.name;
  const leave = (why: string): null => {
    collected.leftOut.push({ path: header.name.slice(0, longestPath), why });
    return null;
  };
  if (header.kind === 'directory' || header.kind === 'volume label') return null;
  if (header.name.length > longestPath) return leave(`its path is longer than ${longestPath} characters`);
  const path = safePath(header.name);
  if (path === null) return leave('its path leads out of the archive');
  if (path.split('/').length > limits.depth) return leave(`it lies deeper than ${limits.depth} levels`);
  if (header.kind === 'symlink' || header.kind === 'hard link') {
    if (collected.links.length >= limits.files) throw tooMany(archive, limits);
    collected.links.push({ path, target: header.linkName, hard: header.kind === 'hard link' });
    return null;
  }
  if (header.kind === 'sparse') return leave('it is stored as a sparse file; pack the archive without --sparse');
  if (header.kind !== 'file')
    return leave(`it is no regular file${header.kind === 'other' ? '' : ` (${header.kind})`}`);
  if (collected.files.has(path)) return leave('a file of this path came before');
  if (header.size > limits.fileBytes) return leave(`it is larger than ${megabytes(limits.fileBytes)}`);
  if (collected.files.size >= limits.files) throw tooMany(archive, limits);
  collected.total += header.size;
  if (collected.total > limits.totalBytes) throw tooBig(archive, limits);
  return (bytes) => {
    collected.newest = Math.max(collected.newest, header.modifiedAt ?? 0);
    collected.files.set(path, { path, bytes, modifiedAt: null });
  };
}

const longestPath = 4096;

/** As a walk through the unpacked directory finds them: how tar met them says nothing. */
function inOrder(files: readonly RawFile[]): readonly RawFile[] {
  const key = ({ path }: RawFile) => path.replaceAll('/', '\0');
  return [...files].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** Links become copies of what they lead to: many links to one big file are a bomb too. */
function withinLimits(files: readonly RawFile[], limits: Limits, archive: string): readonly RawFile[] {
  if (files.length > limits.files) throw tooMany(archive, limits);
  if (files.reduce((sum, file) => sum + file.bytes.length, 0) > limits.totalBytes) throw tooBig(archive, limits);
  return files;
}

function tooMany(archive: string, limits: Limits): InputError {
  return new InputError(`${archive}: holds more than ${limits.files} files`);
}

function tooBig(archive: string, limits: Limits): InputError {
  return new InputError(`${archive}: holds more than ${megabytes(limits.totalBytes)}`);
}

/** Before this no archive was made of a node that matters here; 0 and 1 are what reproducible builds write. */
const earliest = Date.UTC(2000, 0, 1);

/**
 * The youngest file tells when a capture was finished. What each file says of itself does not: collectors copy files whose times are years
 * old, and their outputs lie minutes apart without being out of step.
 */
function dated(file: RawFile, newest: number): RawFile {
  return newest < earliest ? file : { ...file, modifiedAt: newest };
}
