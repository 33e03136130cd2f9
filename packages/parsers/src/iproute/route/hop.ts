/** One way out of a route: the words after `nexthop`, or those on the route's own line (iproute2 ip/iproute.c print_rta_multipath). */
import { type Ip, type NextHop, parseIp } from '@coldtrace/core';
import type { Word } from '../../text/words.js';
import { type Cursor, cursorOf, next, numberValue, peek, readValue, textValue } from '../cursor.js';

export interface HopDraft {
  via: Ip | null;
  /** `via inet6`: the gateway's family is not the route's. */
  viaOther: boolean;
  dev: string | null;
  weight: number;
  onlink: boolean;
  dead: boolean;
  linkdown: boolean;
  encap: string | null;
  rest: string[];
}

export const newHop = (): HopDraft => ({
  via: null,
  viaOther: false,
  dev: null,
  weight: 1,
  onlink: false,
  dead: false,
  linkdown: false,
  encap: null,
  rest: [],
});

/** Flags besides those that a nexthop has fields for. */
export const routeFlags = new Set([
  'pervasive',
  'offload',
  'trap',
  'notify',
  'unresolved',
  'rt_offload',
  'rt_trap',
  'rt_offload_failed',
]);

/** Reads the words after `nexthop`, or the shared ones of the route's own line; false when the word is none of them. */
export function readHopWord(cursor: Cursor, hop: HopDraft, keyword: string): boolean {
  switch (keyword) {
    case 'via':
      hop.via = readVia(cursor, hop);
      return true;
    case 'dev':
      hop.dev = textValue(cursor);
      return true;
    case 'weight':
      hop.weight = numberValue(cursor, 256) ?? 1;
      return true;
    case 'onlink':
    case 'dead':
    case 'linkdown':
      hop[keyword] = true;
      return true;
    case 'encap':
      hop.encap = readEncap(cursor);
      return true;
    default:
      return false;
  }
}

function readVia(cursor: Cursor, hop: HopDraft): Ip | null {
  const family = peek(cursor);
  if (family === 'inet' || family === 'inet6') {
    next(cursor);
    hop.viaOther = true;
  }
  return readValue(cursor, 'an address', (text) => parseIp(text));
}

/** An encapsulation runs up to the gateway or the device; its own words vary with its type and are kept as printed. */
function readEncap(cursor: Cursor): string {
  const words: string[] = [];
  for (let text = peek(cursor); text !== null && !endsEncap.has(text); text = peek(cursor)) {
    words.push(text);
    cursor.at++;
  }
  return words.join(' ');
}

const endsEncap: ReadonlySet<string> = new Set(['via', 'dev', 'weight', 'nhid']);

/** `nexthop via … dev … weight N flags`. */
export function readNexthop(words: readonly Word[]): { hop: HopDraft; cursor: Cursor } {
  const cursor = cursorOf(words, 1);
  const hop = newHop();
  for (let word = next(cursor); word !== null; word = next(cursor)) {
    if (readHopWord(cursor, hop, word.text)) continue;
    if (routeFlags.has(word.text)) hop.rest.push(word.text);
    else if (word.text === 'realms' || word.text === 'realm') hop.rest.push(`${word.text} ${textValue(cursor) ?? ''}`);
    else cursor.unknown.push(word);
  }
  return { hop, cursor };
}

export function hopOf(hop: HopDraft): NextHop {
  const { via, dev, weight, onlink, dead, linkdown, encap } = hop;
  const base: NextHop = { via, dev, weight, onlink, dead, linkdown, encap };
  return hop.rest.length > 0 ? { ...base, rest: hop.rest } : base;
}
