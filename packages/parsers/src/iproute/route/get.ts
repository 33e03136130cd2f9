/** `ip route get` as a statement of the kernel about one destination. */
import { type FailedCapture, type Family, isUnspecified, parseIp, type Row, type SeenRoute } from '@coldtrace/core';
import { argumentOf, type IpCommand } from '../command.js';
import type { Entry } from '../entry.js';
import type { RouteDraft } from './words.js';

/** True for answers of `get`, false for rows of a table (also those that `get fibmatch` shows). */
export function isAnswer(command: IpCommand | null, entry: Entry, draft: RouteDraft): boolean {
  if (draft.dst === null || draft.dst === 'default') return false;
  const host = draft.dst.length === bits(draft.dst.ip.family);
  if (!host) return false;
  if (command?.typed && command.args[0] === 'get') return !command.args.includes('fibmatch');
  if (entry.parts.some((part) => part.words[0]?.text === 'cache')) return true;
  if (draft.rest.some((phrase) => phrase.startsWith('uid ') || phrase.startsWith('iif '))) return true;
  // IPv6 routes may have a source of full length, though never `::`; IPv4 routes have none at all.
  return draft.src !== null && (draft.src.ip.family === 4 || (isUnspecified(draft.src.ip) && draft.src.length === 128));
}

const bits = (family: Family): number => (family === 4 ? 32 : 128);

const refusals: ReadonlySet<string> = new Set(['unreachable', 'blackhole', 'prohibit', 'throw']);

export function answerOf(draft: RouteDraft, entry: Entry, row: Row): SeenRoute | null {
  if (draft.dst === null || draft.dst === 'default') return null;
  const hop = draft.nexthops[0] ?? draft.hop;
  const from = draft.src?.ip ?? null;
  return {
    kind: 'route',
    dst: draft.dst.ip,
    from: from === null || isUnspecified(from) ? null : from,
    iif: restValue(draft, 'iif ') ?? cacheValue(entry, 'iif'),
    via: hop.via,
    dev: hop.dev,
    src: draft.prefsrc,
    table: draft.table,
    error: refusals.has(draft.type) ? draft.type : null,
    ...row,
  };
}

function restValue(draft: RouteDraft, keyword: string): string | null {
  return draft.rest.find((phrase) => phrase.startsWith(keyword))?.slice(keyword.length) ?? null;
}

/** The line of a forwarded lookup names the interface the packet came in by. */
function cacheValue(entry: Entry, keyword: string): string | null {
  const words = entry.parts.find((part) => part.words[0]?.text === 'cache')?.words ?? [];
  const at = words.findIndex((word) => word.text === keyword);
  return at < 0 ? null : (words[at + 1]?.text ?? null);
}

/** The answer that a refused lookup is: `RTNETLINK answers: Network is unreachable`. */
export function errorAnswer(command: IpCommand | null, failure: FailedCapture | undefined): SeenRoute | null {
  if (failure === undefined || !command?.typed || command.args[0] !== 'get') return null;
  if (!failure.message.startsWith('RTNETLINK answers:')) return null;
  const words = command.args.filter((word) => word !== 'to' && word !== 'fibmatch');
  const dst = parseIp((words[1] ?? '').replace(/\/\d+$/, ''));
  if (dst === null) return null;
  return {
    kind: 'route',
    dst,
    from: parseIp(argumentOf(command, 'from') ?? ''),
    iif: argumentOf(command, 'iif'),
    via: null,
    dev: null,
    src: null,
    table: null,
    error: failure.message.slice('RTNETLINK answers:'.length).trim(),
    span: failure.span,
  };
}
