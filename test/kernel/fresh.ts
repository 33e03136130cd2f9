/**
 * What a fresh seed may find. It explores: what one run in a hundred draws would turn back a change that has nothing to do with it, and so each disagreement
 * is printed and stored, to be mended and kept. What guards is what is fixed: stored regressions, the first half of the cases (`seedsOf`), whose seeds are always the
 * same, and a seed that was given (`COLDTRACE_SEED`). They allow none. Of the fresh ones, two and more than one in `oneIn` answers are no rare case but a fault;
 * answers about one node share what is wrong with them, and so its seed counts once.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const oneIn = 500;

/** The share of answers that one run, of a few hundred or thousand, may leave open; over many runs it is a quarter of that. */
export const mostOpen = 0.02;

const given = process.env['COLDTRACE_SEED'];
const failures = fileURLToPath(new URL('failures/', import.meta.url));

/** Below this all seeds are fixed ones. */
const firstFresh = 1000;

/** The seed that was given, or a fresh one. */
export const freshSeed = Number(given ?? firstFresh + (Date.now() % 1_000_000));

/** One seed for each case. `kept`: seeds of past disagreements, which come first. */
export function seedsOf(cases: number, kept: readonly number[] = []): readonly number[] {
  const fixed = given === undefined ? Math.floor(cases / 2) : 0;
  return Array.from({ length: cases }, (_, at) => (at < fixed ? (kept[at] ?? at + 1) : freshSeed + at - fixed));
}

function isFresh(seed: number): boolean {
  return given === undefined && seed >= freshSeed && seed < freshSeed + 1000;
}

export interface Disagreement {
  readonly seed: number;
  readonly text: string;
}

/** Prints and stores what is wrong of `answered` answers, and gives back that by which the test is to fail. */
export function intolerable(name: string, wrong: readonly Disagreement[], answered: number): readonly string[] {
  if (wrong.length === 0) return [];
  const told = wrong.map(({ seed, text }) => `COLDTRACE_SEED=${seed}\n${text}`);
  const all = `${name}: ${wrong.length} of ${answered} answers are wrong\n${told.join('\n\n')}\n`;
  mkdirSync(failures, { recursive: true });
  appendFileSync(`${failures}${name}.txt`, all);
  console.warn(all.slice(0, 20_000));
  const seeds = new Set(wrong.map(({ seed }) => seed)).size;
  const isRare = seeds < 2 || seeds <= answered / oneIn;
  return isRare && wrong.every(({ seed }) => isFresh(seed)) ? [] : told.slice(0, 20);
}
