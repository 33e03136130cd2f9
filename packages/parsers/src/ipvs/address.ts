/** `ADDRESS:PORT` and `[ADDRESS]:PORT` as ipvsadm(8) writes them; without `-n` both may be names. /proc/net/ip_vs has hexadecimal (ip_vs_ctl.c). */
import { type Ip, ip4, parseDecimal, parseIp, servicePort } from '@coldtrace/core';

export interface ServerAddress {
  readonly ip: Ip;
  readonly port: number;
}

const proc4 = /^[0-9A-F]{8}:[0-9A-F]{4}$/;
/** The kernel fills groups with zeros, which ipvsadm never does. */
const proc6 = /^\[(?=.*[[:]0[0-9a-f]{3})(?:[0-9a-f]{4}:){7}[0-9a-f]{4}\]:[0-9A-F]{4}$/;

/** Reads an address with a port (absent: 0, any port); null for names that cannot be known and for anything else. */
export function readServerAddress(text: string): ServerAddress | null {
  if (text.length > 100) return null;
  if (proc4.test(text))
    return { ip: ip4(Number.parseInt(text.slice(0, 8), 16)), port: Number.parseInt(text.slice(9), 16) };
  const close = text.startsWith('[') ? text.indexOf(']') : -1;
  const colon = text.startsWith('[') ? text.indexOf(':', close) : text.indexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  const ip = parseIp(close > 0 ? host.slice(1, -1) : host);
  if (ip === null || (ip.family === 6) !== close > 0) return null;
  const portText = text.slice(colon + 1);
  const port = colon < 0 ? 0 : proc6.test(text) ? Number.parseInt(portText, 16) : readPort(portText);
  return port === null ? null : { ip, port };
}

/** Whether a word could be `HOST:PORT` at all. */
export function looksLikeServer(text: string): boolean {
  return /^(?:\[[0-9a-f:.]+\]|[\w.-]+):[\w-]+$/i.test(text);
}

function readPort(text: string): number | null {
  return parseDecimal(text, 65_535) ?? servicePort(text, null);
}
