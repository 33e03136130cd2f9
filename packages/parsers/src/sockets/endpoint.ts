/** `ADDRESS[%ZONE]:PORT` as ss(8) and netstat(8) write it: brackets or none, `*` for a wildcard or for any port. */
import { type Family, type Ip, isUnspecified, parseDecimal, parseIp, servicePort, unmapped } from '@coldtrace/core';

export interface Endpoint {
  /** null: wildcard. */
  readonly ip: Ip | null;
  readonly zone: string | null;
  readonly port: number | null;
  /** null: `*`, whichever that means in this version of the tool. */
  readonly family: Family | null;
  /** True when the wildcard was written `::` without brackets, which does not tell whether IPv4 is taken too. */
  readonly bare: boolean;
}

/** Reads an endpoint; null for anything else, so also for host names. */
export function readEndpoint(text: string): Endpoint | null {
  if (text.length > 120) return null;
  const colon = text.lastIndexOf(':');
  if (colon < 1) return null;
  const port = readPort(text.slice(colon + 1));
  if (port === undefined) return null;
  const host = text.slice(0, colon);
  const percent = host.lastIndexOf('%');
  const zone = percent < 0 ? null : host.slice(percent + 1);
  const address = percent < 0 ? host : host.slice(0, percent);
  if (zone === '') return null;
  if (address === '*') return { ip: null, zone, port, family: null, bare: false };
  const bracketed = address.startsWith('[') && address.endsWith(']');
  const written = parseIp(bracketed ? address.slice(1, -1) : address);
  if (written === null || (bracketed && written.family === 4)) return null;
  const ip = unmapped(written);
  if (ip !== written) return { ip, zone, port, family: 4, bare: false };
  const wild = isUnspecified(ip);
  return { ip: wild ? null : ip, zone, port, family: ip.family, bare: wild && ip.family === 6 && !bracketed };
}

function readPort(text: string): number | null | undefined {
  if (text === '*') return null;
  return parseDecimal(text, 65_535) ?? servicePort(text, null) ?? undefined;
}
