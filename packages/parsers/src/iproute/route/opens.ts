/** Whether words begin a route: the parser's view, where the command is known to be `ip route`. */
import type { Word } from '../../text/words.js';
import { routeType } from './names.js';
import { destination } from './words.js';

/** Also true for a destination that is no address any more (redacted), so that its row is kept as text. */
export function opensRoute(words: readonly Word[]): boolean {
  const first = words[0]?.text ?? '';
  const second = words[1]?.text;
  if (second !== undefined && routeType(first) !== null) {
    return destination(second) !== null || looksRedacted(second);
  }
  if (destination(first) !== null) return second === undefined || !/^\d/.test(second);
  return looksRedacted(first) && (second === 'via' || second === 'dev' || second === 'proto' || second === 'nhid');
}

function looksRedacted(word: string): boolean {
  return word.length <= 64 && /^[^\s<>()]*[.:*][^\s<>()]*$/.test(word);
}
