/** The rules of one chain, kept as offsets and read when asked for: a rule costs a few bytes until somebody looks at it. */
import type { Counters, Rows, Rule } from '@coldtrace/core';
import { type RuleContext, type RuleReading, readRuleSpec } from './rule-spec.js';
import { splitWords } from './words.js';

/** Rows of a chain over the offsets of their lines in `cx.source`. Each row is read once. */
export function ruleRows(offsets: Int32Array, cx: RuleContext): Rows<Rule> {
  let made: (Rule | undefined)[] | null = null;
  return {
    length: offsets.length,
    at: (index) => {
      const place = index < 0 ? index + offsets.length : index;
      const offset = offsets[place];
      if (offset === undefined) return undefined;
      made ??= [];
      const known = made[place];
      if (known !== undefined) return known;
      const { rules } = readAppendLine(offset, lineEnd(cx.source, offset), cx);
      for (let rule = 0, first = firstOfLine(offsets, place); rule < rules.length; rule++)
        made[first + rule] = rules[rule];
      return made[place];
    },
  };
}

/** A line that makes several rules stands once for each of them. */
function firstOfLine(offsets: Int32Array, place: number): number {
  let first = place;
  while (first > 0 && offsets[first - 1] === offsets[place]) first--;
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
