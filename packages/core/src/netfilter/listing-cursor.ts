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
  /** The last place that anybody has looked at since `watch`; -1: none. */
  readonly reached: number;
  watch(): void;
}

/** `gaps`: the blanks before each word; single ones where they are not given. */
export function listingCursor(words: readonly string[], gaps: readonly string[] = []): ListingCursor {
  let next = 0;
  let reached = -1;
  const gap = (index: number) => gaps[index] ?? ' ';
  const look = (index: number) => {
    if (index > reached) reached = index;
    return words[index];
  };
  /** Takes the words up to `end`, as printed. */
  const takeTo = (end: number) => {
    reached = words.length;
    let text = words[next] ?? '';
    for (let index = next + 1; index < end; index++) text += gap(index) + words[index];
    const taken = next < end ? text : '';
    next = Math.max(next, end);
    return taken;
  };
  return {
    get at() {
      return next;
    },
    get reached() {
      return reached;
    },
    watch: () => {
      reached = -1;
    },
    reset: (at) => {
      next = at;
    },
    gap: () => gap(next),
    peek: (ahead = 0) => look(next + ahead) ?? null,
    take: () => look(next++) ?? null,
    accept: (...wanted) => {
      if (!wanted.every((word, index) => look(next + index) === word)) return false;
      next += wanted.length;
      return true;
    },
    acceptPrefix: (prefix) => {
      const word = look(next);
      if (word === undefined || !word.startsWith(prefix)) return null;
      next++;
      return word.slice(prefix.length);
    },
    takeUntil: (word) => {
      const found = words.indexOf(word, next);
      return takeTo(found < 0 ? words.length : found);
    },
    rest: () => takeTo(words.length),
  };
}
