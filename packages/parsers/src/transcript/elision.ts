/** Lines that say that others were left out where somebody trimmed an output: `...`, `[…]`, `<snip>`, `-- 200 lines omitted --`. No tool prints them. */
import type { Span } from '@coldtrace/core';
import { type Format, type Section, spanOf } from '../format.js';

const dots = /^\s*(?:[#;*|]|\/\/)?\s*[[({<【（]{0,3}\s*(?:\.{3,}|…|⋮|︙|(?:\. ){2,}\.)(?:[^=:/]{0,70})$/;

const scissors = /^[\s-]{0,60}(?:8<|>8|✂)[\s-]{0,60}$/;

const enclosed = /^\s*(?:[-=~*_#.…[({<【（✂]\s*){1,12}([^\][(){}<>=/]{1,60}?)\s*(?:[-=~*_#.…\])}>】）✂]\s*){1,12}$/;

/** What people write there, in the languages that tickets are written in. */
const word =
  /(?:^|[\s\d])(?:snip|snipp?ed|snap|cut|cut here|omitted|truncated|skipp(?:ed|ing)|removed|elided|trimmed|abridged|shortened|left out|more|etc|gekürzt|ausgelassen|abgeschnitten|weggelassen|recortad[oa]s?|omitid[oa]s?|cortad[oa]s?|truncad[oa]s?|tronquée?s?|coupée?s?|omis(?:es?)?|omess[oaie]|tagliat[oaie]|вырезано|пропущено|обрезано|сокращено|опущено|pominięt[oe]|ucięt[oe]|wycięt[oe]|obcięt[oe]|kısaltıldı|atlandı|kesildi|محذوف|مقتطع|تم الحذف)(?=$|[\s.,:!…])|省略|截断|略|생략/i;

/** Judged by the line alone; its first character tells for nearly all. */
export function isElision(line: string): boolean {
  if (line.length > 120 || !/^\s*[-.…⋮︙[({<【（#;*|/=~_✂]/.test(line)) return false;
  if (dots.test(line) || scissors.test(line)) return true;
  const said = enclosed.exec(line)?.[1];
  return said !== undefined && word.test(said);
}

/** In YAML three dots end a document; formats that are read as one value say themselves what they miss. */
export function mayBeTrimmed(format: Format): boolean {
  return format.whole === undefined;
}

const hint = /\.\.\.|\. \. \.|[…⋮︙✂]|--|==|~~|\*\*|[<[({【（]/;

/** The section with such lines blanked, for a parser to read around them, and where they stand. */
export function withoutElisions(section: Section): { readonly section: Section; readonly left: readonly Span[] } {
  const { file, start, end } = section;
  const left: Span[] = [];
  if (!mayHold(section)) return { section, left };
  let text = file.text.slice(0, start);
  for (let at = start; at < end; ) {
    const feed = file.text.indexOf('\n', at);
    const stop = feed < 0 || feed > end ? end : feed;
    const line = file.text.slice(at, stop);
    const elided = isElision(line);
    if (elided) left.push(spanOf(section, at, stop));
    text += elided ? ' '.repeat(line.length) : line;
    if (stop < end) text += '\n';
    at = stop + 1;
  }
  if (left.length === 0) return { section, left };
  return { section: { ...section, file: { ...file, text: text + file.text.slice(end) } }, left };
}

/** Most dumps are big and whole: only what was pasted is looked at line by line, in others the dots tell. */
function mayHold({ file, start, end, freeForm }: Section): boolean {
  if (freeForm) return hint.test(file.text.slice(start, end));
  for (const dots of ['\n...', '\n…', '\n[...', '\n<snip']) {
    if (file.text.startsWith(dots.slice(1), start)) return true;
    const at = file.text.indexOf(dots, Math.max(0, start - 1));
    if (at >= 0 && at < end) return true;
  }
  return false;
}
