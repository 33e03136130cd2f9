/** The rules of one chain, kept as offsets and read when asked for: a rule costs a few bytes until somebody looks at it. */
import type { Counters, Rows, Rule } from '@coldtrace/core';
import { type RuleContext, type RuleReading, readRuleSpec } from './rule-spec.js';
import { splitWords } from './words.js';

/** What all chains of a table share. */
export interface RuleLines {
  /** Where the lines of the rules begin in `cx.source`. */
  readonly offsets: Int32Array;
  readonly cx: RuleContext;
  /** Where a word stands next: whoever asks goes through the rules in order, so that the text is searched once. */
  readonly found: Map<string, { readonly from: number; readonly at: number }>;
}

/** Rows of a chain: the rules of lines [from, to). Each row is read once. A dump has tens of thousands of chains, so they share one prototype. */
export function ruleRows(lines: RuleLines, from: number, to: number): Rows<Rule> {
  return new ChainRows(lines, from, to - from);
}

/** A class, against the house habit: its instances must share their methods and have one compact shape. */
class ChainRows implements Rows<Rule> {
  private made: (Rule | undefined)[] | null = null;

  constructor(
    private readonly lines: RuleLines,
    private readonly from: number,
    readonly length: number,
  ) {}

  at(index: number): Rule | undefined {
    const { from } = this;
    const { offsets, cx } = this.lines;
    const place = index < 0 ? index + this.length : index;
    if (place < 0 || place >= this.length) return undefined;
    this.made ??= [];
    const known = this.made[place];
    if (known !== undefined) return known;
    const offset = offsets[from + place] ?? 0;
    const { rules } = readAppendLine(offset, lineEnd(cx.source, offset), cx);
    const first = firstOfLine(offsets, from, from + place) - from;
    for (let rule = 0; rule < rules.length; rule++) this.made[first + rule] = rules[rule];
    return this.made[place];
  }

  isLike(other: Rows<Rule>): boolean {
    if (!(other instanceof ChainRows) || other.length !== this.length || this.length === 0) return false;
    const { family, variant, table } = other.lines.cx;
    const { cx } = this.lines;
    if (cx.family !== family || cx.variant !== variant || cx.table !== table) return false;
    return this.text() === other.text();
  }

  /** From the first rule to the last, with whatever stands between. */
  private text(): string {
    const { from, length } = this;
    const { offsets, cx } = this.lines;
    return cx.source.slice(offsets[from] ?? 0, lineEnd(cx.source, offsets[from + length - 1] ?? 0));
  }

  lacks(index: number, word: string, to = index + 1): boolean {
    if (index < 0 || to > this.length || to <= index) return false;
    const { from, lines } = this;
    const place = placeOfWord(lines, word, lines.offsets[from + index] ?? 0);
    const last = lines.offsets[from + to - 1] ?? 0;
    return place > last && (place === nowhere || place >= lineEnd(lines.cx.source, last));
  }
}

const nowhere = Number.POSITIVE_INFINITY;

function placeOfWord({ found, cx }: RuleLines, word: string, from: number): number {
  const known = found.get(word);
  if (known !== undefined && known.from <= from && from <= known.at) return known.at;
  const at = cx.source.indexOf(word, from);
  const place = at < 0 ? nowhere : at;
  found.set(word, { from, at: place });
  return place;
}

/** A line that makes several rules stands once for each of them. */
function firstOfLine(offsets: Int32Array, from: number, place: number): number {
  let first = place;
  while (first > from && offsets[first - 1] === offsets[place]) first--;
  return first;
}

export function lineEnd(source: string, offset: number): number {
  const feed = source.indexOf('\n', offset);
  return feed < 0 ? source.length : feed;
}

/** Reads `[12:3456] -A CHAIN …`; the caller has seen that it is such a line. */
export function readAppendLine(start: number, end: number, cx: RuleContext): RuleReading {
  const counters = readCounters(cx.source, start, end);
  const words = splitWords(cx.source, counters === null ? start : counters.end, end);
  const reading = readRuleSpec(words, 2, { file: cx.file, start, end }, { ...cx, chain: words.text[1] ?? null });
  if (counters === null) return reading;
  return { ...reading, rules: reading.rules.map((rule) => ({ ...rule, counters: counters.value })) };
}

/** `[packets:bytes]` at the beginning of a line. */
export function readCounters(
  source: string,
  start: number,
  end: number,
): { readonly value: Counters; readonly end: number } | null {
  if (source.charCodeAt(start) !== 91) return null;
  const colon = source.indexOf(':', start);
  const close = source.indexOf(']', start);
  if (colon < 0 || close < colon || close > end) return null;
  const packets = Number(source.slice(start + 1, colon));
  const bytes = Number(source.slice(colon + 1, close));
  if (!Number.isFinite(packets) || !Number.isFinite(bytes)) return null;
  return { value: { packets, bytes }, end: close + 1 };
}
