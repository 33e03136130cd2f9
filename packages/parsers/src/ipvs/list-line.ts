/** A line of `ipvsadm -L`, of whichever columns, or of /proc/net/ip_vs. */
import { formatIp, ip4, parseDecimal, type RealServer, type VirtualKey, type VirtualServer } from '@coldtrace/core';
import { looksLikeServer, readServerAddress } from './address.js';

export type ListLine =
  | { readonly kind: 'service'; readonly service: Omit<VirtualServer, 'servers' | 'span'> }
  | { readonly kind: 'server'; readonly server: Omit<RealServer, 'span'> }
  /** A row of `--stats`, `--rate`, `--thresholds`, `--persistent-conn`: numbers, without what the model needs. */
  | { readonly kind: 'numbers' }
  | { readonly kind: 'named'; readonly text: string };

const forwardings: Readonly<Record<string, RealServer['forwarding']>> = {
  // A server that is this node itself: delivered here as it is.
  Local: 'route',
  Masq: 'masq',
  Route: 'route',
  Tunnel: 'tunnel',
};
const protocols = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;
const number = /^\d+[KMGTP]?$/;

export function readListLine(line: string): ListLine | null {
  if (line.length > 500 || !/^\s*(?:-> |TCP |UDP |SCTP |FWM )/.test(line)) return null;
  const words = line.trim().split(/\s+/);
  return words[0] === '->' ? readServer(words.slice(1)) : readService(words);
}

function readServer(words: readonly string[]): ListLine | null {
  // `--tun-info` has a column more.
  const info = tunnelColumn.exec(words[2] ?? '');
  const [text, method, weight, active, inactive] = info === null ? words : [...words.slice(0, 2), ...words.slice(3)];
  if (text === undefined || !looksLikeServer(text)) return null;
  const forwarding = forwardings[method ?? ''];
  if (forwarding === undefined) {
    return words.length >= 5 && words.slice(1).every((word) => number.test(word)) ? { kind: 'numbers' } : null;
  }
  const address = readServerAddress(text);
  const count = parseDecimal(weight ?? '', 0x7fffffff);
  if (count === null) return null;
  if (address === null) return { kind: 'named', text };
  const server: Omit<RealServer, 'span'> = {
    ...address,
    forwarding,
    weight: count,
    activeConnections: parseDecimal(active ?? '', 0xffffffff),
    inactiveConnections: parseDecimal(inactive ?? '', 0xffffffff),
    ...(forwarding === 'tunnel' && info !== null ? { tunnel: tunnelOptions(info) } : {}),
    upperThreshold: null,
    lowerThreshold: null,
  };
  return { kind: 'server', server };
}

const tunnelColumn = /^(ipip|gue|gre|n\/a)(?::(\d+))?(?::(\S+))?$/;

const checksums: Readonly<Record<string, string>> = { '+c': 'csum', '-c': 'nocsum', 'r+c': 'remcsum' };

/** As `-S` has it. */
function tunnelOptions([, type, port, checksum]: RegExpExecArray): string {
  const options = [`--tun-type ${type}`];
  if (port !== undefined) options.push(`--tun-port ${port}`);
  const word = checksums[checksum ?? ''];
  if (word !== undefined) options.push(`--tun-${word}`);
  return options.join(' ');
}

function readService(words: readonly string[]): ListLine | null {
  const [kind, text, ...after] = words;
  if (kind === undefined || text === undefined) return null;
  const six = kind === 'FWM' && after[0] === 'IPv6';
  const rest = six ? after.slice(1) : after;
  const key = readKey(kind, text, six);
  if (key === null) return null;
  const [scheduler, ...flags] = rest;
  if (scheduler === undefined) return null;
  if (rest.length === 5 && rest.every((word) => number.test(word))) return { kind: 'numbers' };
  if (!/^[a-z][a-z0-9_-]*$/.test(scheduler)) return null;
  if (key === 'named') return { kind: 'named', text };
  return readFlags(key, scheduler, flags);
}

function readKey(kind: string, text: string, six: boolean): VirtualKey | 'named' | null {
  if (kind === 'FWM') {
    const mark = /^(?=.*[A-F]|0)[0-9A-F]{8}$/.test(text) ? Number.parseInt(text, 16) : parseDecimal(text, 0xffffffff);
    return mark === null ? null : { kind: 'fwmark', mark, family: six ? 6 : 4 };
  }
  const protocol = kind === 'TCP' || kind === 'UDP' || kind === 'SCTP' ? protocols[kind] : null;
  if (protocol === null || !looksLikeServer(text)) return null;
  const address = readServerAddress(text);
  return address === null ? 'named' : { kind: 'address', protocol, ...address };
}

function readFlags(key: VirtualKey, scheduler: string, words: readonly string[]): ListLine | null {
  let schedulerFlags: readonly string[] = [];
  let persistent: number | null = null;
  let netmask: string | null = null;
  let engine: string | null = null;
  let onePacket = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word.startsWith('(') && word.endsWith(')')) schedulerFlags = word.slice(1, -1).split(',');
    else if (word === 'ops') onePacket = true;
    else if (word === 'persistent') persistent = parseDecimal(words[++at] ?? '', 0xffffffff);
    // The netmask of /proc/net/ip_vs; for IPv6 it is a length in the order of the machine's bytes.
    else if (words[at - 2] === 'persistent' && /^[0-9A-F]{8}$/.test(word)) {
      if (key.kind !== 'address' || key.ip.family !== 4) return null;
      netmask = word === 'FFFFFFFF' ? null : formatIp(ip4(Number.parseInt(word, 16)));
    } else if (word === 'mask') netmask = words[++at] ?? null;
    else if (word === 'pe') engine = words[++at] ?? null;
    else return null;
  }
  const service = { key, scheduler, schedulerFlags, persistent, netmask, onePacket };
  return { kind: 'service', service: engine === null ? service : { ...service, persistenceEngine: engine } };
}
