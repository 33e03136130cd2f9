/** Commands that another shell runs: of another machine, or of this one. */
import { type Bench, goTo, nodeOfHost, readWritten, refuseShape, type Site } from './bench.js';
import type { Errand } from './errand.js';
import type { ShellCommand, ShellWord, Stretch } from './shell/syntax.js';
import { pastOptions } from './undressed.js';

/** One command for the shell of another machine. */
export interface Remote {
  readonly kind: 'remote';
  readonly site: Site;
  readonly command: ShellCommand;
}

const sshValues = new Set([
  '-p',
  '-i',
  '-o',
  '-l',
  '-F',
  '-J',
  '-c',
  '-b',
  '-e',
  '-m',
  '-L',
  '-R',
  '-D',
  '-W',
  '-w',
  '-S',
  '-Q',
  '-E',
]);

/** `ssh [user@]NAME 'commands'`, `ssh NAME command …`, `ssh NAME <<EOF`. */
export function overSsh(
  bench: Bench,
  args: readonly ShellWord[],
  input: Stretch | null,
  command: ShellCommand,
): Errand | Remote | null {
  const texts = ['ssh', ...args.map((word) => word.text)];
  const at = pastOptions(texts, sshValues) - 1;
  const host = args[at];
  if (host === undefined) return refuseShape(bench, command, 'ssh without a host');
  const site = goTo(bench, nodeOfHost(bench, host.text.replace(/^.*@/, '')), host);
  if (site === null) return null;
  const words = args.slice(at + (args[at + 1]?.text === '--' ? 2 : 1));
  const [first] = words;
  if (first === undefined || /^(?:sudo )?(?:ba)?sh(?: -s)?$/.test(words.map(({ text }) => text).join(' ')))
    return input === null ? refuseShape(bench, command, 'a session over ssh') : { kind: 'script', site, text: input };
  if (words.every((word) => word.quoted === false)) return { kind: 'remote', site, command: { ...command, words } };
  if (words.length === 1 && first.content !== null) return { kind: 'script', site, text: first.content };
  return refuseShape(bench, first, 'a command over ssh that is put together; write it in single quotes');
}

/** `sh -c 'commands'` and `sh <<EOF`. */
export function inShell(
  bench: Bench,
  site: Site,
  args: readonly ShellWord[],
  input: Stretch | null,
  command: ShellCommand,
): Errand | null {
  const [option, script, more] = args;
  if (option === undefined || (option.text === '-s' && script === undefined))
    return input === null ? refuseShape(bench, command, 'a shell') : { kind: 'script', site: { ...site }, text: input };
  if (/^-[eux]*c$/.test(option.text) && script?.content && more === undefined)
    return { kind: 'script', site: { ...site }, text: script.content };
  const file = args.find(({ text }) => !text.startsWith('-'));
  const lines = file === undefined ? null : readWritten(bench, site, file.text);
  if (lines !== null && args.length === args.indexOf(file ?? option) + 1)
    return { kind: 'script', site: { ...site }, text: lines };
  return refuseShape(bench, option, 'a script in a file');
}
