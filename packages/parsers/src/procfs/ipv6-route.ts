/** /proc/net/ipv6_route: routes of every table without the table's name (net/ipv6/ip6_fib.c, ipv6_route_native_seq_show). */
import {
  bareHop,
  bareRoute,
  type Facts,
  isMulticast,
  isUnspecified,
  type Prefix,
  prefixOf,
  type Route,
  type RouteType,
} from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { hexNumber, wireIp6 } from './hex.js';
import { procNet } from './whole.js';

const row =
  /^([0-9a-f]{32}) ([0-9a-f]{2}) ([0-9a-f]{32}) ([0-9a-f]{2}) ([0-9a-f]{32}) ([0-9a-f]{8}) [0-9a-f]{8} [0-9a-f]{8} ([0-9a-f]{8})\s+(\S{1,15})\s*$/;

/** include/uapi/linux/ipv6_route.h, include/uapi/linux/route.h. */
const [reject, anycast, nextHopLess, local] = [0x200, 0x100000, 0x200000, 0x80000000];

export const procIpv6RouteFormat: Format = {
  id: 'proc-net-ipv6-route',
  title: 'IPv6 routes, as /proc/net/ipv6_route shows them',
  ...procNet('ipv6_route'),
  fileNames: [],
  line: (text) => (text.length > 148 && text.length < 300 && row.test(text) ? 'opens' : null),
  parse,
};

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Route[] = [];
  for (const line of reading.lines) {
    const words = line.text.length < 300 ? row.exec(line.text) : null;
    const route = words === null ? null : routeOf(words);
    if (route === 'nothing') claim(reading, line, 'inert');
    else if (route !== null) {
      rows.push({ span: lineSpan(section, line), ...route });
      claim(reading, line, 'conditional');
    } else takeFailure(reading, line);
  }
  const facts: Facts = { kind: 'routes', rows, covers: [{ family: 6, tables: ['main'] }], complete: false };
  return closeReading(reading, rows.length === 0 ? [] : [facts]);
}

type Fields = Omit<Route, 'span' | 'trust'>;

/** `nothing`: the kernel's own entry that ends a search without a result. */
function routeOf(words: RegExpExecArray): Fields | 'nothing' | null {
  const [, to = '', toLength = '', from = '', fromLength = '', next = '', metricText = '', flagText = '', dev = ''] =
    words;
  const dst = prefix(to, toLength);
  const src = prefix(from, fromLength);
  const via = wireIp6(next);
  const flags = hexNumber(flagText) ?? 0;
  const metric = hexNumber(metricText) ?? 0;
  if (dst === null || src === null || via === null) return null;
  const rejects = (flags & reject) !== 0;
  if (rejects && dst.length === 0 && metric === 0xffffffff && (flags & nextHopLess) !== 0) return 'nothing';
  const type = typeOf(dst, flags);
  return {
    ...bareRoute,
    family: 6,
    type,
    dst,
    src: src.length === 0 ? null : src,
    table: type === 'local' || type === 'multicast' || type === 'anycast' ? 'local' : 'main',
    metric,
    protocol: type === 'anycast' ? 'kernel' : null,
    nexthops: rejects ? [] : [bareHop(dev, isUnspecified(via) ? null : via)],
  };
}

function typeOf(dst: Prefix, flags: number): RouteType {
  if ((flags & reject) !== 0) return 'unreachable';
  if ((flags & anycast) !== 0) return 'anycast';
  if ((flags & local) !== 0) return 'local';
  return isMulticast(dst.ip) ? 'multicast' : 'unicast';
}

function prefix(digits: string, length: string): Prefix | null {
  const ip = wireIp6(digits);
  const bits = hexNumber(length);
  return ip === null || bits === null || bits > 128 ? null : prefixOf(ip, bits);
}
