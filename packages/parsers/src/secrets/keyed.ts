/** Values whose key names them secret: kubeconfig fields, JSON members, environment variables, command-line flags, headers, ini settings. */
import { decodeBase64, latin1 } from '../certificates/base64.js';
import { addSecret, indentOf, isDone, lineEnd, lineStart, type Search, wrappedEnd } from './secret.js';
import { valueStart } from './separator.js';

/** Endings of a key without its dashes, underscores and dots, in lower case. */
const endings: readonly (readonly [string, string])[] = [
  ['clientkeydata', 'client key'],
  ['clientcertificatedata', 'client certificate'],
  ['token', 'token'],
  ['password', 'password'],
  ['passwd', 'password'],
  ['passphrase', 'password'],
  ['authpass', 'password'],
  ['requirepass', 'password'],
  ['secret', 'secret'],
  ['secretkey', 'secret key'],
  ['secretkeybase', 'secret key'],
  ['secretaccesskey', 'secret access key'],
  ['accesskey', 'access key'],
  ['apikey', 'API key'],
  ['privatekey', 'private key'],
  ['presharedkey', 'preshared key'],
  ['authorization', 'authorization'],
  ['masterkey', 'TLS session key'],
  ['psk', 'TLS session key'],
  ['credential', 'password'],
  ['credentials', 'password'],
  ['encryptionkey', 'encryption key'],
  ['accountkey', 'access key'],
  // kubeadm's, which opens the certificates that it uploads.
  ['certificatekey', 'certificate key'],
  ['authtok', 'password'],
];

/** Values that run to the end of their line. */
const headers: ReadonlySet<string> = new Set(['authorization', 'cookie']);

/** Values that say only whether or where a secret is. */
const harmless: ReadonlySet<string> = new Set([
  'no',
  'yes',
  '',
  'true',
  'false',
  'null',
  '~',
  '<none>',
  '(hidden',
  '(none',
  '<set',
  '<unset>',
  'none',
]);

const longestKey = 64;

/** Called with an offset inside a word that may be such a key. */
export function findKeyed(search: Search, at: number): void {
  const { text } = search;
  search.tokens ||= text.slice(at, at + 5).toLowerCase() === 'token';
  const start = text[at] === '"' ? at + 1 : keyEdge(text, at, -1);
  let end = keyEdge(text, Math.max(start, at), 1);
  // `wg` prints `private key:` in two words.
  const second = /^ key(?=:)/.exec(text.slice(end, end + 5));
  if (second !== null) end += 4;
  const what = kindOf(text.slice(start, end));
  if (what === undefined || isDone(search, 'keyed', end)) return;
  takeAbove(search, start, what);
  const value = what === 'auth' ? authStart(text, start, end) : valueStart(text, start, end, what);
  if (value < 0) return;
  // The shell's working directory.
  if (text[value] === '/' && text.slice(start, end).toLowerCase() === 'pwd') return;
  if (what === 'auth') takeAuth(search, value);
  else takeValue(search, start, value, what);
}

function kindOf(key: string): string | undefined {
  const bare = key.replace(/[-_. ]/g, '').toLowerCase();
  if (bare === 'auth') return 'auth';
  if (bare === 'pass' || bare === 'pwd') return 'password';
  if (bare === 'cookie' || bare === 'setcookie') return 'cookie';
  const ending = endings.find(([one]) => bare.endsWith(one))?.[1];
  return ending ?? (/[-_]pass$/i.test(key) ? 'password' : undefined);
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

/** `"auth": "dXNlcjpwYXNz"` of a registry, in JSON and YAML; other things have this name too. */
function authStart(text: string, start: number, end: number): number {
  const value = valueStart(text, start, end, 'auth');
  return value >= 0 && text.slice(end, value).includes(':') ? value : -1;
}

function takeAuth(search: Search, from: number): void {
  const { text } = search;
  // In a registry's configuration it is one whatever is written there.
  if (text.slice(Math.max(0, from - 1000), from).includes('"auths"')) {
    takeValue(search, from, from, 'password');
    return;
  }
  const match = /^\\{0,8}["']?([A-Za-z0-9+/]{6,2000}={0,2})/.exec(text.slice(from, from + 2012));
  const octets = match?.[1] === undefined ? null : decodeBase64(match[1]);
  if (match?.[1] === undefined || octets === null || !/^[ -~]+:[ -~]*$/.test(latin1(octets))) return;
  const end = from + match[0].length;
  take(search, end - match[1].length, end, end, 'password');
}

function takeValue(search: Search, key: number, from: number, what: string): void {
  const { text } = search;
  // A tag or an anchor of YAML before the value.
  let start = from + (/^[!&][^\s"']{0,60}[ \t]{1,8}/.exec(text.slice(from, from + 70))?.[0].length ?? 0);
  while (text[start] === '\\') start++;
  const quote = text[start];
  // A mapping or a list has keys of its own.
  if (quote === '{' || quote === '[') return;
  if (quote === '"' || quote === "'") {
    const escapes = start === from && quote === '"';
    let end = start + 1;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += escapes && text[end] === '\\' ? 2 : 1;
    end = Math.min(end, text.length);
    if (text[end] === '\n') end = folded(text, end, quote);
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
  if (text[start] === '\n' || text[start] === '\r') {
    takeBelow(search, key, start, what);
    return;
  }
  let end = start;
  const stop = headers.has(what) ? /[\r\n"']/ : /[\s,;&"'`)}\]\\]/;
  while (end < text.length && !stop.test(text[end] ?? ' ')) end++;
  const last = headers.has(what) ? end : wrappedEnd(text, start, end);
  take(search, start, last, last, what);
}

/** `- value: …` above `name: DB_PASSWORD`: members of an object stand in any order. */
function takeAbove(search: Search, name: number, what: string): void {
  const { text } = search;
  if (!/\bname["']?\s{0,4}:\s{0,4}["']?$/.test(text.slice(Math.max(0, name - 20), name))) return;
  const from = Math.max(0, name - 600);
  const found =
    /(?:^|[\s{,])["']?value["']?\s{0,4}:\s{0,4}(?:"([^"\n]{1,400})"|'([^'\n]{1,400})'|([^\s"',{}][^\n,{}]{0,400}?)),?\s{1,40}["']?name["']?\s{0,4}:\s{0,4}["']?$/.exec(
      text.slice(from, name),
    );
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  if (found === null || value === undefined || harmless.has(value)) return;
  const start = from + found.index + found[0].lastIndexOf(value);
  addSecret(search, start, start + value.length, what);
}

/** Where a quoted value ends that YAML carries on on the indented lines after it; a quote that stays open ends with its line. */
function folded(text: string, eol: number, quote: string): number {
  if (text[eol + 1] !== ' ') return eol;
  const length = text.slice(eol, eol + 4000).indexOf(quote);
  return length < 0 ? eol : eol + length;
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

/** A value on the line under its key, deeper and one word alone: what is a mapping or a list there has its own keys. */
function takeBelow(search: Search, key: number, at: number, what: string): void {
  const { text } = search;
  const feed = text[at] === '\r' ? at + 1 : at;
  if (text[feed] !== '\n') return;
  const below = feed + 1;
  const next = below + gutterAt(text, below);
  const indent = indentOf(text, next);
  if (next === below && indent <= indentOf(text, lineStart(text, key))) return;
  const word = /^["']?([^\s"':]{4,})["']?\s{0,4}(?:\n|$)/.exec(text.slice(next + indent, next + indent + 20_000))?.[1];
  if (word === undefined) return;
  const start = text.indexOf(word, next + indent);
  const end = wrappedEnd(text, start, start + word.length);
  take(search, start, end, end, what);
}

/** Length of line numbers that a page or a listing put before a value: on lines of their own, and on its line. */
function gutterAt(text: string, at: number): number {
  const numbers = /^(?:[ \t]{0,8}\d{1,5}[ \t\r]{0,8}\n){0,3}(?:[ \t]{0,8}\d{1,5}(?:[|:.)]|(?=[ \t])))?/.exec(
    text.slice(at, at + 100),
  );
  return numbers?.[0].length ?? 0;
}
