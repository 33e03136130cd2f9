/** Secrets with a shape of their own: JWTs (RFC 7519), bearer tokens (RFC 6750), k3s and bootstrap tokens, URL passwords (RFC 3986), hashes, IPsec keys. */
import { addSecret, isDone, type Search, wrappedEnd } from './secret.js';

/** Called with an offset inside a token, at its start or at the dot before its second part. */
export function findJwt(search: Search, at: number): void {
  if (isDone(search, 'jwt', at)) return;
  const { text } = search;
  let start = at;
  const least = Math.max(search.done.get('jwt') ?? 0, at - 4096);
  while (start > least && isWordUnit(text.charCodeAt(start - 1))) start--;
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
  if (!text.startsWith('eyJ', start) || end - start < 30) return;
  const whole = wrappedEnd(text, start, end);
  if (dots >= 2 || (dots === 1 && text.slice(start, end).includes('.eyJ'))) {
    addSecret(search, start, dots >= 2 && whole === end ? end : signatureEnd(text, whole), 'token');
    search.done.set('jwt', whole);
  }
}

/** A token that was broken over lines before its last dot goes on after it. */
function signatureEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && (isWordUnit(text.charCodeAt(end)) || text[end] === '.')) end++;
  return end;
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
  const gap = text[at + 6] === '\\' ? 7 : 6;
  if (text[at + gap] !== ' ') return;
  const from = at + gap + 1;
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

/** Called with the offset of `://`: the password between `user:` and `@`, or a long token in the user's place. */
export function findUrlPassword(search: Search, at: number): void {
  const { text } = search;
  const from = at + 3;
  let colon = -1;
  for (let end = from; end < text.length && end - from < 300; end++) {
    const unit = text[end];
    if (unit === '@') {
      if (colon >= 0) addSecret(search, colon + 1, end, 'password in a URL');
      else if (end - from >= 20) addSecret(search, from, end, 'token in a URL');
      return;
    }
    if (unit === '/') {
      // A port before it: then the authority is over. Some passwords hold an unescaped slash.
      if (colon < 0 || colon + 1 === end || /^\d+$/.test(text.slice(colon + 1, end))) return;
      continue;
    }
    if (unit === undefined || unit === ' ' || unit === '\n' || unit === '"' || unit === "'" || unit === '\t') return;
    if (unit === ':' && colon < 0) colon = end;
  }
}

/** Called with the offset of `AKIA` or `ASIA`. */
export function findAwsKeyId(search: Search, at: number): void {
  const id = /^A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])/.exec(search.text.slice(at, at + 21));
  if (id !== null) addSecret(search, at, at + 20, 'AWS access key id');
}

/** Called with the offset of `curl `: the password of `-u user:password`. */
export function findCurlUser(search: Search, at: number): void {
  const line = search.text.slice(at, at + 1000).split('\n', 1)[0] ?? '';
  const match = /(?:\s-[a-zA-Z]{0,8}u ?|\s--(?:proxy-)?user[ =])["']?[^\s:"']{1,100}:/.exec(line);
  if (match === null) return;
  const from = match.index + match[0].length;
  const length = line.slice(from).search(/[\s"']/);
  addSecret(search, at + from, at + (length < 0 ? line.length : from + length), 'password');
}

/** Called with the offset of `--user`: the password of `--user root:password`, which etcdctl takes too. */
export function findUserFlag(search: Search, at: number): void {
  const match = /^--user[ =]["']?(?!\d+:)[^\s:"'=]{1,100}:([^\s"':/]{1,200})/i.exec(search.text.slice(at, at + 320));
  if (match?.[1] !== undefined)
    addSecret(search, at + match[0].length - match[1].length, at + match[0].length, 'password');
}

/** Called with the offset of a program that takes a password after `-p`: `docker login`, `sshpass`, `mysql`. */
export function findPasswordFlag(search: Search, at: number): void {
  const line = search.text.slice(at, at + 600).split('\n', 1)[0] ?? '';
  if (!line.includes(' -p')) return;
  const match = /^(?:docker login|sshpass|mysql(?:dump|admin)?)\b.{0,300}?\s-p\s?["']?([^\s"']{1,200})/i.exec(line);
  const attached = !/^mysql/i.test(line) || (match !== null && !/-p\s/.test(match[0]));
  if (match?.[1] === undefined || !attached) return;
  addSecret(search, at + match[0].length - match[1].length, at + match[0].length, 'password');
}

/** Called with the offset of `--from-literal`: the value of `key=value`. */
export function findLiteral(search: Search, at: number): void {
  const match = /^--from-literal[ =]["']?[-\w.]{1,253}=(?:"([^"\n]+)|'([^'\n]+)|([^\s"']+))/i.exec(
    search.text.slice(at, at + 2000),
  );
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  if (match === null || value === undefined) return;
  addSecret(search, at + match[0].length - value.length, at + match[0].length, 'value of a Secret');
}

/** Called with the offset of `agent -t `: k3s's short form of `--token`. */
export function findShortFlag(search: Search, at: number): void {
  const match = /^(?:agent|server) -t ["']?([^\s"']{6,400})/i.exec(search.text.slice(at, at + 420));
  if (match?.[1] !== undefined)
    addSecret(search, at + match[0].length - match[1].length, at + match[0].length, 'token');
}

/** Called with the offset of `:$6$`: a hash of crypt(5) in a line of shadow(5). */
export function findCryptHash(search: Search, at: number): void {
  const match = /^:\$[0-9a-z]{1,4}\$[^\s:]{8,200}/.exec(search.text.slice(at, at + 220));
  if (match !== null) addSecret(search, at + 1, at + match[0].length, 'hash of a password');
}

/** Called with the offset of the prefix that a code host or a chat gives its tokens. */
export function findHostToken(search: Search, at: number): void {
  const match = /^(?:AIza|[a-z]{2,6}(?:_pat)?[-_.])[A-Za-z0-9_-]{12,255}/.exec(search.text.slice(at, at + 270));
  if (match !== null) addSecret(search, at, at + match[0].length, 'token');
}

/** Called with the offset of an algorithm in `ip xfrm state`: the key after its name. */
export function findXfrmKey(search: Search, at: number): void {
  const match = /^[\w()-]{3,40} 0x([0-9a-f]{16,1000})/i.exec(search.text.slice(at, at + 1100));
  if (match?.[1] === undefined) return;
  const end = at + match[0].length;
  addSecret(search, end - match[1].length, end, 'IPsec key');
}

/** `abcdef.0123456789abcdef`, only in texts that speak of tokens at all: the shape alone is not rare enough. */
export function findBootstrapTokens(search: Search): void {
  for (const match of search.text.matchAll(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g)) {
    if (/\d/.test(match[0].slice(7))) addSecret(search, match.index, match.index + 23, 'bootstrap token');
  }
}
