/** The words after the address columns of an `iptables -L` line, read from left to right. */
export interface ListingCursor {
  /** The word `ahead` places on, without taking it; null past the end. */
  peek(ahead?: number): string | null;
  /** Takes the next word; null at the end. */
  take(): string | null;
  /** Takes these words if exactly they come next. */
  accept(...words: readonly string[]): boolean;
  /** Takes the next word if it begins with the prefix and returns what follows it. */
  acceptPrefix(prefix: string): string | null;
  /** The blanks before the next word, as printed. */
  gap(): string;
  /** Takes everything up to the word (excluded), or to the end, as printed. */
  takeUntil(word: string): string;
  /** Everything that is left, as printed. */
  rest(): string;
  /** Place to return to. */
  readonly at: number;
  reset(at: number): void;
}

/** `gaps`: the blanks before each word; single ones where they are not given. */
export function listingCursor(words: readonly string[], gaps: readonly string[] = []): ListingCursor {
  let next = 0;
  const gap = (index: number) => gaps[index] ?? ' ';
  const text = (from: number, to: number) =>
    words.slice(from, to).reduce((sum, word, index) => (index === 0 ? word : sum + gap(from + index) + word), '');
  return {
    gap: () => gap(next),
    get at() {
      return next;
    },
    reset: (at) => {
      next = at;
    },
    peek: (ahead = 0) => words[next + ahead] ?? null,
    take: () => words[next++] ?? null,
    accept: (...wanted) => {
      if (!wanted.every((word, index) => words[next + index] === word)) return false;
      next += wanted.length;
      return true;
    },
    acceptPrefix: (prefix) => {
      const word = words[next];
      if (word === undefined || !word.startsWith(prefix)) return null;
      next++;
      return word.slice(prefix.length);
    },
    takeUntil: (word) => {
      const found = words.indexOf(word, next);
      const end = found < 0 ? words.length : found;
      const taken = text(next, end);
      next = end;
      return taken;
    },
    rest: () => {
      const left = text(next, words.length);
      next = words.length;
      return left;
    },
  };
}
