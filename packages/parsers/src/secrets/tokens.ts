/** Secrets with a shape of their own: JWTs (RFC 7519), bearer tokens (RFC 6750), k3s and bootstrap tokens, URL passwords (RFC 3986), AWS key ids. */
import { addSecret, isDone, type Search } from './secret.js';

/** Called with the offset of `eyJ`. */
export function findJwt(search: Search, at: number): void {
  if (isDone(search, 'jwt', at)) return;
  const { text } = search;
  let end = at;
  let dots = 0;
  while (
    end < text.length &&
    (isWordUnit(text.charCodeAt(end)) || (text[end] === '.' && isWordUnit(text.charCodeAt(end + 1))))
  ) {
    if (text[end] === '.') dots++;
    end++;
  }
  // Whatever begins inside this run has no more dots than the run itself, so it need not be scanned again.
  search.done.set('jwt', end);
  if (dots >= 2 && end - at >= 30) addSecret(search, at, end, 'token');
}

function isWordUnit(unit: number): boolean {
  return (
    (unit >= 48 && unit <= 57) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 97 && unit <= 122) ||
    unit === 95 ||
    unit === 45
  );
}

/** Called with the offset of `bearer` in any case. */
export function findBearer(search: Search, at: number): void {
  const { text } = search;
  if (text[at + 6] !== ' ') return;
  const from = at + 7;
  if (isDone(search, 'bearer', from)) return;
  let end = from;
  let digit = false;
  while (end < text.length && (isWordUnit(text.charCodeAt(end)) || '.~+/='.includes(text[end] ?? ' '))) {
    const unit = text.charCodeAt(end);
    digit ||= unit >= 48 && unit <= 57;
    end++;
  }
  search.done.set('bearer', end);
  const length = end - from;
  if (length >= 24 || (digit && length >= 8)) addSecret(search, from, end, 'bearer token');
}

/** Called with the offset of `K10`: `K10<hash of the authority>::server:<secret>` (k3s token(8) notes). */
export function findNodeToken(search: Search, at: number): void {
  const { text } = search;
  const head = /^K10[0-9a-f]{16,128}::/.exec(text.slice(at, at + 140));
  if (head === null) return;
  let end = at + head[0].length;
  while (end < text.length && !/[\s"'`,;<>]/.test(text[end] ?? ' ')) end++;
  addSecret(search, at, end, 'k3s token');
}

/** Called with the offset of `://`: the password between `user:` and `@`. */
export function findUrlPassword(search: Search, at: number): void {
  const { text } = search;
  const from = at + 3;
  let colon = -1;
  for (let end = from; end < text.length && end - from < 300; end++) {
    const unit = text[end];
    if (unit === '@') {
      if (colon >= 0) addSecret(search, colon + 1, end, 'password in a URL');
      return;
    }
    if (
      unit === undefined ||
      unit === '/' ||
      unit === ' ' ||
      unit === '\n' ||
      unit === '"' ||
      unit === "'" ||
      unit === '\t'
    )
      return;
    if (unit === ':' && colon < 0) colon = end;
  }
}

/** Called with the offset of `AKIA` or `ASIA`. */
export function findAwsKeyId(search: Search, at: number): void {
  const id = /^A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])/.exec(search.text.slice(at, at + 21));
  if (id !== null) addSecret(search, at, at + 20, 'AWS access key id');
}

/** `abcdef.0123456789abcdef`, only in texts that speak of tokens at all: the shape alone is not rare enough. */
export function findBootstrapTokens(search: Search): void {
  for (const match of search.text.matchAll(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g)) {
    if (/\d/.test(match[0].slice(7))) addSecret(search, match.index, match.index + 23, 'bootstrap token');
  }
}
