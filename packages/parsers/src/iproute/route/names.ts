/** Names that iproute2 gives to numbers of routes (/etc/iproute2/rt_*, include/uapi/linux/rtnetlink.h); `ip -N` prints the numbers. */
import { parseUint32, type RouteType } from '@coldtrace/core';

const types: readonly (RouteType | null)[] = [
  null,
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
];

const typeNames: ReadonlySet<string> = new Set(types.filter((type) => type !== null));

export function routeType(word: string): RouteType | null {
  if (isRouteType(word)) return word;
  return /^(?:[1-9]|10)$/.test(word) ? (types[Number(word)] ?? null) : null;
}

function isRouteType(word: string): word is RouteType {
  return typeNames.has(word);
}

const tables: ReadonlyMap<string, string> = new Map(Object.entries({ 255: 'local', 254: 'main', 253: 'default' }));
const scopes: ReadonlyMap<string, string> = new Map(
  Object.entries({ 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' }),
);
const protocols: ReadonlyMap<string, string> = new Map(
  Object.entries({
    0: 'unspec',
    1: 'redirect',
    2: 'kernel',
    3: 'boot',
    4: 'static',
    8: 'gated',
    9: 'ra',
    10: 'mrt',
    11: 'zebra',
    12: 'bird',
    13: 'dnrouted',
    14: 'xorp',
    15: 'ntk',
    16: 'dhcp',
    17: 'mrouted',
    18: 'keepalived',
    42: 'babel',
    99: 'openr',
    186: 'bgp',
    187: 'isis',
    188: 'ospf',
    189: 'rip',
    192: 'eigrp',
  }),
);

/** `main` for 254 and so on; other names and numbers as they stand. */
export const tableName = (text: string): string => tables.get(text) ?? text;
export const scopeName = (text: string): string => scopes.get(text) ?? text;
export const protocolName = (text: string): string => protocols.get(text) ?? text;

const dsfields: ReadonlyMap<string, number> = new Map(
  Object.entries({
    default: 0,
    lowdelay: 0x10,
    throughput: 0x08,
    reliability: 0x04,
    mincost: 0x02,
    EF: 0xb8,
  }),
);

/** The TOS byte: hexadecimal, or a name of rt_dsfield such as `CS6` or `AF11`. */
export function dsfield(text: string): number | null {
  const number = parseUint32(/^[0-9a-f]{2}$/i.test(text) ? `0x${text}` : text);
  if (number !== null) return number <= 255 ? number : null;
  const known = dsfields.get(text);
  if (known !== undefined) return known;
  const selector = /^CS([0-7])$/.exec(text)?.[1];
  if (selector !== undefined) return Number(selector) << 5;
  const assured = /^AF([1-4])([1-3])$/.exec(text);
  return assured === null ? null : (Number(assured[1]) << 5) | (Number(assured[2]) << 3);
}
