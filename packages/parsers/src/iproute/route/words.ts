/** The words of one route, in the order `ip route` prints them (iproute2 ip/iproute.c print_route; ip-route(8)). */
import {
  defaultPrefix,
  type Family,
  type Ip,
  type NextHop,
  type Prefix,
  parseDecimal,
  parseIp,
  parsePrefix,
  type Route,
  type RouteType,
  type Span,
} from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { type Cursor, cursorOf, next, numberValue, peek, readValue, textValue } from '../cursor.js';
import { type HopDraft, hopOf, newHop, readHopWord, readNexthop, routeFlags } from './hop.js';
import { dsfield, protocolName, routeType, scopeName, tableName } from './names.js';

/** A route being read; `nexthops` gets the further lines of a multipath route. */
export interface RouteDraft {
  type: RouteType;
  /** `default` has no family of its own. */
  dst: Prefix | 'default' | null;
  src: Prefix | null;
  table: string | null;
  tos: number;
  metric: number | null;
  prefsrc: Ip | null;
  scope: string | null;
  protocol: string | null;
  nhid: number | null;
  mtu: number | null;
  advmss: number | null;
  pref: string | null;
  /** What stands on the route's own line; null when nothing there names a way out. */
  hop: HopDraft;
  nexthops: NextHop[];
  /** One of `nexthops` has a gateway of the other family. */
  viaOther: boolean;
  rest: string[];
  /** IPv6 only: `error`, `from`, `pref`, `expires` on a route without an address of either family. */
  six: boolean;
}

/** Attributes of one value that no verdict depends on; `lock` may stand before the value. */
const inertPairs = new Set([
  'window',
  'rtt',
  'rttvar',
  'ssthresh',
  'cwnd',
  'reordering',
  'hoplimit',
  'initcwnd',
  'features',
  'rto_min',
  'initrwnd',
  'quickack',
  'congctl',
  'fastopen_no_cookie',
  'realms',
  'realm',
  'expires',
  'error',
  'users',
  'age',
  'ipid',
  'ts',
  'tsage',
  'ttl-propagate',
  'used',
  'mark',
  'uid',
  'iif',
]);

export function readRoute(words: readonly Word[]): { draft: RouteDraft; cursor: Cursor } {
  const cursor = cursorOf(words);
  const draft: RouteDraft = {
    type: 'unicast',
    dst: null,
    src: null,
    table: null,
    tos: 0,
    metric: null,
    prefsrc: null,
    scope: null,
    protocol: null,
    nhid: null,
    mtu: null,
    advmss: null,
    pref: null,
    hop: newHop(),
    nexthops: [],
    viaOther: false,
    rest: [],
    six: false,
  };
  const head = peek(cursor);
  const type = head !== null && words.length > 1 ? routeType(head) : null;
  if (type !== null) {
    draft.type = type;
    next(cursor);
  }
  draft.dst = readValue(cursor, 'an address or prefix', destination);
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    if (!readHopWord(cursor, draft.hop, word.text)) readRouteWord(cursor, draft, word);
  }
  return { draft, cursor };
}

/** `default`, `10.1/16` as old tools shorten it, or a prefix. */
export function destination(text: string): Prefix | 'default' | null {
  if (text === 'default') return 'default';
  return parsePrefix(text) ?? shortened(text);
}

function shortened(text: string): Prefix | null {
  const slash = text.indexOf('/');
  if (slash < 0 || slash > 12 || !/^\d+(?:\.\d+){0,2}\/\d+$/.test(text)) return null;
  const missing = 3 - text.slice(0, slash).split('.').length + 1;
  return parsePrefix(`${text.slice(0, slash)}${'.0'.repeat(missing)}${text.slice(slash)}`);
}

function readRouteWord(cursor: Cursor, draft: RouteDraft, word: Word): void {
  switch (word.text) {
    case 'from':
      draft.src = fromPrefix(readValue(cursor, 'an address or prefix', destination));
      draft.six = true;
      return;
    case 'table':
      draft.table = named(textValue(cursor), tableName);
      return;
    case 'proto':
      draft.protocol = named(textValue(cursor), protocolName);
      return;
    case 'scope':
      draft.scope = named(textValue(cursor), scopeName);
      return;
    case 'src':
      draft.prefsrc = readValue(cursor, 'an address', (text) => parseIp(text));
      return;
    case 'metric':
      // Tools of before 2012 print 4294967295 with a sign.
      draft.metric = readValue(cursor, 'a number', (text) =>
        text === '-1' ? 0xffffffff : parseDecimal(text, 0xffffffff),
      );
      return;
    case 'tos':
    case 'dsfield':
      draft.tos = readValue(cursor, 'a TOS', dsfield) ?? 0;
      return;
    case 'nhid':
      draft.nhid = numberValue(cursor);
      return;
    case 'mtu':
      if (skipLock(cursor)) draft.rest.push('mtu lock');
      draft.mtu = numberValue(cursor);
      return;
    case 'advmss':
      if (skipLock(cursor)) draft.rest.push('advmss lock');
      draft.advmss = numberValue(cursor);
      return;
    case 'pref':
      draft.pref = textValue(cursor);
      draft.six = true;
      return;
    case 'nexthop':
      // A multipath route whose lines were joined.
      readInlineNexthop(cursor, draft);
      return;
    default:
      readRest(cursor, draft, word);
  }
}

function readRest(cursor: Cursor, draft: RouteDraft, word: Word): void {
  if (routeFlags.has(word.text)) {
    draft.rest.push(word.text);
  } else if (inertPairs.has(word.text)) {
    const lock = skipLock(cursor) ? 'lock ' : '';
    draft.rest.push(`${word.text} ${lock}${textValue(cursor) ?? ''}`);
    if (word.text === 'error') draft.six = true;
  } else {
    cursor.unknown.push(word);
  }
}

export function addNexthop(draft: RouteDraft, hop: HopDraft): void {
  draft.nexthops.push(hopOf(hop));
  draft.viaOther ||= hop.viaOther === true;
}

function readInlineNexthop(cursor: Cursor, draft: RouteDraft): void {
  let end = cursor.at;
  while (end < cursor.words.length && cursor.words[end]?.text !== 'nexthop') end++;
  const read = readNexthop(cursor.words.slice(cursor.at - 1, end));
  addNexthop(draft, read.hop);
  for (const word of read.cursor.unknown) cursor.unknown.push(word);
  for (const bad of read.cursor.bad) cursor.bad.push(bad);
  cursor.cut ??= read.cursor.cut;
  cursor.at = end;
}

function skipLock(cursor: Cursor): boolean {
  if (peek(cursor) !== 'lock') return false;
  next(cursor);
  return true;
}

function named(text: string | null, name: (text: string) => string): string | null {
  return text === null ? null : name(text);
}

function fromPrefix(value: Prefix | 'default' | null): Prefix | null {
  return value === 'default' ? defaultPrefix(6) : value;
}

/** The family a route shows, or null for a `default` that shows none. */
export function shownFamily(draft: RouteDraft): Family | null {
  if (draft.dst !== null && draft.dst !== 'default') return draft.dst.ip.family;
  if (draft.six) return 6;
  const hops: readonly (HopDraft | NextHop)[] = [draft.hop, ...draft.nexthops];
  for (const hop of hops) {
    if (hop.via === null) continue;
    // `via inet6` is only printed when the families differ.
    if (draft.viaOther || ('viaOther' in hop && hop.viaOther)) return hop.via.family === 6 ? 4 : 6;
    return hop.via.family;
  }
  if (draft.prefsrc !== null) return draft.prefsrc.family;
  if (draft.scope !== null) return 4;
  return null;
}

/** The finished route, for the family and table that the dump speaks for where the line shows none. */
export function routeOf(draft: RouteDraft, family: Family, table: string, span: Span): Route | null {
  if (draft.dst === null) return null;
  const ownHop = draft.hop.via !== null || draft.hop.dev !== null || draft.hop.encap !== null;
  return {
    family,
    type: draft.type,
    dst: draft.dst === 'default' ? defaultPrefix(family) : draft.dst,
    src: draft.src,
    table: draft.table ?? table,
    tos: draft.tos,
    metric: draft.metric ?? 0,
    prefsrc: draft.prefsrc,
    scope: draft.scope,
    protocol: draft.protocol,
    nexthops: draft.nexthops.length > 0 ? draft.nexthops : ownHop ? [hopOf(draft.hop)] : [],
    nhid: draft.nhid,
    mtu: draft.mtu,
    advmss: draft.advmss,
    pref: draft.pref,
    rest: draft.rest,
    span,
  };
}
