/** What a command line is about: pipes, redirections, files, other machines and shells. */
import { type Bench, goTo, refuseShape, report, type Site } from './bench.js';
import { daemons, idle, unsure } from './known-commands.js';
import { inShell, overSsh, type Remote } from './other-shells.js';
import { isFilter, unpiped } from './piped.js';
import { inputOf, readsOnly } from './redirections.js';
import { isSaved } from './saved.js';
import type { ShellCommand, ShellWord, Stretch } from './shell/syntax.js';
import { undressed } from './undressed.js';
import { ofKernel, removedFile, writtenFile } from './written-file.js';

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

export type FileErrand = Extract<Errand, { kind: 'file' }>;

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
  if (name === 'ssh') return onMachine(bench, overSsh(bench, args, input, command));
  if (name === 'sh' || name === 'bash') return inShell(bench, rest.site, args, input, command);
  return { kind: 'tool', site: rest.site, name, nameAt: first, args, input, stretch: command };
}

/** A command over ssh whose words are its own is like one that is typed there. */
function onMachine(bench: Bench, there: Errand | Remote | null): Errand | null {
  return there?.kind === 'remote' ? errandOf(bench, there.site, [there.command]) : there;
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

function refuseDaemon(bench: Bench, command: string, at: Stretch): null {
  report(bench, 'daemon', at, { command });
  return null;
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

function refusePipe(bench: Bench, second: ShellCommand): null {
  report(bench, 'pipe', second, { command: second.words[0]?.text ?? '' });
  return null;
}
