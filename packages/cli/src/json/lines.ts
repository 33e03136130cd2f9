/** Lines of a stream of bytes, with a bound on how long one may be. https://jsonlines.org */

/** One line without its end; null in place of one that is too long to be read. */
export type Line = string | null;

export const longestLine = 1024 * 1024;

/** The lines that each piece of the stream completes, one list per piece; blank lines too, so that they can be counted. */
export async function* linesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly Line[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let skipping = false;
  for await (const piece of stream) {
    const text = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    const lines: Line[] = [];
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      lines.push(skipping || rest.length + end - start > longestLine ? null : rest + text.slice(start, end));
      rest = '';
      skipping = false;
      start = end + 1;
    }
    if (!skipping) rest += text.slice(start);
    if (rest.length > longestLine) {
      skipping = true;
      rest = '';
    }
    yield lines;
  }
  rest += decoder.decode();
  if (skipping || rest !== '') yield [skipping ? null : rest];
}
