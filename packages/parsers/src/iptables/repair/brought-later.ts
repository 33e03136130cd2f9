/** An option that stands before the `-m` (or `-p`) that brings it: the tools read from left to right and refuse it, people do not. iptables(8). */
import { findOption } from '../options.js';
import type { Edit, Scene } from './candidates.js';
import { loadedBefore } from './vocabulary.js';

const bringing: ReadonlySet<string> = new Set(['-m', '--match', '-p', '--protocol']);

/** The words with the first extension behind the place that has such an option put before it. */
export function broughtLater({ words, from, family }: Scene, at: number): readonly Edit[] {
  const { text } = words;
  const [, name] = /^--([a-z0-9-]{2,})$/i.exec(text[at] ?? '') ?? [];
  if (name === undefined) return [];
  for (let later = at + 1; later + 1 < text.length; later++) {
    if (!bringing.has(text[later] ?? '')) continue;
    const [def] = loadedBefore(text, later, later + 2, family);
    if (def === undefined || findOption(def, name.toLowerCase()) === undefined) continue;
    const negated = text[later - 1] === '!' && later - 1 > at;
    const start = text[at - 1] === '!' && at - 1 >= from ? at - 1 : at;
    const first = negated ? later - 1 : later;
    const put = [...text.slice(first, later + 2), ...text.slice(start, first)];
    return [{ from: start, count: later + 2 - start, put, code: 'repaired-order' }];
  }
  return [];
}
