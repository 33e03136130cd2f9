/** Comma-separated words of a fixed list, each of which may be abbreviated: what addrtype and conntrack read. iptables: extensions/libxt_addrtype.c. */
import { type Refusal, refuse, type ValueType } from '../extension.js';
import { pick, word } from '../value.js';

export type Words = readonly [string, ...string[]];

/** The words in the order of `printed`; `order` is the one in which an abbreviation is looked up. */
export function wordList<const Known extends Words>(
  name: string,
  printed: Known,
  order: readonly Known[number][] = printed,
): ValueType<readonly Known[number][]> {
  return word(
    name,
    (text) => readWordList(text, printed, order),
    (choose) => Array.from({ length: 1 + choose(3) }, () => pick<string>(choose, printed)).join(','),
  );
}

export function readWordList<const Known extends Words>(
  text: string,
  printed: Known,
  order: readonly Known[number][] = printed,
): readonly Known[number][] | Refusal {
  const chosen = new Set<string>();
  for (const part of text.split(',')) {
    const found = part === '' ? undefined : order.find((known) => known.startsWith(part.toUpperCase()));
    if (found === undefined) return refuse(`"${part}" is none of ${printed.join(', ')}`);
    chosen.add(found);
  }
  return printed.filter((known) => chosen.has(known));
}
