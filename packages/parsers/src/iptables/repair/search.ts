/**
 * Reads a pasted rule that does not read as it stands: tries what its words may have been, one place after another, and takes the result only when
 * exactly one reading is completely understood. A wrong repair is worse than none.
 */
import { printRule, type Rule, type Span } from '@coldtrace/core';
import { type RuleContext, type RuleProblem, type RuleReading, readRuleSpec } from '../rule-spec.js';
import { candidatesFor, type Doubt, doubtsIn, type Edit, type Scene } from './candidates.js';
import type { Mend, PastedWords } from './mend.js';

export type Outcome =
  | { readonly kind: 'sound'; readonly reading: RuleReading }
  | { readonly kind: 'mended'; readonly reading: RuleReading; readonly mends: readonly Mend[] }
  | { readonly kind: 'ambiguous'; readonly reading: RuleReading; readonly prints: readonly string[] }
  | { readonly kind: 'unread'; readonly reading: RuleReading };

/** No real rule is longer; no real paste damages more places of one rule. */
const mostWords = 300;
const mostReadings = 80;
const mostMends = 12;

interface Found {
  readonly print: string;
  readonly reading: RuleReading;
  readonly mends: readonly Mend[];
}

interface Search {
  readonly scene: Omit<Scene, 'words'>;
  readonly span: Span;
  readonly cx: RuleContext;
  left: number;
}

export function readPasted(scene: Scene, span: Span, cx: RuleContext): Outcome {
  const reading = readRuleSpec(scene.words, scene.from, span, cx);
  if (scene.words.text.length > mostWords) return { kind: reading.modelled ? 'sound' : 'unread', reading };
  const places = placesOf(scene, reading);
  if (places.length === 0) return { kind: reading.modelled ? 'sound' : 'unread', reading };
  const search: Search = { scene, span, cx, left: mostReadings };
  const found = distinct(mendedReadings(search, scene.words, places, []));
  const [only] = found;
  if (only !== undefined && found.length === 1 && search.left > 0) {
    return { kind: 'mended', reading: only.reading, mends: only.mends };
  }
  if (reading.modelled && found.length === 0) return { kind: 'sound', reading };
  return found.length > 1
    ? { kind: 'ambiguous', reading, prints: found.map(({ print }) => print) }
    : { kind: 'unread', reading };
}

/** Where the reading stumbled, and where it should have; in the order of the words. */
function placesOf(scene: Scene, reading: RuleReading): readonly (RuleProblem | Doubt)[] {
  const doubts = doubtsIn(scene);
  if (reading.modelled) return doubts;
  return [...reading.problems, ...doubts].sort((left, right) => left.word - right.word);
}

function mendedReadings(
  search: Search,
  words: PastedWords,
  places: readonly (RuleProblem | Doubt)[],
  mends: readonly Mend[],
): readonly Found[] {
  if (mends.length >= mostMends) return [];
  const scene: Scene = { ...search.scene, words };
  for (const place of places) {
    const found = atPlace(search, scene, place, mends);
    if (found.length > 0 || search.left <= 0) return found;
  }
  return [];
}

function atPlace(search: Search, scene: Scene, place: RuleProblem | Doubt, mends: readonly Mend[]): readonly Found[] {
  for (const tier of candidatesFor(scene, place)) {
    const found = tier.flatMap((edit) => tryEdit(search, scene, edit, mends));
    if (found.length > 0) return found;
  }
  return [];
}

function tryEdit(search: Search, scene: Scene, edit: Edit, mends: readonly Mend[]): readonly Found[] {
  if (search.left <= 0 || edit.from < scene.from) return [];
  search.left--;
  const { span, cx } = search;
  const words = applied(scene.words, edit);
  const after = [...mends, mendOf(scene.words, edit, cx.source)];
  const reading = readRuleSpec(words, scene.from, span, cx);
  const places = placesOf({ ...scene, words }, reading);
  const deeper = places.length === 0 ? [] : mendedReadings(search, words, places, after);
  if (deeper.length > 0 || !reading.modelled) return deeper;
  return [{ print: printOf(reading.rules, cx), reading, mends: after }];
}

function printOf(rules: readonly Rule[], { chain, family }: RuleContext): string {
  return rules.map((rule) => printRule(rule, chain ?? '', family, 'legacy')).join(' ');
}

/** One of each reading: the one that took the fewest repairs. */
function distinct(found: readonly Found[]): readonly Found[] {
  const byPrint = new Map<string, Found>();
  for (const one of found) {
    const known = byPrint.get(one.print);
    if (known === undefined || one.mends.length < known.mends.length) byPrint.set(one.print, one);
  }
  const kept = [...byPrint.values()];
  return kept.filter((one) => !kept.some((other) => other !== one && isPartOf(other.mends, one.mends)));
}

/** The other reading makes do with some of the same repairs: the rest of them is needless. */
function isPartOf(some: readonly Mend[], all: readonly Mend[]): boolean {
  if (some.length >= all.length) return false;
  return some.every((mend) =>
    all.some(({ start, read, code }) => start === mend.start && read === mend.read && code === mend.code),
  );
}

function applied(words: PastedWords, { from, count, put }: Edit): PastedWords {
  const start = words.start[from] ?? 0;
  const end = words.end[from + count - 1] ?? start;
  const into = <T>(list: readonly T[], items: readonly T[]): T[] => [
    ...list.slice(0, from),
    ...items,
    ...list.slice(from + count),
  ];
  return {
    text: into(words.text, put),
    start: into(
      words.start,
      put.map(() => start),
    ),
    end: into(
      words.end,
      put.map(() => end),
    ),
    broken: into(
      words.broken,
      put.map((_, at) => at === 0 && words.broken[from] === true),
    ),
  };
}

function mendOf(words: PastedWords, { from, count, put, code }: Edit, source: string): Mend {
  const start = words.start[from] ?? 0;
  const end = words.end[from + count - 1] ?? start;
  return { code, start, end, was: source.slice(start, end).replace(/\n/g, ' ↵ '), read: put.join(' ') };
}
