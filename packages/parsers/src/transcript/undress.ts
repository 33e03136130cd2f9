/** What pasting puts around outputs: `> ` of quotes, the indentation of code in Markdown, line numbers of web pages, entities of HTML, blanks that are none. */
import type { Format } from '../format.js';
import { type Reduced, type Stretch, takeOut } from '../text/removal.js';
import { bullets, lineDresses, prefixes, quotedLines } from './frames.js';
import { gutterNumbers } from './gutter.js';
import { namedLines, type Speaker } from './line-names.js';
import { isPromptLine } from './prompt-line.js';

/** The text without it; columns stay those of the user's file. The same object when there is nothing to take off. */
export function undress(
  given: Reduced,
  formats: readonly Format[],
): Reduced & { readonly speakers?: readonly Speaker[] } {
  let reduced = given;
  let speakers: readonly Speaker[] = [];
  if (reduced.text.startsWith('"')) reduced = takeOut(reduced, quotedLines(reduced.text));
  if (/^[ \t]*[-*+•–] /.test(reduced.text)) reduced = takeOut(reduced, bullets(reduced.text));
  for (const { sign, stretches } of lineDresses)
    if (sign.test(reduced.text)) reduced = takeOut(reduced, stretches(reduced.text));
  if (reduced.text.length < 1_000_000) {
    reduced = takeOut(reduced, prefixes(reduced.text, formats));
    const named = namedLines(reduced.text, formats);
    reduced = takeOut(reduced, named.stretches);
    speakers = named.speakers;
  }
  if (/^>/m.test(reduced.text)) reduced = takeOut(reduced, quoteMarks(reduced.text));
  if (/^(?: {2}|\t)\s*\S/m.test(reduced.text)) reduced = takeOut(reduced, blockIndents(reduced.text));
  if (/^[ \t]*\d/m.test(reduced.text)) reduced = takeOut(reduced, gutterNumbers(reduced.text, formats));
  if (odd.test(reduced.text)) {
    reduced = takeOut(reduced, oddCharacters(reduced.text));
  }
  return speakers.length === 0 ? reduced : { ...reduced, speakers };
}

const markRun = /(?:^>.*(?:\n|$))+/gm;
/** `curl -v` marks what it sends so. */
const sentByCurl =
  /^> (?:(?:GET|HEAD|POST|PUT|DELETE|PATCH|CONNECT|OPTIONS) \S{1,2000} HTTP\/|(?:Host|User-Agent|Accept):)/m;

/** `> ` and `>> ` at the beginning of lines, as Markdown and mail quote. */
function quoteMarks(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const run of text.matchAll(markRun)) {
    if (sentByCurl.test(run[0])) continue;
    for (const mark of run[0].matchAll(/^(?:> ?)+/gm)) {
      const start = run.index + mark.index;
      found.push({ start, end: start + mark[0].length });
    }
  }
  return found;
}

/** Lines that all begin with the same blanks, with a prompt among them: Markdown's way to show code, or a mail's. */
function blockIndents(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const run of text.matchAll(indentedRun)) {
    const lines = [...run[0].matchAll(/^[^\n]+/gm)].filter(([line]) => /\S/.test(line));
    if (lines.length === 0) continue;
    const indent = lines.map(([line]) => /^[ \t]*/.exec(line)?.[0] ?? '').reduce(commonHead);
    if (indent === '' || !lines.some(([line]) => isPromptLine(line.slice(indent.length)))) continue;
    for (const line of lines) {
      const start = run.index + line.index;
      found.push({ start, end: start + indent.length });
    }
  }
  return found;
}

const indentedRun = /(?:^(?: {2}|\t).*(?:\n|$)(?:[ \t]*\n)*)+/gm;

function commonHead(left: string, right: string): string {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return left.slice(0, length);
}

const entities: Readonly<Record<string, string>> = {
  '&gt;': '>',
  '&lt;': '<',
  '&amp;': '&',
  '&quot;': '"',
  '&apos;': "'",
  '&nbsp;': ' ',
  '\u00a0': ' ',
};

/** No-break and zero-width characters, and the entities of HTML. */
const odd =
  /\u00a0|\u200b|\u200c|\u200d|\u2060|\ufeff|&(?:gt|lt|amp|quot|apos|nbsp|#0{0,4}(?:3[2-9]|4[0-7]|6[0-4]|9[1-6]|12[3-6]|160)|#[xX]0{0,4}(?:2[0-9a-fA-F]|3[a-fA-F]|40|5[b-fB-F]|60|7[b-eB-E]|[aA]0));/;

function oddCharacters(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const match of text.matchAll(new RegExp(odd, 'g'))) {
    const put = entities[match[0]] ?? characterOf(match[0]);
    found.push({ start: match.index, end: match.index + match[0].length, put });
  }
  return found;
}

/** `&#39;` and `&#x27;` are an apostrophe; what has no number is nothing. */
function characterOf(entity: string): string {
  const number = /^&#(?:[xX]([0-9a-fA-F]+)|(\d+));$/.exec(entity);
  if (number === null) return '';
  const code = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
  return code === 160 ? ' ' : String.fromCharCode(code);
}
