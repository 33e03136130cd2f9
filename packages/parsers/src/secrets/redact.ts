/** Takes the secrets out of a text before anything else reads it; every offset, line and column stays where it was. */
import { findSecrets } from './find.js';
import type { Secret } from './secret.js';

/** The text with each secret replaced by as many `*` as it has UTF-16 units; line breaks stay. The text itself when there is none. */
export function redactSecrets(text: string, secrets: readonly Secret[] = findSecrets(text)): string {
  if (secrets.length === 0) return text;
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of secrets) {
    parts.push(text.slice(at, start), text.slice(start, end).replace(/[^\r\n]/g, '*'));
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
