/** One command line of ipset as `restore` reads it or as it was typed after a prompt. ipset(8). */
import { blankIn, hasAt, wordIn } from './scan.js';

export type Verb = 'create' | 'add' | 'del' | 'flush' | 'destroy' | 'swap' | 'rename';

export interface Command {
  readonly verb: Verb;
  /** Offset of the verb, or of `ipset` where it was typed. */
  readonly start: number;
  /** Offset of the first word after the verb and its options. */
  readonly rest: number;
  /** Written with `ipset` before it. */
  readonly typed: boolean;
}

const verbs: ReadonlyMap<string, Verb> = new Map([
  ['create', 'create'],
  ['-N', 'create'],
  ['--create', 'create'],
  ['add', 'add'],
  ['-A', 'add'],
  ['--add', 'add'],
  ['del', 'del'],
  ['-D', 'del'],
  ['--del', 'del'],
  ['flush', 'flush'],
  ['-F', 'flush'],
  ['--flush', 'flush'],
  ['destroy', 'destroy'],
  ['-X', 'destroy'],
  ['--destroy', 'destroy'],
  ['swap', 'swap'],
  ['-W', 'swap'],
  ['--swap', 'swap'],
  ['rename', 'rename'],
  ['-E', 'rename'],
  ['--rename', 'rename'],
]);

/** The command in [start, end) of a text; null when there is none. */
export function commandOf(text: string, start: number, end: number): Command | null {
  const begin = wordIn(text, start, end);
  const tool = toolAt(text, begin, end);
  let at = wordIn(text, tool < 0 ? begin : tool, end);
  at = skipOptions(text, at, end);
  const wordEnd = blankIn(text, at, end);
  if (wordEnd - at > 9) return null;
  const verb = verbs.get(text.slice(at, wordEnd));
  if (verb === undefined) return null;
  return {
    verb,
    start: tool < 0 ? at : begin,
    rest: skipOptions(text, wordIn(text, wordEnd, end), end),
    typed: tool >= 0,
  };
}

/** Longest prompt before the command. */
const longestPrompt = 120;

/** The offset past `ipset`, which opens the line or follows `sudo` or the sign of a prompt; -1 when it does not stand there. */
function toolAt(text: string, start: number, end: number): number {
  if (hasAt(text, 'ipset ', start, end)) return start + 5;
  const limit = Math.min(end, start + longestPrompt);
  // Most lines do not name the tool at all.
  if (!text.slice(start, Math.min(end, limit + 40)).includes('ipset ')) return -1;
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at);
    const prompt = code === 35 || code === 36 || code === 62 || code === 37;
    if (!prompt && !hasAt(text, 'sudo', at, end)) continue;
    const next = wordIn(text, prompt ? at + 1 : at + 4, end);
    if (hasAt(text, 'ipset ', next, end)) return next + 5;
    for (const path of ['/sbin/ipset ', '/usr/sbin/ipset '])
      if (hasAt(text, path, next, end)) return next + path.length - 1;
  }
  return -1;
}

function skipOptions(text: string, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const wordEnd = blankIn(text, at, end);
    const word = wordEnd - at > 8 ? '' : text.slice(at, wordEnd);
    if (word !== '-exist' && word !== '-!' && word !== '-q' && word !== '--exist' && word !== '-quiet') break;
    at = wordIn(text, wordEnd, end);
  }
  return at;
}
