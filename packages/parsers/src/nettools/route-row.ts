/** One row of route(8) or `netstat -r`, of IPv4 or IPv6. */
import {
  bareHop,
  bareRoute,
  type Diagnostic,
  type Ip,
  isMulticast,
  isUnspecified,
  maskLength,
  type Prefix,
  parseDecimal,
  parseIp,
  parseIp4,
  parsePrefix,
  prefixOf,
  type Route,
  type RouteType,
  type Span,
} from '@coldtrace/core';
import { nettoolsDiagnostic } from './codes.js';

export type RouteFields = Omit<Route, 'span' | 'trust'>;

export interface RouteRow {
  readonly route: RouteFields;
  readonly metricShown: boolean;
  /** `!`: rejecting, the kind is not shown. */
  readonly rejects: boolean;
  /** `UG` with the gateway 0.0.0.0: it is one of IPv6, which this listing cannot show. */
  readonly hidesGateway: boolean;
}

/** What is said of a row of IPv4 whose listing shows less than the kernel has. */
export function hiddenIn({ route, rejects, hidesGateway }: RouteRow, span: Span): readonly Diagnostic[] {
  if (hidesGateway) return [nettoolsDiagnostic('gateway-hidden', span)];
  if (rejects) return [nettoolsDiagnostic('reject-kind-hidden', span)];
  return route.type === 'blackhole' ? [nettoolsDiagnostic('discard-kind-hidden', span)] : [];
}

/** Number of words of an IPv4 row, whichever of its three layouts. */
export const rowWords = 8;

/** What /etc/networks calls them on every machine; other names are its own. */
const networkNames: Readonly<Record<string, string | undefined>> = { default: '0.0.0.0', 'link-local': '169.254.0.0' };

const flags4 = /^[UGHRDMACSIWB!]{1,8}$/;
const flags6 = /^[UGHRDMACanceI!]{1,8}$/;

/** Destination Gateway Genmask Flags, then Metric Ref Use Iface or MSS Window irtt Iface. */
export function readRow4(words: readonly string[], metricShown: boolean): RouteRow | null {
  const [destination, gateway, genmask, flags, third, second, first, dev] = words;
  if (destination === undefined || gateway === undefined || genmask === undefined || dev === undefined) return null;
  const mask = parseIp4(genmask);
  const length = mask === null ? null : maskLength(mask);
  const to = parseIp4(networkNames[destination] ?? destination);
  const via = gateway === '*' || gateway === '-' ? parseIp4('0.0.0.0') : parseIp4(gateway);
  if (length === null || to === null || via === null || !flags4.test(flags ?? '')) return null;
  if (![third, second, first].every((word) => /^(?:-?\d+|-)$/.test(word ?? ''))) return null;
  const rejects = flags?.includes('!') ?? false;
  const metric = metricShown ? metricOf(third ?? '') : 0;
  const type: RouteType = rejects ? 'unreachable' : dev === '*' ? 'blackhole' : 'unicast';
  const hidesGateway = type === 'unicast' && (flags?.includes('G') ?? false) && isUnspecified(via);
  return { route: routeOf(prefixOf(to, length), via, dev, type, metric, 'main'), metricShown, rejects, hidesGateway };
}

/** net-tools print the kernel's 32 bits as a signed number. */
function metricOf(text: string): number {
  const size = parseDecimal(text.replace(/^-/, ''), 0xffffffff) ?? 0;
  return text.startsWith('-') ? -size >>> 0 : size;
}

/** Destination/Length NextHop Flag Met Ref Use If. */
export function readRow6(words: readonly string[]): RouteRow | null {
  const [destination, gateway, flags, metricText, ref, use, dev] = words;
  if (destination === undefined || gateway === undefined || dev === undefined || words.length > 7) return null;
  // Addresses of 39 characters leave no blank before the flags in old versions; such rows are not read.
  const dst =
    destination === 'default' || destination === '[::]/0'
      ? parsePrefix('::/0')
      : destination.includes('/')
        ? parsePrefix(destination)
        : null;
  const via = gateway === '[::]' || gateway === '*' ? parseIp('::') : parseIp(gateway);
  if (dst === null || dst.ip.family !== 6 || via === null || via.family !== 6) return null;
  if (!flags6.test(flags ?? '') || ![ref, use].every((word) => /^\d+$/.test(word ?? ''))) return null;
  if (!/^-?\d+$/.test(metricText ?? '')) return null;
  const rejects = flags?.includes('!') ?? false;
  const metric = metricOf(metricText ?? '');
  const own = flags?.includes('n') && !rejects;
  const type: RouteType = rejects ? 'unreachable' : own ? 'local' : isMulticast(dst.ip) ? 'multicast' : 'unicast';
  const table = type === 'local' || type === 'multicast' ? 'local' : 'main';
  return { route: routeOf(dst, via, dev, type, metric, table), metricShown: true, rejects, hidesGateway: false };
}

function routeOf(dst: Prefix, gateway: Ip, dev: string, type: RouteType, metric: number, table: string): RouteFields {
  const via = isUnspecified(gateway) ? null : gateway;
  const device = dev === '*' || dev === '-' ? null : dev;
  return {
    ...bareRoute,
    family: dst.ip.family,
    type,
    dst,
    table,
    metric,
    nexthops: device === null ? [] : [bareHop(device, via)],
    // Each way of a route of IPv6 has a row of its own.
    ...(dst.ip.family === 4 && type === 'unicast' ? { firstWayOnly: true } : {}),
  };
}
