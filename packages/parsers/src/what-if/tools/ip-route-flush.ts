/** `ip route flush [PREFIX] [table T] [dev D] [proto P] [scope S] [type T]`: what is named must fit; without a table it is main. ip-route(8), ip/iproute.c. */
import {
  defaultPrefix,
  done,
  type Family,
  findLink,
  keepRoutes,
  type NetNs,
  open,
  prefixCovers,
  type Route,
  samePrefix,
} from '@coldtrace/core';
import { destination } from '../../iproute/route/words.js';
import { badWords, type Fault, next, type Result, unsupported } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import type { IpCall } from './ip.js';

interface Selector {
  /** null: all tables. */
  table: string | null;
  dev: string | null;
  protocol: string | null;
  scope: string | null;
  type: string | null;
  /** Routes within it, or of it alone. */
  within: boolean;
  dst: ReturnType<typeof destination>;
}

export function flushRoutes(ns: NetNs, { args, family: asked }: IpCall): Result {
  const words = args.slice(1).filter(({ text }) => text !== 'to');
  const [first] = words;
  if (first === undefined) return badWords('"ip route flush" requires arguments.');
  if (first.text === 'cache') return done(ns);
  const by = readSelector(words);
  if ('kind' in by) return by;
  const { dst, dev } = by;
  const family = asked ?? (dst !== null && dst !== 'default' ? dst.ip.family : 4);
  if (ns.routes.state === 'absent') return open('no routes were captured');
  const flushed = () => done(keepRoutes(ns, (route) => !isNamed(route, by, family)));
  return next(dev === null ? done(null) : findLink(ns, dev), flushed);
}

function readSelector(words: readonly ShellWord[]): Selector | Fault {
  const by: Selector = { table: 'main', dev: null, protocol: null, scope: null, type: null, within: false, dst: null };
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const value = words[at + 1]?.text ?? '';
    if (word === undefined) break;
    if (word.text === 'table') by.table = value === 'all' ? null : value;
    else if (word.text === 'dev') by.dev = value;
    else if (word.text === 'proto' || word.text === 'protocol') by.protocol = value;
    else if (word.text === 'scope' || word.text === 'type') by[word.text] = value;
    else if (word.text === 'all' || word.text === 'any') continue;
    else if (word.text === 'root' || word.text === 'exact') {
      by.within = word.text === 'root';
      by.dst = destination(value);
    } else if (destination(word.text) !== null) {
      by.dst = destination(word.text);
      continue;
    } else return unsupported(`ip route flush ${word.text}`, word);
    at++;
  }
  return by;
}

function isNamed(route: Route, by: Selector, family: Family): boolean {
  const { table, dev, protocol, scope, type, within, dst } = by;
  if (route.family !== family || (table !== null && route.table !== table)) return false;
  // A route of several ways has no device of its own.
  if (dev !== null && (route.nexthops.length !== 1 || route.nexthops[0]?.dev !== dev)) return false;
  if (protocol !== null && (route.protocol ?? 'boot') !== protocol) return false;
  if (type !== null && route.type !== type) return false;
  if (scope !== null && (route.scope ?? 'global') !== scope) return false;
  if (dst === null) return true;
  const prefix = dst === 'default' ? defaultPrefix(family) : dst;
  return within ? prefixCovers(prefix, route.dst) : samePrefix(prefix, route.dst);
}
