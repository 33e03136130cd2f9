/** Where a command reads and writes, apart from files of the capture. */
import { type Bench, readWritten, report, type Site } from './bench.js';
import { unwritten } from './call.js';
import type { ShellCommand, Stretch } from './shell/syntax.js';

/** What comes on standard input: a here-document, or a file that these commands wrote. */
export function inputOf(bench: Bench, site: Site, { redirects }: ShellCommand): Stretch | null {
  const from = redirects.findLast(({ sign, body }) => sign === '<' || body !== null);
  return from?.sign === '<' ? readWritten(bench, site, from.target.text) : (from?.body ?? null);
}

/** Output that is thrown away changes nothing; output into a file does. */
export function readsOnly(bench: Bench, site: Site, { redirects }: ShellCommand): boolean {
  const bad = redirects.find(({ sign, target, descriptor }) => {
    if (sign === '<<' || sign === '<<-') return false;
    if (sign === '<' && (descriptor ?? 0) === 0)
      return target.text !== '/dev/null' && readWritten(bench, site, target.text) === null;
    return target.text !== '/dev/null' && !(sign === '>&' && /^[12]$/.test(target.text));
  });
  if (bad === undefined) return true;
  const what = bad.sign === '<' ? unwritten(bad.target.text) : `${bad.sign} ${bad.target.text}`;
  report(bench, 'unsupported', bad, { what });
  return false;
}
