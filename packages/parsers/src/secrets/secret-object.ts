/** The values under `data` and `stringData` of Kubernetes Secret objects, in YAML, indented JSON and JSON on one line. */
import { addSecret, isDone, lineEnd, lineStart, type Search } from './secret.js';

const what = 'value of a Secret';
const deepest = 400;

/** Called with the offset of `secret` in any case; takes effect only for `Secret` after `kind:`. */
export function findSecretObject(search: Search, word: number): void {
  const { text } = search;
  if (text[word] !== 'S' || /[\w.-]/.test(text[word + 6] ?? ' ')) return;
  const before = text.slice(Math.max(0, word - 24), word);
  const kind = /(\\*["']?)kind\1\s{0,4}:\s{0,4}\\*["']?$/.exec(before);
  if (kind === null) return;
  const key = word - kind[0].length;
  let start = key;
  while (start > 0 && key - start < deepest && (text[start - 1] === ' ' || text[start - 1] === '-')) start--;
  if (start === 0 || text[start - 1] === '\n') indented(search, start, key - start);
  else onOneLine(search, key);
}

/** YAML or indented JSON: the object is the run of lines that are indented at least as far as its `kind`. */
function indented(search: Search, kindLine: number, column: number): void {
  const { text } = search;
  if (isDone(search, `object ${column}`, kindLine)) return;
  let first = kindLine;
  while (first > 0 && !startsItem(text, first, column)) {
    const above = lineStart(text, first - 1);
    if (!belongs(text, above, column)) break;
    first = above;
  }
  let inData = startsData(text, first, column);
  if (inData) takeFlow(search, first);
  let at = lineEnd(text, first) + 1;
  for (; at <= text.length; at = lineEnd(text, at) + 1) {
    if (at === text.length || !belongs(text, at, column) || startsItem(text, at, column)) break;
    const shallow = indentOf(text, at) === column && lineEnd(text, at) > at + column;
    if (shallow) {
      inData = startsData(text, at, column);
      if (inData) takeFlow(search, at);
    } else if (inData) takeLine(search, at);
  }
  search.done.set(`object ${column}`, at);
}

/** A blank line, or one indented as far as the object's keys; its first line may hold the `- ` of a list. */
function belongs(text: string, start: number, column: number): boolean {
  const indent = indentOf(text, start);
  return indent >= column || text[start + indent] === '\n' || startsItem(text, start, column);
}

function startsItem(text: string, start: number, column: number): boolean {
  const indent = indentOf(text, start);
  return column >= 2 && indent === column - 2 && text.startsWith('- ', start + indent);
}

function startsData(text: string, start: number, column: number): boolean {
  return /^["']?(?:data|stringData)["']?\s*:/.test(text.slice(start + column, start + column + 24));
}

/** `data: {a: b}` on the key's own line. */
function takeFlow(search: Search, start: number): void {
  const end = lineEnd(search.text, start);
  const brace = search.text.indexOf('{', start);
  if (brace >= 0 && brace < end) addSecret(search, brace + 1, trimBrace(search.text, brace + 1, end), what);
}

function trimBrace(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && /[}\s,]/.test(text[at - 1] ?? '')) at--;
  return at;
}

/** The value of `key: value`, or a whole line of a block scalar. */
function takeLine(search: Search, start: number): void {
  const { text } = search;
  const end = lineEnd(text, start);
  const from = start + indentOf(text, start);
  const colon = text.indexOf(': ', from);
  const keyed =
    colon >= 0 && colon < end && /^["']?[-\w.]{1,253}["']?$/.test(text.slice(from, Math.min(colon, from + 256)));
  if (!keyed && (text[end - 1] === ':' || /^[}\]],?$/.test(text.slice(from, Math.min(end, from + 4))))) return;
  const value = keyed ? colon + 2 : from;
  const bare = text.slice(value, Math.min(end, value + 3)).trim();
  if (bare !== '|' && bare !== '|-' && bare !== '>' && bare !== '>-' && bare !== '""')
    addSecret(search, value, end, what);
}

function indentOf(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ') at++;
  return at - start;
}

/** JSON without line breaks (`last-applied-configuration`, `-o json | jq -c`): the nearest braces around `kind`. */
function onOneLine(search: Search, key: number): void {
  const { text } = search;
  if (isDone(search, 'json', key)) return;
  const open = openingBrace(search, key);
  const close = closingBrace(search, open < 0 ? key : open + 1);
  const object = text.slice(Math.max(open, 0), close);
  const base = Math.max(open, 0);
  search.done.set('json', close);
  for (const match of object.matchAll(/"(?:data|stringData)\\*"\s{0,4}:\s{0,4}\{/g)) {
    const from = base + match.index + match[0].length;
    const end = text.indexOf('}', from);
    addSecret(search, from, end < 0 ? close : end, what);
  }
}

function openingBrace(search: Search, from: number): number {
  let depth = 0;
  for (let at = from - 1; at >= 0; at--) {
    if (search.budget-- <= 0) return -1;
    const unit = search.text.charCodeAt(at);
    if (unit === 125) depth++;
    else if (unit === 123 && depth-- === 0) return at;
  }
  return -1;
}

function closingBrace(search: Search, from: number): number {
  let depth = 0;
  for (let at = from; at < search.text.length; at++) {
    if (search.budget-- <= 0) return at;
    const unit = search.text.charCodeAt(at);
    if (unit === 123) depth++;
    else if (unit === 125 && depth-- === 0) return at;
  }
  return search.text.length;
}
