/** Two pipes that say no more than one command: `cat <<EOF | command` feeds a here-document, `echo TEXT | tee PATH` writes a file. */
import type { ShellCommand, ShellWord } from './shell/syntax.js';

/** The one command that does the same; null: it takes a real pipe. */
export function unpiped(first: ShellCommand, second: ShellCommand): ShellCommand | null {
  const [tool, ...args] = first.words;
  if (tool?.text === 'cat' && args.length === 0) return fed(first, second);
  return tool?.text === 'echo' || tool?.text === 'printf' ? written(first, second) : null;
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
