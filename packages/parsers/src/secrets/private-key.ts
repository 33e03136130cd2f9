/** PEM private keys of any kind (RFC 7468, RFC 1421, OpenSSH): the body between the two boundary lines, also with `\n` escaped in JSON. */
import { addSecret, isDone, type Search } from './secret.js';

const opening = '-----BEGIN ';
const closing = '-----END';
/** Room for `ENCRYPTED PRIVATE KEY` and its like. */
const longestLabel = 40;

/** Called with the offset of `PRIVATE`. */
export function findPrivateKey(search: Search, at: number): void {
  const { text } = search;
  if (isDone(search, 'pem', at) || !text.slice(Math.max(0, at - longestLabel), at).includes(opening)) return;
  const rest = text.slice(at, at + longestLabel).indexOf('-----');
  if (rest < 0) return;
  const from = at + rest + 5;
  const to = bodyEnd(search, from);
  search.done.set('pem', to);
  addSecret(search, from, to, 'private key');
}

/** The closing boundary when it comes before the next opening one; else as far as the characters could be a key's. */
function bodyEnd(search: Search, from: number): number {
  const { text } = search;
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 45 && (text.startsWith(closing, at) || text.startsWith(opening, at))) return at;
    // Base64, blanks, the escapes of JSON, and what RFC 1421 headers hold (`Proc-Type: 4,ENCRYPTED`).
    const fits =
      unit === 10 ||
      unit === 13 ||
      unit === 32 ||
      unit === 9 ||
      (unit >= 43 && unit <= 58) ||
      unit === 61 ||
      unit === 92;
    if (!fits && !(unit >= 65 && unit <= 90) && !(unit >= 97 && unit <= 122) && unit !== 95) return at;
  }
  return text.length;
}
