/** Private keys that are not PEM: PEM once more in base64 (`tls.key`, `client-key-data`), and the numbers that `openssl pkey -text` prints. */
import { decodeBase64, latin1 } from '../certificates/base64.js';
import { addSecret, base64End, indentOf, isDone, lineEnd, type Search, wrappedEnd } from './secret.js';

/** Called with the offset of `LS0tLS1C` in any case: `-----B` in base64. */
export function findBase64Key(search: Search, at: number): void {
  const { text } = search;
  if (isDone(search, 'base64', at) || !text.startsWith('LS0tLS1C', at)) return;
  const end = wrappedEnd(text, at, base64End(text, at));
  search.done.set('base64', end);
  const digits = text.slice(at, end).replace(/[^A-Za-z0-9+/]/g, '');
  const octets = decodeBase64(digits.slice(0, digits.length - (digits.length % 4)));
  if (octets !== null && latin1(octets).includes('PRIVATE')) addSecret(search, at, end, 'private key');
}

/** Called with the offset of a heading such as `prime1:`: the lines of octets under it. */
export function findKeyNumbers(search: Search, at: number): void {
  const { text } = search;
  const heading = /^[a-z\d]+:[ \r]{0,4}\n/i.exec(text.slice(at, at + 40));
  if (heading === null) return;
  const eol = at + heading[0].length - 1;
  let end = eol;
  while (end < text.length) {
    const start = end + 1;
    const stop = lineEnd(text, start);
    const line = text.slice(start + indentOf(text, start), Math.min(stop, start + 200)).trimEnd();
    if (!/^(?:[0-9A-Fa-f]{2}:?){1,60}$/.test(line)) break;
    end = stop;
  }
  if (end > eol) addSecret(search, eol, end, 'private key');
}
