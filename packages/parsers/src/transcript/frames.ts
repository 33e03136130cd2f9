/** What stands around every line of an output: borders of panes and boxes, tags of code blocks, backticks and quotes, the name or time that a tool puts before each. */
import type { Format } from '../format.js';
import type { Stretch } from '../text/removal.js';
import { isPromptLine, promptLine } from './prompt-line.js';
import { isTool } from './tools.js';

interface Row {
  readonly start: number;
  readonly text: string;
}

function rowsOf(text: string): readonly Row[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const row = { start, text: line };
    start += line.length + 1;
    return row;
  });
}

/** Parts of a line, by their offsets in it. */
type Parts = readonly (readonly [start: number, end: number])[];

/** What is taken off line by line; each looks at the line that the one before it left. */
const dresses: readonly { readonly sign: RegExp; readonly parts: (line: string) => Parts }[] = [
  { sign: /[│┃║]/, parts: borders },
  { sign: /[\]}>]/, parts: tags },
  { sign: /```/, parts: fences },
  { sign: /^[ \t]*(?:[*_`]|[-•] )/m, parts: emphasis },
];

export interface Dress {
  readonly sign: RegExp;
  readonly stretches: (text: string) => readonly Stretch[];
}

export const lineDresses: readonly Dress[] = dresses.map(({ sign, parts }) => ({
  sign,
  stretches: (text) => rowsOf(text).flatMap(({ start, text: line }) => stretchesOf(start, parts(line))),
}));

function stretchesOf(start: number, parts: Parts): readonly Stretch[] {
  return parts.filter(([from, to]) => to > from).map(([from, to]) => ({ start: start + from, end: start + to }));
}

const longest = 4000;

/** tmux and screen draw one between panes, at the end of each line; boxes have two. */
function borders(line: string): Parts {
  if (line.length > longest) return [];
  const tail = /[ \t]*[│┃║][ \t]*$/.exec(line);
  if (tail === null) return [];
  const head = /^[ \t]*[│┃║] ?/.exec(line.slice(0, tail.index))?.[0].length ?? 0;
  return [
    [0, head],
    [tail.index, line.length],
  ];
}

const tag =
  '(?:\\[/?(?:code|quote|source|spoiler|pre|bash|shell)(?:[=,:][^\\]\\s]{0,40})?\\]|\\{(?:code|noformat|quote|panel)(?:[:|][^}\\n]{0,80})?\\}|</?(?:pre|code|details|summary|blockquote|div|p|span|br|tt|samp|kbd)(?: [\\w-]+="[^"\\n]{0,200}")* ?/?>)';
const openingTags = new RegExp(`^(?:[ \\t]*${tag})+`, 'i');
const closingTags = new RegExp(`${tag}[ \\t]*$`, 'i');

/** `[code]`, `{noformat}`, `<pre>`: as forums, Jira and web pages mark what was pasted. */
function tags(line: string): Parts {
  if (line.length > longest) return [];
  const head = openingTags.exec(line)?.[0].length ?? 0;
  let end = line.length;
  for (
    let found = closingTags.exec(line);
    found !== null && end > head;
    found = closingTags.exec(line.slice(head, end))
  )
    end = head + (end === line.length ? found.index - head : found.index);
  return [
    [0, head],
    [Math.max(end, head), line.length],
  ];
}

/** What a fence may say of the code below it: the language, and what some sites add. */
const aboutCode = /^[\w+#.-]{0,30}(?:[ \t]+(?:\w{1,20}|\{[^}]*\}|[\w-]+="[^"]*"))?[ \t]*$/;

/** Fences on the line of what they hold, as people write them who paste in haste: no Markdown, but the text is there. */
function fences(line: string): Parts {
  if (line.length > longest) return [];
  const mark = /^[ \t]*```[ \t]*/.exec(line)?.[0].length ?? 0;
  const behind = line.slice(mark);
  const [first = ''] = behind.split(/[ \t]/, 1);
  const head = mark > 0 && (!aboutCode.test(behind) || isTool(first)) ? mark : 0;
  if (mark > 0 && head === 0) return [];
  const tail = /[^\s`][ \t]*(```[ \t]*)$/.exec(line.slice(head))?.[1]?.length ?? 0;
  return [
    [0, head],
    [line.length - tail, line.length],
  ];
}

/** Prompts in bold type or behind a bullet, and lines in backticks. */
function emphasis(line: string): Parts {
  if (line.length > longest) return [];
  const ticked = /^([ \t]*)`([^`]*)`([ \t]*)$/.exec(line);
  if (ticked !== null) {
    const close = (ticked[1] ?? '').length + 1 + (ticked[2] ?? '').length;
    return [
      [0, (ticked[1] ?? '').length + 1],
      [close, line.length],
    ];
  }
  const marks = /^[ \t]*(?:[-*•] +(\*\*|__|[*_])?|(\*\*|__|[*_]))/.exec(line);
  const head = marks?.[0].length ?? 0;
  if (marks === null || promptLine(line.slice(head))?.strength !== 'strong') return [];
  const mark = marks[1] ?? marks[2] ?? '';
  const trimmed = line.trimEnd();
  const end = mark !== '' && trimmed.endsWith(mark) ? trimmed.length - mark.length : line.length;
  return [
    [0, head],
    [end, line.length],
  ];
}

/** Shorter runs are chance. */
const fewest = 5;
const prefix =
  /^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?[ \t]|\[?\d\d:\d\d:\d\d(?:\.\d{1,6})?\]?[ \t]|([A-Za-z][\w.-]{0,80}):(?! ))/;

/** The file's name of grep(1), the time that ts(1) or a terminal's log puts first: only where all lines have it and what is behind it reads better. */
export function prefixes(text: string, formats: readonly Format[]): readonly Stretch[] {
  const rows = rowsOf(text.endsWith('\n') ? text.slice(0, -1) : text).filter((row) => row.text.trim() !== '');
  if (rows.length < fewest) return [];
  const found = rows.map((row) => prefix.exec(row.text.slice(0, 200)));
  const [first] = found;
  // With two machines in turn the lines of one would be taken for the other's.
  if (first === undefined || first === null || found.some((one) => one === null || one[1] !== first[1])) return [];
  const sample = rows.slice(0, 60).map((row, at) => [row.text, row.text.slice(found[at]?.[0].length ?? 0)] as const);
  const fits = (line: string) => isPromptLine(line) || formats.some((format) => format.line(line) === 'opens');
  const dressed = sample.filter(([whole]) => fits(whole)).length;
  const bare = sample.filter(([, behind]) => fits(behind)).length;
  if (bare <= dressed) return [];
  return rows.map(({ start }, at) => ({ start, end: start + (found[at]?.[0].length ?? 0) }));
}

const bullet = /^[ \t]{0,8}[-*+•–] /;

/** The same bullet before every line, prompts among them: a list that was made of what somebody pasted. */
export function bullets(text: string): readonly Stretch[] {
  const rows = rowsOf(text).filter((row) => row.text.trim() !== '');
  const found = rows.map((row) => bullet.exec(row.text));
  const [first] = found;
  if (rows.length < fewest || !first || found.some((one) => one === null || one[0] !== first[0])) return [];
  const behind = rows.map((row) => row.text.slice(first[0].length));
  if (!behind.some((line) => promptLine(line)?.strength === 'strong')) return [];
  return rows.map(({ start }) => ({ start, end: start + first[0].length }));
}

/** Every line in quotes, as a sheet is saved with its cells. */
export function quotedLines(text: string): readonly Stretch[] {
  const rows = rowsOf(text.endsWith('\n') ? text.slice(0, -1) : text);
  if (rows.length < fewest || !rows.every((row) => /^"(?:[^"]|"")*"$/.test(row.text))) return [];
  return rows.flatMap(({ start, text: line }) => [
    { start, end: start + 1 },
    ...[...line.slice(1, -1).matchAll(/""/g)].map(({ index }) => ({
      start: start + index + 1,
      end: start + index + 2,
    })),
    { start: start + line.length - 1, end: start + line.length },
  ]);
}

/** Whether the first lines are all in quotes or backticks, so that what is cut from them is cut from their dress. */
export function isWrapped(text: string): boolean {
  if (!/^["`]/.test(text)) return false;
  const lines = text
    .slice(0, 4000)
    .split('\n', 4)
    .filter((line) => line !== '');
  return lines.length >= 3 && lines.slice(0, 3).every((line) => /^(["`]).*\1$/.test(line));
}
