/** A list of sentences, wrapped to the columns. */
import { printable, wrap } from '@coldtrace/core';

export function bullets(texts: readonly string[], columns: number): readonly string[] {
  return texts.flatMap((text) =>
    wrap(printable(text), columns - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`),
  );
}
