/** PEM private keys of any kind (RFC 7468, RFC 1421, OpenSSH): the body between the two boundary lines, also with `\n` escaped in JSON. */
import { addSecret, isDone, type Search } from './secret.js';

const opening = '-----BEGIN ';
const closing = '-----END';
/** Room for `ENCRYPTED PRIVATE KEY` and its like. */
const longestLabel = 40;
/** A key of 16384 bits with a logger's prefix on each line. */
const longestBody = 40_000;
const longestLine = 200;

/** Called with the offset of `PRIVATE` in any case. */
export function findPrivateKey(search: Search, at: number): void {
  const { text } = search;
  if (isDone(search, 'pem', at) || !text.startsWith('PRIVATE', at)) return;
  const before = text.slice(Math.max(0, at - longestLabel), at);
  const rest = text.slice(at, at + longestLabel).indexOf('-----');
  if (rest < 0) return;
  const begin = before.lastIndexOf(opening);
  const end = before.lastIndexOf(closing);
  if (begin > end) {
    const from = at + rest + 5;
    const to = bodyEnd(search, from);
    search.done.set('pem', to);
    addSecret(search, from, to, 'private key');
  } else if (end >= 0) {
    addSecret(search, bodyStart(search, at - before.length + end), at - before.length + end, 'private key');
    search.done.set('pem', at);
  }
}

/** The closing boundary when it comes before the next opening one; else as far as the characters could be a key's. */
function bodyEnd(search: Search, from: number): number {
  const { text } = search;
  const limit = Math.min(text.length, from + longestBody);
  const near = text.slice(from, limit);
  const open = near.indexOf(opening);
  const close = (open < 0 ? near : near.slice(0, open)).indexOf(closing);
  if (close >= 0 && /^-----END [A-Z0-9 ]{0,30}PRIVATE/.test(near.slice(close, close + 50))) return from + close;
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

/** Where the key begins whose closing boundary alone was captured: the lines of base64 before it. */
function bodyStart(search: Search, boundary: number): number {
  const { text } = search;
  const above = text.slice(Math.max(0, boundary - 8), boundary).lastIndexOf('\n');
  let start = above < 0 ? boundary : Math.max(0, boundary - 8) + above + 1;
  for (const least = Math.max(search.done.get('pem') ?? 0, boundary - longestBody); start > least; ) {
    const feed = text.slice(Math.max(0, start - longestLine), start - 1).lastIndexOf('\n');
    const line = Math.max(0, start - longestLine) + feed + 1;
    if (line < least || !/^[>+|\s]{0,20}[A-Za-z0-9+/=]{4,}\s{0,4}$/.test(text.slice(line, start))) break;
    start = line;
  }
  return start;
}
