/** What a command line is about: pipes, redirections, files, other machines and shells. */
import { type Bench, goTo, nodeOfHost, readWritten, refuseShape, report, type Site } from './bench.js';
import { unwritten } from './call.js';
import { isFilter, unpiped } from './piped.js';
import { isSaved } from './saved.js';
import type { RedirectSign, ShellCommand, ShellWord, Stretch } from './shell/syntax.js';
import { echoed, typedStretch } from './typed-text.js';
import { pastOptions, undressed } from './undressed.js';

export type Errand =
  /** Nothing that a snapshot shows. */
  | { readonly kind: 'nothing'; readonly ending: 'yes' | 'no' }
  /** The commands behind it do not run. */
  | { readonly kind: 'exit' }
  /** The commands that follow run there. */
  | { readonly kind: 'move'; readonly site: Site }
  /** Commands within the command. */
  | { readonly kind: 'script'; readonly site: Site; readonly text: Stretch }
  /** A file is written, or removed (`text` null). */
  | {
      readonly kind: 'file';
      readonly site: Site;
      readonly paths: readonly ShellWord[];
      readonly text: string | null;
      /** Where its text stands in that of the commands, if it does so word by word. */
      readonly body: Stretch | null;
      readonly stretch: Stretch;
    }
  | {
      readonly kind: 'kubectl';
      readonly site: Site;
      readonly args: readonly ShellWord[];
      readonly input: Stretch | null;
      readonly stretch: Stretch;
    }
  | {
      readonly kind: 'tool';
      readonly site: Site;
      readonly name: string;
      readonly nameAt: Stretch;
      readonly args: readonly ShellWord[];
      readonly input: Stretch | null;
      readonly stretch: Stretch;
    };

type FileErrand = Extract<Errand, { kind: 'file' }>;

/** Commands without an effect on what dumps show. */
const idle = new Set([
  'echo',
  'printf',
  'set',
  'sleep',
  'sync',
  'date',
  'hostname',
  'uname',
  'true',
  ':',
  'modprobe',
  'mkdir',
  'chmod',
  'chown',
  'cd',
  'umask',
  'pwd',
  'id',
  'whoami',
  'ls',
  'cat',
  'test',
  '[',
  'which',
  'type',
  'command',
]);

/** Of these, those whose answer nobody knows who has no such machine. */
const unsure = new Set(['ls', 'cat', 'test', '[', 'which', 'type', 'command']);

/** null: something is wrong, and it is said. */
export function errandOf(bench: Bench, site: Site, pipe: readonly ShellCommand[]): Errand | null {
  const [command, second] = pipe;
  if (command === undefined) return null;
  if (second !== undefined) return ofPipe(bench, site, command, pipe.slice(1));
  if (command.joiner === '&') return refuseShape(bench, command, 'a command in the background');
  const written = writtenFile(bench, command, site);
  if (written !== null) return ofKernel(bench, written, command);
  if (isSaved(bench, site, command)) return { kind: 'nothing', ending: 'yes' };
  if (!readsOnly(bench, site, command)) return null;
  const rest = undressed(bench, { site, words: command.words });
  const [first, ...args] = rest?.words ?? [];
  if (rest === null || first === undefined) return rest === null ? null : { kind: 'nothing', ending: 'yes' };
  const name = first.text.replace(/^.*\//, '');
  const input = inputOf(bench, site, command);
  if (name === '@node') return moved(bench, args, command);
  if (name === 'false') return { kind: 'nothing', ending: 'no' };
  if (name === 'exit') return { kind: 'exit' };
  if (unsure.has(name) && (command.joiner === '&&' || command.joiner === '||'))
    return refuseShape(bench, first, `the answer of "${name}", by which what follows is run or not,`);
  if (idle.has(name)) return { kind: 'nothing', ending: 'yes' };
  if (daemons.has(name)) return refuseDaemon(bench, name, command);
  if (name === 'kubectl') return { kind: 'kubectl', site: rest.site, args, input, stretch: command };
  if (name === 'rm') return removedFile(rest.site, args, command);
  if (name === 'ssh') return overSsh(bench, args, input, command);
  if (name === 'sh' || name === 'bash') return inShell(bench, rest.site, args, input, command);
  return { kind: 'tool', site: rest.site, name, nameAt: first, args, input, stretch: command };
}

/** What a pipe does with a text that it is given, or with what a command prints. */
function ofPipe(bench: Bench, site: Site, first: ShellCommand, rest: readonly ShellCommand[]): Errand | null {
  const [second, third] = rest;
  const last = rest.at(-1);
  if (second === undefined || last === undefined) return null;
  const single = third === undefined ? unpiped(first, second) : null;
  if (single !== null) return errandOf(bench, site, [single]);
  const other = rest.find(({ words }) => !isFilter(words));
  if (other !== undefined) return refusePipe(bench, other);
  if (!rest.every((one) => readsOnly(bench, site, one))) return null;
  if (last.joiner === '&&' || last.joiner === '||')
    return refuseShape(
      bench,
      last,
      `the answer of "${last.words[0]?.text ?? ''}", by which what follows is run or not,`,
    );
  // What they print is looked at.
  return errandOf(bench, site, [{ ...first, joiner: last.joiner }]);
}

/** Commands whose effect comes from a program that reacts to them. */
const daemons = new Set([
  'systemctl',
  'service',
  'openssl',
  'docker',
  'crictl',
  'nerdctl',
  'k3s',
  'kubeadm',
  'reboot',
  'kill',
  'pkill',
  'netplan',
  'nmcli',
  'calicoctl',
  'etcdctl',
  'cp',
  'mv',
  'update-ca-certificates',
]);

function refuseDaemon(bench: Bench, command: string, at: Stretch): null {
  report(bench, 'daemon', at, { command });
  return null;
}

/** `cat > PATH <<EOF`, `tee PATH <<EOF`, `@file PATH <<EOF`, and a `printf` or `echo` into a file. */
function writtenFile(bench: Bench, { words, redirects, start, end }: ShellCommand, site: Site): FileErrand | null {
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
function ofKernel(bench: Bench, errand: FileErrand, command: ShellCommand): Errand | null {
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

/** What comes on standard input: a here-document, or a file that these commands wrote. */
function inputOf(bench: Bench, site: Site, { redirects }: ShellCommand): Stretch | null {
  const from = redirects.findLast(({ sign, body }) => sign === '<' || body !== null);
  return from?.sign === '<' ? readWritten(bench, site, from.target.text) : (from?.body ?? null);
}

function bodyText({ file }: Bench, body: Stretch | null, tabs: boolean): string | null {
  if (body === null) return null;
  const text = file.text.slice(body.start, body.end);
  return tabs ? text.replace(/^\t+/gm, '') : text;
}

function removedFile(site: Site, args: readonly ShellWord[], stretch: Stretch): Errand {
  return {
    kind: 'file',
    site,
    paths: args.filter(({ text }) => !text.startsWith('-')),
    text: null,
    body: null,
    stretch,
  };
}

/** Output that is thrown away changes nothing; output into a file does. */
function readsOnly(bench: Bench, site: Site, { redirects }: ShellCommand): boolean {
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

function moved(bench: Bench, args: readonly ShellWord[], at: Stretch): Errand | null {
  const [name, more] = args;
  if (name === undefined || more !== undefined) {
    report(bench, 'bad-words', more ?? at, { tool: '@node', why: 'one name is needed' });
    return null;
  }
  const site = goTo(bench, name.text, name);
  return site === null ? null : { kind: 'move', site };
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
function overSsh(
  bench: Bench,
  args: readonly ShellWord[],
  input: Stretch | null,
  command: ShellCommand,
): Errand | null {
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
  if (words.every((word) => word.quoted === false)) return errandOf(bench, site, [{ ...command, words }]);
  if (words.length === 1 && first.content !== null) return { kind: 'script', site, text: first.content };
  return refuseShape(bench, first, 'a command over ssh that is put together; write it in single quotes');
}

function refusePipe(bench: Bench, second: ShellCommand): null {
  report(bench, 'pipe', second, { command: second.words[0]?.text ?? '' });
  return null;
}

/** `sh -c 'commands'` and `sh <<EOF`. */
function inShell(
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
