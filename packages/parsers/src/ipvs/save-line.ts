/** A line of `ipvsadm -S`, which is also an ipvsadm(8) command without the word `ipvsadm`. */
import { type Family, parseDecimal, type RealServer, type VirtualKey, type VirtualServer } from '@coldtrace/core';
import { readServerAddress } from './address.js';

type Fault = { readonly kind: 'named'; readonly text: string } | { readonly kind: 'unknown'; readonly option: string };

export type SaveLine =
  | { readonly kind: 'service'; readonly service: Omit<VirtualServer, 'servers' | 'span'> }
  | { readonly kind: 'server'; readonly key: VirtualKey; readonly server: Omit<RealServer, 'span'> }
  | Fault;

/** Long options and the letters that `-S` prints. */
const longNames: Readonly<Record<string, string>> = {
  '--add-server': '-a',
  '--add-service': '-A',
  '--edit-server': '-a',
  '--edit-service': '-A',
  '--fwmark-service': '-f',
  '--gatewaying': '-g',
  '--ipip': '-i',
  '--ipv6': '-6',
  '--l-threshold': '-y',
  '--masquerading': '-m',
  '--netmask': '-M',
  '--ops': '-o',
  '--persistent': '-p',
  '--real-server': '-r',
  '--sched-flags': '-b',
  '--scheduler': '-s',
  '--tcp-service': '-t',
  '--u-threshold': '-x',
  '--udp-service': '-u',
  '--weight': '-w',
  '-E': '-A',
  '-e': '-a',
  '-O': '-o',
};
const valued: ReadonlySet<string> = new Set([
  '-t',
  '-u',
  '-f',
  '-s',
  '-p',
  '-M',
  '-b',
  '-r',
  '-w',
  '-x',
  '-y',
  '--sctp-service',
  '--pe',
  '--tun-type',
  '--tun-port',
]);
const bare: ReadonlySet<string> = new Set([
  '-6',
  '-o',
  '-m',
  '-g',
  '-i',
  '-n',
  '--tun-nocsum',
  '--tun-csum',
  '--tun-remcsum',
]);
/** Every command names its service, and no dump of iptables has these after its chain. */
const names = / (?:-[tuf]|--(?:tcp|udp|sctp|fwmark)-service) /;
/** What a persistent service without a number gets (ipvsadm.c). */
const defaultTimeout = '360';

/** Reads `-A …` or `-a …`; null for anything else, e.g. `-A` of iptables, which names a chain. */
export function readSaveLine(line: string): SaveLine | null {
  if (line.length > 1000 || !/^(?:ipvsadm )?\s*-(?:[AaEe] |-(?:add|edit)-s)/.test(line) || !names.test(line))
    return null;
  const words = line.trim().split(/\s+/);
  if (words[0] === 'ipvsadm') words.shift();
  const verb = shortName(words[0] ?? '');
  const options = new Map<string, string>();
  const tunnel: string[] = [];
  for (let at = 1; at < words.length; at++) {
    const option = shortName(words[at] ?? '');
    const optional = option === '-p' && !/^\d+$/.test(words[at + 1] ?? '');
    const value = valued.has(option) && !optional ? words[++at] : undefined;
    if (!valued.has(option) && !bare.has(option)) return isIpvs(options) ? { kind: 'unknown', option } : null;
    if (value === undefined && valued.has(option) && !optional) return null;
    options.set(option, value ?? (optional ? defaultTimeout : ''));
    if (option.startsWith('--tun-')) tunnel.push(option, ...(value === undefined ? [] : [value]));
  }
  const key = keyOf(options);
  if (key === null || 'text' in key) return key;
  return verb === '-A' ? { kind: 'service', service: serviceOf(key, options) } : serverOf(key, options, tunnel);
}

function shortName(word: string): string {
  return longNames[word] ?? word;
}

function isIpvs(options: ReadonlyMap<string, string>): boolean {
  const key = keyOf(options);
  return key !== null && key.kind !== 'named';
}

function keyOf(options: ReadonlyMap<string, string>): VirtualKey | Extract<Fault, { kind: 'named' }> | null {
  const mark = options.get('-f');
  if (mark !== undefined) {
    const number = parseDecimal(mark, 0xffffffff);
    const family: Family = options.has('-6') ? 6 : 4;
    return number === null ? null : { kind: 'fwmark', mark: number, family };
  }
  for (const [option, protocol] of [
    ['-t', 'tcp'],
    ['-u', 'udp'],
    ['--sctp-service', 'sctp'],
  ] as const) {
    const text = options.get(option);
    if (text === undefined) continue;
    const address = readServerAddress(text);
    if (address !== null) return { kind: 'address', protocol, ...address };
    // `-A -t nat` is iptables with its chain left out.
    return text.includes(':') ? { kind: 'named', text } : null;
  }
  return null;
}

function serviceOf(key: VirtualKey, options: ReadonlyMap<string, string>): Omit<VirtualServer, 'servers' | 'span'> {
  const timeout = options.get('-p');
  const engine = options.get('--pe');
  const flags = options.get('-b');
  return {
    key,
    scheduler: options.get('-s') ?? 'wlc',
    schedulerFlags: flags === undefined ? [] : flags.split(','),
    persistent: timeout === undefined ? null : parseDecimal(timeout, 0xffffffff),
    netmask: options.get('-M') ?? null,
    onePacket: options.has('-o'),
    ...(engine === undefined ? {} : { persistenceEngine: engine }),
  };
}

function serverOf(key: VirtualKey, options: ReadonlyMap<string, string>, tunnel: readonly string[]): SaveLine | null {
  const text = options.get('-r');
  if (text === undefined) return null;
  const address = readServerAddress(text);
  if (address === null) return { kind: 'named', text };
  const number = (option: string) => parseDecimal(options.get(option) ?? '', 0x7fffffff);
  const server: Omit<RealServer, 'span'> = {
    ...address,
    forwarding: options.has('-m') ? 'masq' : options.has('-i') ? 'tunnel' : 'route',
    weight: number('-w') ?? 1,
    activeConnections: null,
    inactiveConnections: null,
    upperThreshold: number('-x'),
    lowerThreshold: number('-y'),
    ...(tunnel.length === 0 ? {} : { tunnel: tunnel.join(' ') }),
  };
  return { kind: 'server', key, server };
}
