/** Line numbers that were copied from a web page or a pager together with the text: on lines of their own, or before each line. */
import { lineStarts } from '@coldtrace/core';
import type { Format } from '../format.js';
import type { Stretch } from '../text/removal.js';
import { promptLine } from './prompt-line.js';

interface Numbered {
  readonly value: number;
  /** The number with what separates it from the text. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** Nothing else stands on the line. */
  readonly alone: boolean;
  readonly raw: string;
}

const number = /^[ \t]{0,8}(\d{1,4})(?:[ \t]?[|:.)][ \t]?|[ \t]{1,8}|$)/;

export function gutterNumbers(text: string, formats: readonly Format[]): readonly Stretch[] {
  const starts = lineStarts(text);
  const numbered: Numbered[] = [];
  for (let line = 0; line < starts.length; line++) {
    const start = starts[line] ?? 0;
    const next = starts[line + 1] ?? text.length + 1;
    const raw = text.slice(start, Math.min(next - 1, start + 2000)).trimEnd();
    const found = number.exec(raw);
    if (found === null) continue;
    const alone = found[0].length === raw.length && /\d$/.test(raw);
    numbered.push({ value: Number(found[1]), start, end: start + found[0].length, line, alone, raw });
  }
  const alone = chains(
    numbered.filter((one) => one.alone),
    3,
  );
  const before = chains(numbered, 1).filter((chain) => chain.some((one) => !one.alone) && isGutter(chain, formats));
  const taken = new Set<number>();
  const stretches: Stretch[] = [];
  for (const { start, end, line } of [...alone, ...before].flat()) {
    if (!taken.has(line)) stretches.push({ start, end });
    taken.add(line);
  }
  return stretches.sort((left, right) => left.start - right.start);
}

/** Numbers that count up by one with at most so many lines from one to the next; short chains are chance. */
function chains(numbered: readonly Numbered[], gap: number): readonly (readonly Numbered[])[] {
  const found: Numbered[][] = [];
  let chain: Numbered[] = [];
  for (const one of numbered) {
    const last = chain.at(-1);
    const follows = last !== undefined && one.value === last.value + 1 && one.line - last.line <= gap;
    if (!follows) {
      found.push(chain);
      chain = [];
    }
    chain.push(one);
  }
  found.push(chain);
  return found.filter((one) => one.length >= (one[0]?.value === 1 ? 3 : 5));
}

/** `1: lo:` and the numbers of `iptables -L --line-numbers` are part of the output: a gutter is what must go for the rest to be read. */
function isGutter(chain: readonly Numbered[], formats: readonly Format[]): boolean {
  const sample = chain.slice(0, 40);
  const fits = (line: string) =>
    promptLine(line)?.strength === 'strong' || formats.some((format) => format.line(line) === 'opens');
  const dressed = sample.filter((one) => fits(one.raw)).length;
  const bare = sample.filter((one) => fits(one.raw.slice(one.end - one.start))).length;
  return bare > dressed;
}
