/** The files of a tar archive. */
import type { Chunks } from './bytes.js';
import { Entries } from './entries.js';
import type { Limits } from './limits.js';
import type { RawInput } from './raw-file.js';
import { readTar } from './tar-reader.js';

/** `isCut` tells, once the data have ended, whether what packed them was cut off. Throws InputError when the archive is damaged or exceeds a limit. */
export async function readArchive(
  chunks: Chunks,
  limits: Limits,
  name: string,
  isCut: () => boolean = () => false,
): Promise<RawInput> {
  const entries = new Entries(limits, name);
  let current: string | null = null;
  const end = await readTar(chunks, name, (header) => {
    current = header.name;
    return entries.visit(header);
  });
  if (end === 'cut off' || isCut()) entries.cutOff(end === 'cut off' ? current : null);
  else if (end === 'unmarked' && !entries.isEmpty())
    entries.leave(name, 'the archive has no end mark: it may be cut off');
  else if (end === 'trailing data') entries.leave(name, 'other data follow the end of the archive');
  return entries.finish();
}
