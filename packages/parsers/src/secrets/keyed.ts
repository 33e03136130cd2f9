/** Values whose key names them secret: kubeconfig fields, JSON members, environment variables, command-line flags, ini settings. */
import { addSecret, isDone, lineEnd, lineStart, type Search } from './secret.js';

/** Endings of a key without its dashes, underscores and dots, in lower case. */
const endings: readonly (readonly [string, string])[] = [
  ['clientkeydata', 'client key'],
  ['clientcertificatedata', 'client certificate'],
  ['token', 'token'],
  ['password', 'password'],
  ['passwd', 'password'],
  ['passphrase', 'password'],
  ['authpass', 'password'],
  ['secret', 'secret'],
  ['secretkey', 'secret key'],
  ['secretaccesskey', 'secret access key'],
  ['privatekey', 'private key'],
  ['presharedkey', 'preshared key'],
  ['authorization', 'authorization'],
  ['masterkey', 'TLS session key'],
  ['psk', 'TLS session key'],
];

/** Values that say only whether or where a secret is. */
const harmless: ReadonlySet<string> = new Set([
  'no',
  'yes',
  '',
  'true',
  'false',
  'null',
  '~',
  '{}',
  '[]',
  '<none>',
  '(hidden)',
  '<set',
  '<unset>',
]);

const longestKey = 64;

/** Called with an offset inside a word that may be such a key. */
export function findKeyed(search: Search, at: number): void {
  const { text } = search;
  const start = keyEdge(text, at, -1);
  const end = keyEdge(text, at, 1);
  const bare = text.slice(start, end).replace(/[-_.]/g, '').toLowerCase();
  const what = endings.find(([ending]) => bare.endsWith(ending))?.[1];
  if (what === undefined || isDone(search, 'keyed', end)) return;
  const value = valueStart(text, start, end);
  if (value >= 0) takeValue(search, start, value, what);
}

function keyEdge(text: string, at: number, step: 1 | -1): number {
  let edge = at;
  for (let count = 0; count < longestKey; count++) {
    const unit = text.charCodeAt(step > 0 ? edge : edge - 1);
    const inside =
      (unit >= 48 && unit <= 57) ||
      (unit >= 65 && unit <= 90) ||
      (unit >= 97 && unit <= 122) ||
      unit === 45 ||
      unit === 46 ||
      unit === 95;
    if (!inside) break;
    edge += step;
  }
  return edge;
}

/** Offset of the value of a key that ends at an offset; -1 when no separator follows. */
function valueStart(text: string, start: number, end: number): number {
  let at = end;
  while (text[at] === '\\') at++;
  const quoted = text[at] === '"' || text[at] === "'";
  if (quoted) at++;
  const blanks = at;
  while ((text[at] === ' ' || text[at] === '\t') && at - blanks < 40) at++;
  const separator = text[at];
  if (separator === '=') at++;
  else if (separator === ':') {
    at++;
    // `ns/my-secret:http` in a rule's comment is a Service's port, so an unquoted key needs a blank after its colon.
    if (!quoted && text[at] !== ' ' && text[at] !== '\t') return -1;
  } else if (!(text.startsWith('--', start) && at > blanks && separator !== '-')) return -1;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

function takeValue(search: Search, key: number, from: number, what: string): void {
  const { text } = search;
  let start = from;
  while (text[start] === '\\') start++;
  const quote = text[start];
  if (quote === '"' || quote === "'") {
    const escapes = start === from && quote === '"';
    let end = start + 1;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += escapes && text[end] === '\\' ? 2 : 1;
    end = Math.min(end, text.length);
    // In JSON inside a string the closing quote has backslashes before it.
    let last = end;
    while (last > start + 1 && text[last - 1] === '\\') last--;
    take(search, start + 1, last, end, what);
    return;
  }
  const block = /^[|>][-+\d]{0,2}[ \t\r]{0,8}\n/.exec(text.slice(start, start + 12));
  if (block !== null) {
    takeBlock(search, key, start + block[0].length - 1, what);
    return;
  }
  let end = start;
  const stop = what === 'authorization' ? /[\r\n"']/ : /[\s,;&"'`)}\]\\]/;
  while (end < text.length && !stop.test(text[end] ?? ' ')) end++;
  take(search, start, end, end, what);
}

function take(search: Search, start: number, end: number, done: number, what: string): void {
  search.done.set('keyed', done);
  if (!harmless.has(search.text.slice(start, Math.min(end, start + 16)).trim())) addSecret(search, start, end, what);
}

/** The lines of a block scalar: those indented deeper than the key's own line. */
function takeBlock(search: Search, key: number, eol: number, what: string): void {
  const { text } = search;
  const own = indentOf(text, lineStart(text, key));
  let end = eol;
  while (end < text.length) {
    const next = end + 1;
    const stop = lineEnd(text, next);
    if (stop > next && indentOf(text, next) <= own && text.slice(next, stop).trim() !== '') break;
    end = stop;
    if (stop >= text.length) break;
  }
  take(search, eol, end, end, what);
}

function indentOf(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ') at++;
  return at - start;
}
