/**
 * Lines of a paste that hold several lines of an output, because a wiki, a chat or a web page took the line ends out: where they begin again. Only lines that
 * nobody can read as they stand are looked at.
 */
import {
  CONDITIONAL,
  INERT,
  type LineLedger,
  lineIndex,
  MODELLED,
  OPAQUE,
  type SourceFile,
  UNRECOGNIZED,
} from '@coldtrace/core';
import { promptLine } from './prompt-line.js';
import { recordKinds } from './record-starts.js';
import { isTool } from './tools.js';

/** Fewer beginnings are one line's own. */
const fewest = 2;

/** Shorter lines hold one line each. */
const shortest = 30;

/** Offsets of the blanks of the file that were line ends, ascending. */
export function partedAt(file: SourceFile, ledger: LineLedger): readonly number[] {
  const starts = lineIndex(file);
  return file.text.split('\n').flatMap((line, at) => {
    if (line.length < shortest) return [];
    const begin = starts[at] ?? 0;
    return partsOf(line, ledger[at] ?? INERT).map((start) => begin + start - 1);
  });
}

/** Where further lines begin in the line, but for the first. `state`: what was made of it as it stands, maybe of its first part alone. */
function partsOf(line: string, state: number): readonly number[] {
  const commands = commandsIn(line);
  const understood = state === MODELLED || state === CONDITIONAL;
  const transcript = commands.length >= (understood ? fewest + 1 : fewest);
  const output = state !== INERT && !(understood && isTyped(line));
  const starts = new Set<number>(transcript || (output && !understood) ? commands : []);
  for (const { starts: pattern, sure, behind } of recordKinds) {
    if (!output && !transcript && sure?.test(line) !== true) continue;
    const found = [...line.matchAll(pattern)].map(({ index }) => index);
    // Behind a prompt an output of one line begins, too.
    if (!transcript && found.length < fewest && behind?.test(line) !== true) continue;
    for (const start of found) starts.add(start);
  }
  for (const start of membersIn(line)) starts.add(start);
  return [...starts].filter((start) => start > 0 && isBlank(line[start - 1])).sort((one, other) => one - other);
}

/** One command may be given what are several lines of an output. `ip -o` says where its lines would end. */
function isTyped(line: string): boolean {
  const [first = ''] = line.trimStart().split(' ', 1);
  return promptLine(line) !== null || isTool(first) || line.includes('\\');
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** Fences, and prompts with a command behind them. */
const marks =
  /(?<!\S)(?:```|(?:\[[\w.@-]{1,80}(?: [^\]\s]{1,60})?\]|[\w.-]{1,40}@[\w.-]{1,60}:\S{0,60}?)?[$#] (?=([\w./-]{1,40})))/g;

/** Is there a whole transcript within a line? A quick look spares most dumps the search. */
export function isTranscript(text: string): boolean {
  return within.some((mark) => text.includes(mark)) && commandsIn(text).length >= fewest;
}

const within = ['```', ' $ ', ' # ', ']$ ', ']# ', ':~$ ', ':~# '];

function commandsIn(line: string): readonly number[] {
  return [...line.matchAll(marks)].flatMap(({ index, 0: mark, 1: tool }) => {
    if (mark === '```') return line[index + 3] === ' ' ? [index, index + 4] : [index];
    return tool !== undefined && (isTool(tool) || tool === 'sudo') ? [index] : [];
  });
}

/** Options that stand behind a member, with how many words they take. */
const memberOptions: ReadonlyMap<string, number> = new Map([
  ...['timeout', 'packets', 'bytes', 'comment', 'skbmark', 'skbprio', 'skbqueue', 'before', 'after'].map(
    (name) => [name, 1] as const,
  ),
  ['nomatch', 0] as const,
]);

/** Members of an IP set say nothing by themselves: each word between `Members:` and the next set that is no option is one. */
function membersIn(line: string): readonly number[] {
  if (!line.includes('Members:')) return [];
  const starts: number[] = [];
  let within = false;
  let skip = 0;
  for (const { 0: text, index } of line.matchAll(/"[^"]*"|\S+/g)) {
    if (text === 'Members:' || !within) {
      within = text === 'Members:';
      skip = 0;
    } else if (text === 'Name:' || text === '```' || /^[$#]$|[\]~][$#]$/.test(text)) within = false;
    else if (skip > 0) skip--;
    else {
      const takes = memberOptions.get(text);
      if (takes === undefined) starts.push(index);
      else skip = takes;
    }
  }
  return starts;
}

/** The file with those blanks as line ends; line numbers and columns stay those of the user's file. */
export function parted(file: SourceFile, blanks: readonly number[]): SourceFile {
  const pieces: string[] = [];
  let at = 0;
  for (const blank of blanks) {
    pieces.push(file.text.slice(at, blank));
    at = blank + 1;
  }
  pieces.push(file.text.slice(at));
  return { ...file, text: pieces.join('\n'), parted: Int32Array.from(blanks) };
}

/** States by the lines of the user's file: what is open in a part is open in the line. */
export function gathered(file: SourceFile, ledger: LineLedger): LineLedger {
  const { parted: feeds = new Int32Array() } = file;
  const starts = lineIndex(file);
  const states: number[] = [];
  let feed = 0;
  for (const [line, state] of ledger.entries()) {
    const goesOn = feeds[feed] === (starts[line] ?? 0) - 1;
    if (goesOn) feed++;
    const before = states.at(-1);
    if (goesOn && before !== undefined) states[states.length - 1] = worse(before, state);
    else states.push(state);
  }
  return Uint8Array.from(states);
}

const byWeight = [INERT, MODELLED, CONDITIONAL, OPAQUE, UNRECOGNIZED];

function worse(one: number, other: number): number {
  return byWeight.indexOf(one) >= byWeight.indexOf(other) ? one : other;
}
