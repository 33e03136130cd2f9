/** The values under `data` and `stringData` of Kubernetes Secret objects, in YAML, indented JSON and JSON on one line. */
import { closingBrace, openingBrace, quoteDepth } from './braces.js';
import { addSecret, indentOf, isDone, lineEnd, lineStart, type Search } from './secret.js';

const what = 'value of a Secret';
const deepest = 400;

/** Called with the offset of `secret` in any case; takes effect only for `Secret` and `SecretList` after `kind:`. */
export function findSecretObject(search: Search, word: number): void {
  const { text } = search;
  const list = text.startsWith('SecretList', word);
  if (text[word] !== 'S' || /[\w.-]/.test(text[word + (list ? 10 : 6)] ?? ' ')) return;
  const before = text.slice(Math.max(0, word - 24), word);
  const kind = /(\\*["']?)kind\1\s{0,4}:\s{0,4}\\*["']?$/.exec(before);
  if (kind === null) return;
  const key = word - kind[0].length;
  let start = key;
  while (start > 0 && key - start < deepest && /[ \t-]/.test(text[start - 1] ?? '')) start--;
  if (start === 0 || text[start - 1] === '\n') indented(search, start, key - start, list);
  else onOneLine(search, key);
}

/** Called with the offset of `secret`: what `kubectl get secret NAME` with a template that picks one value prints on the line after it. */
export function findSecretPrint(search: Search, at: number): void {
  const { text } = search;
  if (!/\sget\s$/.test(text.slice(Math.max(0, at - 5), at))) return;
  const near = text.slice(at, at + 1000);
  const feed = near.indexOf('\n');
  if (feed < 0 || !/(?:jsonpath|template)/.test(near.slice(0, feed))) return;
  const value = /^[^\s#$>]\S{3,}[ \r]{0,4}(?:\n|$)/.exec(text.slice(at + feed + 1, at + feed + 20_000));
  if (value === null || /[#$]$/.test(value[0].trim())) return;
  const from = at + feed + 1;
  addSecret(search, from, from + value[0].trimEnd().length, what);
}

/** YAML or indented JSON: the object is the run of lines that are indented at least as far as its `kind`. */
function indented(search: Search, kindLine: number, column: number, list: boolean): void {
  const { text } = search;
  if (isDone(search, `object ${column}`, kindLine)) return;
  let first = kindLine;
  while (first > 0 && !startsItem(text, first, column)) {
    const above = lineStart(text, first - 1);
    if (!belongs(text, above, column)) break;
    first = above;
  }
  // In a list the values stand deeper, in objects that do not name their kind.
  let data = dataColumn(text, first, column, list);
  if (data >= 0) takeFlow(search, first);
  let at = lineEnd(text, first) + 1;
  for (; at <= text.length; at = lineEnd(text, at) + 1) {
    if (at === text.length || !belongs(text, at, column) || startsItem(text, at, column)) break;
    const indent = indentOf(text, at);
    if (lineEnd(text, at) > at + indent && !(data >= 0 && indent > data)) {
      data = indent === column || list ? dataColumn(text, at, column, list) : data;
      if (data >= 0) takeFlow(search, at);
    } else if (data >= 0) takeLine(search, at);
  }
  search.done.set(`object ${column}`, at);
}

/** A blank line, or one indented as far as the object's keys; its first line may hold the `- ` of a list. */
function belongs(text: string, start: number, column: number): boolean {
  const indent = indentOf(text, start);
  return indent >= column || /[\r\n]/.test(text[start + indent] ?? ' ') || startsItem(text, start, column);
}

function startsItem(text: string, start: number, column: number): boolean {
  const indent = indentOf(text, start);
  return column >= 2 && indent === column - 2 && text.startsWith('- ', start + indent);
}

/** The column of `data:` when that is what a line begins with; -1 for other lines. */
function dataColumn(text: string, start: number, column: number, list: boolean): number {
  const from = list ? start + indentOf(text, start) : start + column;
  const item = text.startsWith('- ', from) ? 2 : 0;
  const at = from + (list ? item : 0);
  return /^["']?(?:data|stringData)["']?\s*:/.test(text.slice(at, at + 24)) ? at - start : -1;
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
    colon >= 0 && colon < end && /^["']?[-\w. ]{1,253}["']?$/.test(text.slice(from, Math.min(colon, from + 256)));
  if (!keyed && (text[end - 1] === ':' || /^[}\]],?$/.test(text.slice(from, Math.min(end, from + 4))))) return;
  const value = keyed ? colon + 2 : from;
  const bare = text.slice(value, Math.min(end, value + 3)).trim();
  if (bare !== '|' && bare !== '|-' && bare !== '>' && bare !== '>-' && bare !== '""')
    addSecret(search, value, end, what);
}

/** JSON without line breaks (`last-applied-configuration`, `-o json | jq -c`): the nearest braces around `kind`. */
function onOneLine(search: Search, key: number): void {
  const { text } = search;
  if (isDone(search, 'json', key)) return;
  const depth = quoteDepth(text, key);
  const open = openingBrace(search, key, depth);
  const close = closingBrace(search, open < 0 ? key : open + 1, depth);
  const object = text.slice(Math.max(open, 0), close);
  const base = Math.max(open, 0);
  search.done.set('json', close);
  for (const match of object.matchAll(/"(?:data|stringData)\\*"\s{0,4}:\s{0,4}\{/g)) {
    const from = base + match.index + match[0].length;
    addSecret(search, from, Math.min(closingBrace(search, from, depth), close), what);
  }
}
