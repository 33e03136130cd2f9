/** Prints routes as `ip route show table all` of iproute2 6.1 does (ip/iproute.c print_route): every word is followed by a blank but `pref`. */
import { formatAddressOrPrefix, formatIp, type NextHop, type Prefix, type Route } from '@coldtrace/core';

/** All lines of the routes, in their order, each with its line feed. */
export function printRoutes(routes: readonly Route[]): string {
  return routes.map(printRoute).join('');
}

/** The line of a route, and a further line for each nexthop where there are several. */
export function printRoute(route: Route): string {
  const multipath = route.nexthops.length > 1;
  const [hop] = route.nexthops;
  let out = route.type === 'unicast' ? '' : `${route.type} `;
  out += `${formatDestination(route.dst)} `;
  if (route.src !== null) out += `from ${formatDestination(route.src)} `;
  if (!multipath && hop !== undefined && hop.encap !== null) out += ` ${formatEncap(hop.encap)} `;
  if (route.nhid !== null) out += `nhid ${route.nhid} `;
  if (route.tos !== 0) out += `tos 0x${route.tos.toString(16).padStart(2, '0')} `;
  if (!multipath && hop !== undefined) out += formatWay(route, hop);
  if (route.table !== 'main') out += `table ${route.table} `;
  if (route.protocol !== null) out += `proto ${route.protocol} `;
  if (route.scope !== null && route.scope !== 'global') out += `scope ${route.scope} `;
  if (route.prefsrc !== null) out += `src ${formatIp(route.prefsrc)} `;
  if (route.family === 6 || route.metric !== 0) out += `metric ${route.metric} `;
  out += formatAttributes(route, multipath ? undefined : hop);
  if (route.pref !== null) out += `pref ${route.pref}`;
  out += '\n';
  if (multipath) for (const one of route.nexthops) out += formatNexthop(route, one);
  return out;
}

function formatDestination(prefix: Prefix): string {
  return prefix.length === 0 ? 'default' : formatAddressOrPrefix(prefix);
}

/** The tool puts a second blank before the labels of mpls. */
function formatEncap(encap: string): string {
  return `encap ${encap.startsWith('mpls ') ? encap.replace(' ', '  ') : encap}`;
}

function formatWay(route: Route, hop: NextHop): string {
  const via =
    hop.via === null
      ? ''
      : `via ${hop.via.family === route.family ? '' : `inet${hop.via.family === 6 ? '6' : ''} `}${formatIp(hop.via)} `;
  return via + (hop.dev === null ? '' : `dev ${hop.dev} `);
}

function formatNexthop(route: Route, hop: NextHop): string {
  const encap = hop.encap === null ? '' : ` ${formatEncap(hop.encap)} `;
  const realms = (hop.rest ?? []).filter((phrase) => phrase.startsWith('realm'));
  return `\tnexthop ${encap}${formatWay(route, hop)}${realms.map((one) => `${one} `).join('')}weight ${hop.weight} ${formatFlags(hop)}\n`;
}

const flagOrder: readonly string[] = [
  'dead',
  'onlink',
  'pervasive',
  'offload',
  'trap',
  'notify',
  'linkdown',
  'unresolved',
  'rt_offload',
  'rt_trap',
  'rt_offload_failed',
];

function formatFlags(hop: NextHop): string {
  return flagOrder
    .filter((flag) =>
      flag === 'dead' || flag === 'onlink' || flag === 'linkdown' ? hop[flag] : hop.rest?.includes(flag),
    )
    .map((flag) => `${flag} `)
    .join('');
}

/** Flags, then the metrics in the order of their numbers in linux/rtnetlink.h, then what the cache knows. */
const attributeOrder: readonly string[] = [
  ...flagOrder,
  'mark',
  'realm',
  'realms',
  'mtu',
  'window',
  'rtt',
  'rttvar',
  'ssthresh',
  'cwnd',
  'advmss',
  'reordering',
  'hoplimit',
  'initcwnd',
  'features',
  'rto_min',
  'initrwnd',
  'quickack',
  'congctl',
  'fastopen_no_cookie',
  'iif',
  'expires',
  'error',
];

function formatAttributes(route: Route, hop: NextHop | undefined): string {
  const phrases = route.rest.filter((phrase) => phrase !== 'mtu lock' && phrase !== 'advmss lock');
  for (const flag of ['dead', 'onlink', 'linkdown'] as const) if (hop?.[flag]) phrases.push(flag);
  if (route.mtu !== null) phrases.push(`mtu ${route.rest.includes('mtu lock') ? 'lock ' : ''}${route.mtu}`);
  if (route.advmss !== null) phrases.push(`advmss ${route.rest.includes('advmss lock') ? 'lock ' : ''}${route.advmss}`);
  if (phrases.length === 0) return '';
  return phrases
    .map((phrase) => ({ phrase, rank: rankOf(phrase) }))
    .sort((x, y) => x.rank - y.rank)
    .map(({ phrase }) => `${phrase} `)
    .join('');
}

function rankOf(phrase: string): number {
  const blank = phrase.indexOf(' ');
  const rank = attributeOrder.indexOf(blank < 0 ? phrase : phrase.slice(0, blank));
  return rank < 0 ? attributeOrder.length : rank;
}
