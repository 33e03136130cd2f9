/** Several statements on one line: `-P INPUT ACCEPT -A INPUT … -A INPUT …` after a lost line break, or commands that a shell separates. */
import { findTarget } from '@coldtrace/core';
import { type PastedWords, sliceWords } from './repair/mend.js';
import { isCommand, isTool, opensStatement } from './statement-words.js';
import type { Statement } from './statements.js';

/** The statements in it; the same one when it is one. */
export function takeApart(source: string, statement: Statement): readonly Statement[] {
  const words = cutGlued(source, statement.words);
  const shell = words.text.some(isTool);
  const cuts: { readonly at: number; readonly to: number; readonly lost: boolean }[] = [];
  let from = 0;
  let seen = false;
  let lost = false;
  const cut = (to: number, next: number, lostBreak: boolean) => {
    if (to > from) cuts.push({ at: from, to, lost });
    from = next;
    seen = false;
    lost = lostBreak;
  };
  for (let at = 0; at < words.text.length; at++) {
    const word = words.text[at] ?? '';
    if (shell && isSeparator(source, words, at)) cut(at, at + 1, false);
    else if (at > from && beginsAnother(words, at, seen, (words.text[from] ?? '').startsWith(':'))) {
      const wrapped = !seen && (words.text[from] ?? '').toLowerCase() === 'sudo';
      if (wrapped || isPrefix(words, from, at)) seen ||= isCommand(word);
      else cut(at, at, !words.broken[at]);
    }
    seen ||= isCommand(words.text[at] ?? '');
    if (shell && endsCommand(source, words, at)) cut(at + 1, at + 1, false);
  }
  cut(words.text.length, words.text.length, false);
  if (cuts.length === 1 && cuts[0]?.at === 0 && words === statement.words && cuts[0].to === words.text.length)
    return [statement];
  return cuts.map(({ at, to, lost: lostBreak }) =>
    part(source, statement, trimmed(source, sliceWords(words, at, to), shell), lostBreak),
  );
}

const separators = new Set([';', '&&', '||', '|', '&', 'do', 'then', 'done', 'fi', 'done;', 'fi;', 'else', '{', '}']);

function isSeparator(source: string, { text, start }: PastedWords, at: number): boolean {
  return separators.has(text[at] ?? '') && !/["'\\]/.test(source[start[at] ?? 0] ?? '');
}

/** `-j ACCEPT; iptables …`: the shell's semicolon stands right behind the last word. */
function endsCommand(source: string, { end, text }: PastedWords, at: number): boolean {
  return source.charCodeAt((end[at] ?? 0) - 1) === 59 && (text[at] ?? '').endsWith(';') && (text[at] ?? '').length > 1;
}

function trimmed(source: string, words: PastedWords, shell: boolean): PastedWords {
  const last = words.text.length - 1;
  if (!shell || last < 0 || !endsCommand(source, words, last)) return words;
  const text = [...words.text];
  const end = [...words.end];
  text[last] = (text[last] ?? '').slice(0, -1);
  end[last] = (end[last] ?? 1) - 1;
  return { ...words, text, end };
}

/** `sudo iptables`, `/ # iptables`, `do iptables`: what stands before the tool's name is no statement. */
function isPrefix(words: PastedWords, from: number, at: number): boolean {
  if (!isTool(words.text[at] ?? '')) return false;
  for (let before = from; before < at; before++) {
    const word = words.text[before] ?? '';
    if (isCommand(word) || word.startsWith('-j') || word.startsWith(':')) return false;
  }
  return true;
}

/** A second command word that is followed by a chain's name, a chain line, or the tool's own name. */
function beginsAnother(words: PastedWords, at: number, seen: boolean, declaring: boolean): boolean {
  const word = words.text[at] ?? '';
  const next = words.text[at + 1] ?? '';
  if (isTool(word) || word === 'COMMIT') return true;
  if (word.startsWith(':')) return opensStatement(words, at);
  if (/^\*(?:filter|nat|mangle|raw|security)$/.test(word)) return true;
  if (isCounters(word)) return !declaring && isCommand(next);
  if (!isCommand(word) || next === '' || next.startsWith('-') || next === '!') return false;
  if (declaring) return true;
  if (isCounters(words.text[at - 1] ?? '')) return false;
  if (!seen) return /^(?:COMMIT$|\*)/.test(words.text[at - 1] ?? '');
  return isCommandHere(words, at, next);
}

function isCounters(word: string): boolean {
  return /^\[\d+:\d+\]$/.test(word);
}

/** `-I eth0`, `-D 10.0.0.1` and `-P TCP` inside a rule are options in the wrong case; `-S` and `-E` print and rename, and share no line with rules. */
function isCommandHere(words: PastedWords, at: number, next: string): boolean {
  const after = words.text[at + 2] ?? '';
  switch (words.text[at]) {
    case '-S':
    case '-E':
    case '-F':
      return false;
    case '-P':
      return /^(ACCEPT|DROP)$/.test(after);
    case '-D':
      return /^[A-Z][\w.-]*$/.test(next) || (/^[a-zA-Z_][\w.-]*$/.test(next) && after.startsWith('-'));
    case '-I':
      return /[A-Z]/.test(next) || next.startsWith('cali-');
    case '-N':
    case '-X':
    case '-Z':
      return /^[A-Za-z_][\w.:-]*$/.test(next);
    default:
      return true;
  }
}

/** `… -j ACCEPT-A INPUT …`: the line break was lost without leaving a blank. */
function cutGlued(source: string, words: PastedWords): PastedWords {
  const found = words.text.findIndex((_, at) => gluedAt(source, words, at));
  if (found < 0) return words;
  const text: string[] = [];
  const start: number[] = [];
  const end: number[] = [];
  const broken: boolean[] = [];
  for (let at = 0; at < words.text.length; at++) {
    const word = words.text[at] ?? '';
    const from = words.start[at] ?? 0;
    const to = words.end[at] ?? 0;
    const glued = gluedAt(source, words, at);
    text.push(glued ? word.slice(0, -2) : word);
    start.push(from);
    end.push(glued ? to - 2 : to);
    broken.push(words.broken[at] === true);
    if (!glued) continue;
    text.push('-A');
    start.push(to - 2);
    end.push(to);
    broken.push(false);
  }
  return { text, start, end, broken };
}

function gluedAt(source: string, words: PastedWords, at: number): boolean {
  const word = words.text[at] ?? '';
  if (at === 0 || !word.endsWith('-A') || words.text[at - 1] !== '-j' || !/^[A-Za-z]/.test(words.text[at + 1] ?? ''))
    return false;
  const name = word.slice(0, -2);
  if (source.slice(words.start[at], words.end[at]) !== word) return false;
  return /^(?:ACCEPT|DROP|RETURN|QUEUE)$/.test(name) || findTarget(name, 4) !== undefined;
}

function part(source: string, statement: Statement, words: PastedWords, lost: boolean): Statement {
  const start = words.start[0] ?? statement.start;
  const end = words.end.at(-1) ?? statement.end;
  const mends = statement.mends.filter((mend) => mend.start < end && mend.end > start);
  const read = source.slice(start, Math.min(end, start + 60));
  const all = lost ? [...mends, { code: 'repaired-line-break' as const, start, end, was: '', read }] : mends;
  return { ...statement, words, start, end, mends: all };
}
