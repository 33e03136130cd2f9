/** What an archive holds, entry by entry: bounded, names and links treated as data only. */
import { InputError } from './input-error.js';
import { type Limits, megabytes } from './limits.js';
import type { LeftOut, RawFile, RawInput } from './raw-file.js';
import { type LinkTarget, resolveLinks, safePath } from './safe-path.js';
import type { TarHeader } from './tar-header.js';

const longestPath = 4096;

export class Entries {
  private readonly files = new Map<string, RawFile>();
  private readonly links: LinkTarget[] = [];
  private readonly leftOut: LeftOut[] = [];
  private total = 0;
  /** When its youngest file was written. */
  private newest = 0;

  constructor(
    private readonly limits: Limits,
    private readonly archive: string,
  ) {}

  leave(name: string, why: string): null {
    this.leftOut.push({ path: name.slice(0, longestPath), why });
    return null;
  }

  /** What to do with the data of an entry; null: nothing. Throws InputError when the archive exceeds a limit. */
  visit(header: TarHeader): ((data: Uint8Array) => void) | null {
    const { limits, archive, files } = this;
    const { name, kind, size } = header;
    if (kind === 'directory' || kind === 'volume label') return null;
    if (name.length > longestPath) return this.leave(name, `its path is longer than ${longestPath} characters`);
    const path = safePath(name);
    if (path === null) return this.leave(name, 'its path leads out of the archive');
    if (path.split('/').length > limits.depth) return this.leave(name, `it lies deeper than ${limits.depth} levels`);
    if (kind === 'symlink' || kind === 'hard link') {
      if (this.links.length >= limits.files) throw tooMany(archive, limits);
      this.links.push({ path, target: header.linkName, hard: kind === 'hard link' });
      return null;
    }
    if (kind === 'sparse') return this.leave(name, 'it is stored as a sparse file; pack the archive without --sparse');
    if (kind !== 'file') return this.leave(name, `it is no regular file${kind === 'other' ? '' : ` (${kind})`}`);
    if (files.has(path)) return this.leave(name, 'a file of this path came before');
    if (size > limits.fileBytes) return this.leave(name, `it is larger than ${megabytes(limits.fileBytes)}`);
    if (files.size >= limits.files) throw tooMany(archive, limits);
    this.total += size;
    if (this.total > limits.totalBytes) throw tooBig(archive, limits);
    return (bytes) => {
      this.newest = Math.max(this.newest, header.modifiedAt ?? 0);
      files.set(path, { path, bytes, modifiedAt: null });
    };
  }

  /** Says that the archive ends too early, inside an entry or between two. Throws InputError where no file is whole. */
  cutOff(current: string | null): void {
    if (this.files.size === 0)
      throw new InputError(`${this.archive}: the archive is cut off before the end of its first file`);
    if (current !== null) this.leave(current, 'the archive is cut off inside it');
    else this.leave(this.archive, 'the archive is cut off: what came after is missing');
  }

  isEmpty(): boolean {
    return this.files.size === 0;
  }

  finish(): RawInput {
    const linked = resolveLinks(this.files, this.links);
    const made = withinLimits([...this.files.values(), ...linked.files], this.limits, this.archive);
    return {
      files: inOrder(made).map((file) => dated(file, this.newest)),
      leftOut: [...this.leftOut, ...linked.leftOut],
    };
  }
}

/** As a walk through the unpacked directory finds them: how the archive met them says nothing. */
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
