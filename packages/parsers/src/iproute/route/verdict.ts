/** How a line looks to `ip route` and `ip route get`. */
import { isUnspecified, parseIp, parseMac } from '@coldtrace/core';
import type { LineVerdict } from '../../format.js';
import { nudStates } from '../nud.js';
import { firstWords } from '../verdict.js';
import { routeType } from './names.js';
import { destination } from './words.js';

/** Words that may follow the destination. */
const keywords = new Set([
  'via',
  'dev',
  'proto',
  'scope',
  'src',
  'metric',
  'table',
  'tos',
  'dsfield',
  'nhid',
  'encap',
  'from',
  'onlink',
  'mtu',
  'advmss',
  'realms',
  'linkdown',
  'nexthop',
  'pref',
]);

/** What must follow a destination that is no address any more. */
const redactedNext = new Set(['via', 'dev', 'proto', 'nhid']);

const neighbourWords = new Set([
  'lladdr',
  'proxy',
  'router',
  'managed',
  'extern_learn',
  'offload',
  'ref',
  'used',
  'probes',
  ...nudStates,
]);

const hopWords = new Set(['via', 'dev', 'encap', 'realms', 'weight']);

/** A route dump also holds `cache` lines where the tool is old and the lines look like routes; the parser tells them apart. */
export function routeVerdict(text: string): LineVerdict {
  return verdict(text, 'route');
}

export function routeGetVerdict(text: string): LineVerdict {
  return verdict(text, 'get');
}

function verdict(text: string, who: 'route' | 'get'): LineVerdict {
  // Asked for every line of unknown text: two words decide nearly always.
  const [first, second] = firstWords(text, 2);
  if (first === undefined) return null;
  if (first === 'cache') return isCache(second) ? 'continues' : null;
  if (first === 'nh_info') return who === 'route' && second === 'id' ? 'continues' : null;
  if (first === 'nexthop') return who === 'route' && hopWords.has(second ?? '') ? 'continues' : null;
  const typed = second !== undefined && routeType(first) !== null;
  return looksLikeDestination(typed ? second : first) ? routeLine(firstWords(text, 24), typed, who) : null;
}

function routeLine(words: readonly string[], typed: boolean, who: 'route' | 'get'): LineVerdict {
  const dst = words[typed ? 1 : 0] ?? '';
  const after = words[typed ? 2 : 1];
  const known = destination(dst) !== null;
  if (known && isAnswer(words, dst)) return who === 'get' ? 'opens' : null;
  if (after === undefined) return who === 'route' && known ? (typed ? 'opens' : 'continues') : null;
  if (!keywords.has(after) || isNeighbour(words, typed)) return null;
  const host = !dst.includes('/') && dst !== 'default';
  if (who === 'get') return known && host ? 'continues' : null;
  // A number before the destination is a type only with `-N`.
  if (typed && (words[0] ?? '').length < 3) return showsNumbers(words) ? 'opens' : 'continues';
  if (!known) return redactedNext.has(after) && !dst.endsWith(':') && parseMac(dst) === null ? 'continues' : null;
  return after === 'dev' && words.length === 3 && host ? 'continues' : 'opens';
}

/** `-N -d` prints all of type, protocol and scope, and a scope has no name only there. */
function showsNumbers(words: readonly string[]): boolean {
  const behind = (word: string) => words[words.indexOf(word) + 1] ?? '';
  return ['proto', 'scope'].every((word) => words.includes(word) && /^\d{1,3}$/.test(behind(word)));
}

/** Cheap test before the grammar: an address, a prefix, or one whose parts were replaced by words. */
function looksLikeDestination(word: string): boolean {
  if (word === 'default') return true;
  if (word.length > 64 || !/[.:]/.test(word)) return false;
  return /^[0-9a-fA-F:*][0-9a-zA-Z*.:/_-]*$/.test(word);
}

/** Only `ip route get` prints a uid, a source without a length, or the flags of the cache on the same line. */
function isAnswer(words: readonly string[], dst: string): boolean {
  if (dst.includes('/') || dst === 'default') return false;
  if (words.includes('uid') || words.includes('cache')) return true;
  const from = words.indexOf('from');
  const source = from > 0 ? parseIp(words[from + 1] ?? '') : null;
  // An IPv6 route may have a source of full length, though never `::`.
  return source !== null && (source.family === 4 || isUnspecified(source));
}

const cacheWords = new Set(['expires', 'mtu', 'users', 'age', 'ipid', 'iif', 'rtt']);

function isCache(next: string | undefined): boolean {
  return next === undefined || next.startsWith('<') || cacheWords.has(next);
}

function isNeighbour(words: readonly string[], typed: boolean): boolean {
  return !typed && words[1] === 'dev' && neighbourWords.has(words[3] ?? '');
}
