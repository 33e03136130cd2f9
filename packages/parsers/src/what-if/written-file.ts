/** Commands that write a file, or remove one: into a parameter of the kernel that is what sysctl does. */
import { type Bench, refuseShape, type Site } from './bench.js';
import type { Errand, FileErrand } from './errand.js';
import type { RedirectSign, ShellCommand, ShellWord, Stretch } from './shell/syntax.js';
import { echoed, typedStretch } from './typed-text.js';

/** `cat > PATH <<EOF`, `tee PATH <<EOF`, `@file PATH <<EOF`, and a `printf` or `echo` into a file. */
export function writtenFile(
  bench: Bench,
  { words, redirects, start, end }: ShellCommand,
  site: Site,
): FileErrand | null {
  const plain = words[0]?.text === 'sudo' ? words.slice(1) : words;
  const [tool, ...args] = plain;
  const body = redirects.find((one) => one.body !== null);
  const out = redirects.find(({ sign, target }) => isWritten(sign, target) && target.text !== '/dev/null');
  const named =
    tool?.text === 'tee' || tool?.text === '@file'
      ? args.filter(({ text }) => !text.startsWith('-'))
      : out === undefined
        ? []
        : [out.target];
  if (named.length === 0 || !['cat', 'tee', '@file', 'printf', 'echo'].includes(tool?.text ?? '')) return null;
  const typed = tool?.text === 'printf' || tool?.text === 'echo';
  if (!typed && body?.body == null) return null;
  const text = typed ? echoed(tool?.text ?? '', args) : bodyText(bench, body?.body ?? null, body?.sign === '<<-');
  const own = typed ? typedStretch(tool?.text ?? '', args) : body?.sign === '<<' ? body.body : null;
  return text === null ? null : { kind: 'file', site, paths: named, text, body: own, stretch: { start, end } };
}

/** What stands behind `>>` would come behind what is there, which nobody knows; a parameter of the kernel has no such end. */
function isWritten(sign: RedirectSign, target: ShellWord): boolean {
  return sign === '>' || sign === '>|' || (sign === '>>' && target.text.startsWith(parameters));
}

const parameters = '/proc/sys/';

/** `echo 1 > /proc/sys/net/…` does what sysctl does; what else is no file on a disk is no part of a capture. */
export function ofKernel(bench: Bench, errand: FileErrand, command: ShellCommand): Errand | null {
  const path = errand.paths.find(({ text }) => /^\/(?:proc|sys|dev)\//.test(text));
  if (path === undefined) return errand;
  const { site, stretch, text } = errand;
  if (!path.text.startsWith(parameters) || errand.paths.length > 1)
    return refuseShape(bench, path, `what is written to ${path.text}`);
  const word = { ...path, text: `${path.text.slice(parameters.length)}=${(text ?? '').trim()}` };
  return {
    kind: 'tool',
    site,
    name: 'sysctl',
    nameAt: command.words[0] ?? path,
    args: [word],
    input: null,
    stretch,
  };
}

function bodyText({ file }: Bench, body: Stretch | null, tabs: boolean): string | null {
  if (body === null) return null;
  const text = file.text.slice(body.start, body.end);
  return tabs ? text.replace(/^\t+/gm, '') : text;
}

export function removedFile(site: Site, args: readonly ShellWord[], stretch: Stretch): Errand {
  return {
    kind: 'file',
    site,
    paths: args.filter(({ text }) => !text.startsWith('-')),
    text: null,
    body: null,
    stretch,
  };
}
