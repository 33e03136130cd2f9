/** Pipes that say no more than one command: `cat <<EOF | command` and `echo TEXT | command` feed it a text, `echo TEXT | tee PATH` writes a file. */
import type { ShellCommand, ShellWord } from './shell/syntax.js';
import { typedStretch } from './typed-text.js';

/** The one command that does the same; null: it takes a real pipe. */
export function unpiped(first: ShellCommand, second: ShellCommand): ShellCommand | null {
  const [tool, ...args] = first.words;
  if (tool?.text === 'cat' && args.length === 0) return fed(first, second);
  if (tool?.text !== 'echo' && tool?.text !== 'printf') return null;
  return written(first, second) ?? said(tool, args, first, second);
}

function said(tool: ShellWord, args: readonly ShellWord[], first: ShellCommand, second: ShellCommand) {
  const body = typedStretch(tool.text, args);
  const [target] = args;
  if (body === null || target === undefined || first.redirects.length > 0) return null;
  const { start, end } = target;
  const given = { sign: '<<', descriptor: null, target, body, start, end } as const;
  return { ...second, start: first.start, redirects: [...second.redirects, given] };
}

function fed({ redirects, start }: ShellCommand, second: ShellCommand): ShellCommand | null {
  const [only, another] = redirects;
  if (only === undefined || another !== undefined || only.body === null) return null;
  return { ...second, start, redirects: [...second.redirects, only] };
}

function written(first: ShellCommand, { words, redirects, joiner, end }: ShellCommand): ShellCommand | null {
  const path = pathOf(words[0]?.text === 'sudo' ? words.slice(1) : words);
  const quiet = redirects.every(({ sign, target }) => sign === '>' && target.text === '/dev/null');
  if (path === null || !quiet || first.redirects.length > 0) return null;
  const { start, end: stop } = path;
  return {
    ...first,
    joiner,
    end,
    redirects: [{ sign: '>', descriptor: null, target: path, body: null, start, end: stop }],
  };
}

/** Of `tee PATH`; with `-a` it would append. */
function pathOf([tee, path, more]: readonly ShellWord[]): ShellWord | null {
  return tee?.text === 'tee' && path !== undefined && more === undefined && !path.text.startsWith('-') ? path : null;
}

const filters = new Set([
  'awk',
  'cat',
  'column',
  'cut',
  'egrep',
  'fgrep',
  'grep',
  'head',
  'jq',
  'less',
  'more',
  'nl',
  'sed',
  'sort',
  'tail',
  'tr',
  'uniq',
  'wc',
]);

/** It prints less or other than it is given, and does nothing else. */
export function isFilter(words: readonly ShellWord[]): boolean {
  const [first] = words[0]?.text === 'sudo' ? words.slice(1) : words;
  return filters.has(first?.text ?? '');
}
