/** A script cut into its simple commands with their here-documents. What needs a whole shell is a problem. POSIX Shell Command Language, 2.9. */
import { isBlankUnit, isSubstitution, readWord } from './read-word.js';
import type {
  Joiner,
  Redirect,
  RedirectSign,
  ShellCommand,
  ShellProblem,
  ShellScript,
  ShellWord,
  Stretch,
} from './syntax.js';

interface Reader {
  readonly source: string;
  readonly to: number;
  readonly commands: ShellCommand[];
  readonly problems: ShellProblem[];
  at: number;
  /** Commands of the present line: dropped when something is wrong with it. */
  line: ShellCommand[];
  words: ShellWord[];
  redirects: Redirect[];
  /** Here-documents whose lines follow the present one. */
  awaited: Redirect[];
  faulty: boolean;
}

/** Words that belong to shell structures: what they do depends on more than one command. */
const structures = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'function',
  '{',
  '}',
  '[[',
  'select',
  '!',
]);

export function readScript(source: string, from = 0, to = source.length): ShellScript {
  const reader: Reader = {
    source,
    to,
    commands: [],
    problems: [],
    at: from,
    line: [],
    words: [],
    redirects: [],
    awaited: [],
    faulty: false,
  };
  while (reader.at < to) step(reader);
  endLine(reader);
  return { commands: reader.commands, problems: reader.problems };
}

function step(reader: Reader): void {
  const { source, at } = reader;
  const unit = source[at] ?? '';
  if (unit === '\n') {
    reader.at++;
    endLine(reader);
  } else if (isBlankUnit(unit)) reader.at++;
  else if (unit === '\\' && source[at + 1] === '\n') reader.at += 2;
  else if (unit === '#' || isFence(reader)) reader.at = lineEnd(reader, at);
  else if (unit === '\ufeff' && at === 0) reader.at++;
  else if (unit === '(' || unit === ')')
    fail(reader, { kind: 'syntax', why: 'subshells are not carried out', start: at, end: at + 1 });
  else if (!takeJoiner(reader, unit) && !takeRedirect(reader)) takeWord(reader);
}

/** A line that only opens or closes a block of code, as chats write them. */
function isFence({ source, at, line, words }: Reader): boolean {
  return (
    source.startsWith('```', at) &&
    line.length + words.length === 0 &&
    /^```[\w+-]*[ \t\r]*(?:\n|$)/.test(source.slice(at, at + 40))
  );
}

function takeJoiner(reader: Reader, unit: string): boolean {
  const two = reader.source.slice(reader.at, reader.at + 2);
  const joiner: Joiner | null =
    two === '&&' || two === '||'
      ? two
      : two === '&>' || two === '>&'
        ? null
        : unit === ';' || unit === '|' || unit === '&'
          ? unit
          : null;
  if (joiner === null) return false;
  if (!endCommand(reader, joiner))
    fail(reader, {
      kind: 'syntax',
      why: `nothing stands before "${joiner}"`,
      start: reader.at,
      end: reader.at + joiner.length,
    });
  reader.at += joiner.length;
  return true;
}

const redirection = /^(\d?)(<<-|<<<|<<|<&|<|&>|>>|>&|>\||>)/;

function takeRedirect(reader: Reader): boolean {
  const { source, at, to } = reader;
  const found = redirection.exec(source.slice(at, Math.min(at + 4, to)));
  if (found === null) return false;
  let from = at + found[0].length;
  while (isBlankUnit(source[from])) from++;
  const read = from < to && source[from] !== '\n' ? readWord(source, from, to) : null;
  if (read === null || read.word?.text === '') {
    fail(reader, { kind: 'syntax', why: `nothing stands behind "${found[0]}"`, start: at, end: from });
    return true;
  }
  if (read.word === null) {
    fail(reader, read.problem);
    return true;
  }
  const sign = found[2] as RedirectSign;
  const descriptor = found[1] === '' ? null : Number(found[1]);
  const redirect: Redirect = { sign, descriptor, target: read.word, start: at, end: read.word.end, body: null };
  reader.redirects.push(redirect);
  if (sign === '<<' || sign === '<<-') reader.awaited.push(redirect);
  reader.at = read.word.end;
  return true;
}

function takeWord(reader: Reader): void {
  const read = readWord(reader.source, reader.at, reader.to);
  const { word, problem } = read;
  if (problem !== null) fail(reader, problem);
  else if (reader.words.length === 0 && !word.quoted && structures.has(word.text))
    fail(reader, {
      kind: 'syntax',
      why: `"${word.text}" needs a whole shell`,
      start: word.start,
      end: word.end,
    });
  else {
    reader.words.push(word);
    reader.at = word.end;
  }
}

/** Takes what was gathered for a command; false when that is nothing. */
function endCommand(reader: Reader, joiner: Joiner): boolean {
  const { words, redirects } = reader;
  const [first] = words;
  if (first === undefined && redirects.length === 0) return false;
  const all: readonly Stretch[] = [...words, ...redirects];
  const start = Math.min(...all.map((one) => one.start));
  const end = Math.max(...all.map((one) => one.end));
  reader.line.push({ words, redirects, joiner, start, end });
  reader.words = [];
  reader.redirects = [];
  return true;
}

function endLine(reader: Reader): void {
  endCommand(reader, ';');
  takeBodies(reader);
  if (!reader.faulty) for (const command of reader.line) reader.commands.push(command);
  reader.line = [];
  reader.faulty = false;
}

/** Of a line that is wrong nothing is carried out; the lines after it are read on. */
function fail(reader: Reader, problem: ShellProblem): void {
  if (!reader.faulty) reader.problems.push(problem);
  reader.faulty = true;
  reader.words = [];
  reader.redirects = [];
  reader.at = lineEnd(reader, Math.max(reader.at, problem.end));
}

function lineEnd({ source, to }: Reader, at: number): number {
  const feed = source.indexOf('\n', at);
  return feed < 0 || feed > to ? to : feed;
}

function takeBodies(reader: Reader): void {
  for (const redirect of reader.awaited) takeBody(reader, redirect);
  reader.awaited = [];
}

function takeBody(reader: Reader, redirect: Redirect): void {
  const { source, to } = reader;
  const start = reader.at;
  const { text: end, quoted } = redirect.target;
  for (let at = start; at < to; ) {
    const next = lineEnd(reader, at);
    const line = source.slice(at, next).replace(/\r$/, '');
    if ((redirect.sign === '<<-' ? line.replace(/^\t+/, '') : line) === end) {
      redirect.body = { start, end: at };
      reader.at = Math.min(next + 1, to);
      if (!quoted) checkBody(reader, redirect.body);
      return;
    }
    at = next + 1;
  }
  reader.problems.push({
    kind: 'syntax',
    why: `the here-document never ends with ${end}`,
    start: redirect.start,
    end: redirect.end,
  });
  reader.faulty = true;
  reader.at = to;
}

/** In a here-document whose end is not quoted, the shell replaces variables and takes backslashes away. */
function checkBody(reader: Reader, body: Stretch): void {
  const { source } = reader;
  for (let at = body.start; at < body.end; at++) {
    const escaped = source[at] === '\\' && '$`\\\n'.includes(source[at + 1] ?? ' ');
    if (!escaped && !isSubstitution(source, at)) continue;
    const text = /^\S{1,40}/.exec(source.slice(at, body.end))?.[0] ?? '';
    reader.problems.push({ kind: 'variable', text, start: at, end: at + Math.max(text.length, 1) });
    reader.faulty = true;
    return;
  }
}
