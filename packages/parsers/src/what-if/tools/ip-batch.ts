/** `ip -batch FILE`: a command a line without the word `ip`; the first that fails ends it, unless `-force` stands there. ip(8), ip/ip.c do_batch(). */
import { done, type NetNs } from '@coldtrace/core';
import { type Call, type Result, unsupported } from '../call.js';
import type { ShellWord, Stretch } from '../shell/syntax.js';

/** One command, with the words of a line. */
export type RunLine = (ns: NetNs, call: Call) => Result;

export function runBatch(ns: NetNs, call: Call, input: Stretch, force: boolean, run: RunLine): Result {
  let now = ns;
  let failed: string | null = null;
  for (const line of linesIn(call.file.text, input)) {
    const words = wordsOf(call.file.text, line);
    if (words === null) return unsupported('quotes and backslashes in ip -batch', line);
    if (words.length === 0) continue;
    const result = run(now, { ...call, args: words, span: { file: call.file.id, ...line } });
    if (result.kind === 'done') now = result.value;
    else if (result.kind === 'open') return result;
    else if (result.kind === 'fault') return { ...result, at: result.at ?? line, left: now };
    else {
      now = result.left ?? now;
      failed ??= result.why;
      if (!force || isNeighbour(words[0]?.text ?? '')) break;
    }
  }
  return failed === null ? done(now) : { kind: 'refused', why: failed, left: now };
}

/** What the kernel refuses there ends the whole program: ip/ipneigh.c ipneigh_modify(). */
const isNeighbour = (object: string): boolean => 'neighbour'.startsWith(object) || 'neighbor'.startsWith(object);

/** The lines of a stretch without their comments. */
export function linesIn(text: string, { start, end }: Stretch): readonly Stretch[] {
  const lines: Stretch[] = [];
  for (let from = start; from < end; ) {
    const feed = text.indexOf('\n', from);
    const to = feed < 0 || feed > end ? end : feed;
    const sharp = text.slice(from, to).search(/(?:^|\s)#/);
    lines.push({ start: from, end: sharp < 0 ? to : from + sharp });
    from = to + 1;
  }
  return lines;
}

/** null: a shell or ip would have to take something away. */
function wordsOf(text: string, { start, end }: Stretch): readonly ShellWord[] | null {
  const line = text.slice(start, end);
  if (/["'\\]/.test(line)) return null;
  return [...line.matchAll(/\S+/g)].map((found) => {
    const stretch = { start: start + found.index, end: start + found.index + found[0].length };
    return { ...stretch, text: found[0], content: stretch, quoted: false };
  });
}
