/** `ip route add|append|prepend|replace|change|del|flush`. ip-route(8), ip/iproute.c. */
import {
  andThen,
  bareHop,
  type Changed,
  checkedHop,
  checkedSource,
  defaultPrefix,
  deleteRoute,
  done,
  each,
  type Family,
  findLink,
  formatIp,
  type NetNs,
  type NextHop,
  putRoute,
  type Route,
  type RouteVerb,
  refused,
  sameIp,
} from '@coldtrace/core';
import { type Cursor, isClean } from '../../iproute/cursor.js';
import { hopOf } from '../../iproute/route/hop.js';
import { destination, type RouteDraft, readRoute, shownFamily } from '../../iproute/route/words.js';
import { badWords, type Fault, next, type Result, unsupported } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import { commandNamed, type IpCall, type IpTool } from './ip.js';
import { flushRoutes } from './ip-route-flush.js';
import { checkedTable } from './table-names.js';

const commands = ['add', 'append', 'prepend', 'replace', 'change', 'chg', 'delete', 'flush'] as const;

export const ipRoute: IpTool = (ns, call) => {
  const [verb] = call.args;
  const command = commandNamed(verb?.text ?? '', commands);
  if (command === null) return unsupported(`ip route ${verb?.text ?? ''}`, verb ?? null);
  if (command === 'flush') return flushRoutes(ns, call);
  const words = destinationFirst(call.args.slice(call.args[1]?.text === 'to' ? 2 : 1)).map(asPrinted);
  const { draft, cursor } = readRoute(words);
  const wrong = faultIn(draft, cursor, words);
  if (wrong !== null) return wrong;
  const family = call.family ?? shownFamily(draft) ?? familyOfHops(draft) ?? 4;
  const { via } = draft.hop;
  if (via !== null && !draft.viaOther && draft.hop.viaOther !== true && via.family !== family)
    return badWords(`${family === 6 ? 'inet6' : 'inet'} address is expected rather than "${formatIp(via)}".`);
  return next(checkedTable(ns, tableOf(draft)), () =>
    command === 'delete'
      ? remove(ns, draft, family)
      : next(routeOf(ns, draft, family, call), (route) =>
          putRoute(ns, route, command === 'chg' ? 'change' : (command satisfies RouteVerb)),
        ),
  );
};

const otherNames: ReadonlyMap<string, string> = new Map([
  ['priority', 'metric'],
  ['preference', 'metric'],
  ['protocol', 'proto'],
  ['oif', 'dev'],
]);

/** ip takes more names and forms of numbers than it prints. */
function asPrinted(word: ShellWord, at: number, words: readonly ShellWord[]): ShellWord {
  const name = otherNames.get(word.text);
  if (name !== undefined) return { ...word, text: name };
  const isMetric = /^(?:metric|priority|preference)$/.test(words[at - 1]?.text ?? '');
  return isMetric && /^0x[\da-f]{1,8}$/i.test(word.text) ? { ...word, text: String(Number(word.text)) } : word;
}

const withValue = new Set(['table', 'dev', 'via', 'src', 'proto', 'protocol', 'scope', 'metric', 'priority', 'tos']);

/** ip takes options before type and destination too: `ip route del table local local 10.96.0.1`. */
function destinationFirst(words: readonly ShellWord[]): readonly ShellWord[] {
  let at = 0;
  while (at + 2 < words.length && withValue.has(words[at]?.text ?? '')) at += 2;
  return at === 0 ? words : [...words.slice(at), ...words.slice(0, at)];
}

function faultIn(draft: RouteDraft, cursor: Cursor, words: readonly ShellWord[]): Fault | null {
  const bad = cursor.bad[0];
  if (bad !== undefined) return badWords(`${bad.expected} is expected rather than "${bad.word.text}".`, bad.word);
  const unknown = cursor.unknown[0];
  if (unknown !== undefined) return badWords(`either "to" is duplicate, or "${unknown.text}" is a garbage.`, unknown);
  if (cursor.cut !== null) return badWords('Command line is not complete. Try option "help"', cursor.cut);
  if (draft.dst === null || !isClean(cursor)) return badWords('need at least a destination address');
  if (draft.nhid !== null || draft.hop.encap !== null)
    return unsupported('a route by a nexthop object or with an encapsulation', words[0] ?? null);
  return typedHostBits(words, draft);
}

/** The kernel refuses a destination of IPv4 with bits beyond its length, and of IPv6 it clears them, as the reader of dumps does. */
function typedHostBits(words: readonly ShellWord[], { dst }: RouteDraft): Fault | null {
  if (dst === null || dst === 'default' || dst.ip.family === 6) return null;
  const word = words.find(({ text }) => text.includes('/') && destination(text) !== null);
  const typed = word === undefined ? null : /^([^/]+)\//.exec(word.text)?.[1];
  if (word === undefined || typed === null || typed === undefined) return null;
  const whole = destination(typed);
  if (whole === null || whole === 'default' || sameIp(whole.ip, dst.ip)) return null;
  return badWords('Invalid prefix for given prefix length.', word);
}

function familyOfHops({ hop, nexthops }: RouteDraft): Family | null {
  return hop.via?.family ?? nexthops.find(({ via }) => via !== null)?.via?.family ?? null;
}

const withoutWay = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

function tableOf(draft: RouteDraft): string {
  const { type, table } = draft;
  if (table !== null) return table;
  return type === 'local' || type === 'broadcast' || type === 'nat' || type === 'anycast' ? 'local' : 'main';
}

function hopsOf({ hop, nexthops }: RouteDraft): readonly NextHop[] {
  if (nexthops.length > 0)
    return nexthops.map((one) => (one.dev === null && hop.dev !== null ? { ...one, dev: hop.dev } : one));
  return hop.via === null && hop.dev === null ? [] : [hopOf(hop)];
}

function routeOf(ns: NetNs, draft: RouteDraft, family: Family, { span }: IpCall): Result<Route> {
  const { type, dst } = draft;
  const table = tableOf(draft);
  const typed = hopsOf(draft);
  const hops = withoutWay.has(type) ? [] : typed;
  if (family === 4 && hops.length < typed.length)
    return refused('Gateway, device and multipath can not be specified for this route type.');
  if (hops.length === 0 && !withoutWay.has(type)) return { kind: 'refused', why: 'No such device' };
  const ofHost = family === 4 && scopeOf(draft, hops) === 'host';
  const checked = each<readonly NextHop[], NextHop>([], hops, (before, hop) => {
    const one = ofHost ? hostHop(ns, hop, hops.length) : checkedHop(ns, hop, { family, table });
    return one.kind === 'done' ? done([...before, one.value]) : one;
  });
  return next(checked, (nexthops): Result<Route> => {
    const source = draft.prefsrc === null ? done(null) : checkedSource(ns, draft.prefsrc);
    return next(source, () => {
      const ways = family === 6 && withoutWay.has(type) ? [bareHop('lo')] : nexthops;
      return done({
        family,
        type,
        dst: dst === null || dst === 'default' ? defaultPrefix(family) : dst,
        src: draft.src,
        table,
        tos: draft.tos,
        metric: family === 6 ? draft.metric || 1024 : (draft.metric ?? 0),
        prefsrc: draft.prefsrc,
        scope: family === 6 ? null : scopeOf(draft, nexthops),
        protocol: draft.protocol === 'boot' ? null : draft.protocol,
        nexthops: ways,
        nhid: null,
        mtu: draft.mtu,
        advmss: draft.advmss,
        pref: family === 6 ? (draft.pref ?? 'medium') : draft.pref,
        rest: draft.rest,
        span,
      });
    });
  });
}

/** A route of scope host names an address of the node itself: its device may be down. net/ipv4/fib_semantics.c fib_create_info. */
function hostHop(ns: NetNs, hop: NextHop, ways: number): Changed<NextHop> {
  if (ways > 1) return refused('Route with host scope can not have multiple nexthops');
  if (hop.via !== null) return refused('Route with host scope can not have a gateway');
  return andThen(findLink(ns, hop.dev ?? ''), () => done(hop));
}

function scopeOf({ scope, type }: RouteDraft, hops: readonly NextHop[]): string | null {
  if (scope !== null) return scope === 'global' ? null : scope;
  if (type === 'local' || type === 'nat') return 'host';
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return 'link';
  return type === 'unicast' && hops.every(({ via }) => via === null) ? 'link' : null;
}

function remove(ns: NetNs, draft: RouteDraft, family: Family): Result {
  const { dst, tos, metric, scope, protocol, prefsrc, hop } = draft;
  const typed = draft.type !== 'unicast';
  const by = {
    family,
    dst: dst === null || dst === 'default' ? defaultPrefix(family) : dst,
    table: tableOf(draft),
    tos,
    metric,
    type: typed ? draft.type : null,
    scope,
    protocol,
    prefsrc,
    nexthops: hopsOf(draft),
  };
  return next(hop.dev === null ? done(null) : findLink(ns, hop.dev), () => deleteRoute(ns, by));
}
