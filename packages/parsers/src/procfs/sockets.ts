/** /proc/net/{tcp,udp,udplite,raw}{,6}: sockets without their processes (net/ipv4/tcp_ipv4.c, udp.c, raw.c and their IPv6 likes). */
import { type Facts, type Ip, isUnspecified, type ListenProtocol, type Socket, unmapped } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { procfsDiagnostic } from './codes.js';
import { type ByteOrder, hexNumber, ip4Of, ip6Of } from './hex.js';
import { isWholeFile, procNet } from './whole.js';

const heading =
  /^\s*sl\s+local_address\s+rem(?:ote)?_address\s+st\s+tx_queue\s+rx_queue\s+tr\s+tm->when\s+retrnsmt\s+uid\s+timeout\s+inode(\s+ref pointer drops)?\s*$/;
const row =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) [0-9A-F]{8}:[0-9A-F]{8} [0-9A-F]{2}:[0-9A-F]{8} [0-9A-F]{8} /;
const names = '(?:tcp|udp|udplite|raw|icmp)6?';

/** include/net/tcp_states.h, in ss's words. */
const states: Readonly<Record<string, string>> = {
  '01': 'ESTAB',
  '02': 'SYN-SENT',
  '03': 'SYN-RECV',
  '04': 'FIN-WAIT-1',
  '05': 'FIN-WAIT-2',
  '06': 'TIME-WAIT',
  '07': 'UNCONN',
  '08': 'CLOSE-WAIT',
  '09': 'LAST-ACK',
  '0A': 'LISTEN',
  '0B': 'CLOSING',
  '0C': 'SYN-RECV',
};

export const procSocketsFormat: Format = {
  id: 'proc-net-sockets',
  title: 'sockets, as /proc/net/tcp and its like show them',
  ...procNet(names),
  fileNames: [],
  line: (text) => (text.length < 400 && (row.test(text) || heading.test(text)) ? 'opens' : null),
  parse,
};

interface Progress {
  /** Protocol by the last heading; null when it may be several. */
  protocol: string | null;
  readonly order: ByteOrder | null;
  readonly rows: Socket[];
  /** Of each protocol, the families whose file is here. */
  readonly listed: Set<string>;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const order = orderOf(reading);
  const progress: Progress = { protocol: null, order, rows: [], listed: new Set() };
  const named = namesIn(section);
  for (const line of reading.lines) {
    const titled = line.text.length < 400 ? heading.exec(line.text) : null;
    const words = line.text.length < 400 ? row.exec(line.text) : null;
    if (titled !== null) {
      progress.protocol = protocolOf(titled[1] === undefined, named);
      progress.listed.add(`${progress.protocol} ${/remote/.test(line.text) ? 6 : 4}`);
      claim(reading, line, 'inert');
    } else if (words !== null) {
      const protocol = progress.protocol ?? (named.length === 1 ? (named[0] ?? null) : null);
      const socket = protocol === null ? null : socketOf(words, protocol, order ?? 'little');
      if (socket !== null) {
        const trust = order === null && !isWild(words) ? ({ trust: 'repaired' } as const) : {};
        progress.rows.push({ span: lineSpan(section, line), ...trust, ...socket });
      }
      claim(reading, line, socket === null ? 'conditional' : 'modelled');
    } else takeFailure(reading, line);
  }
  tell(reading, progress);
  const listens = isWholeFile(section) ? listensOf(progress.listed) : [];
  const facts: Facts = { kind: 'sockets', rows: progress.rows, complete: listens.length === 2, listens };
  return closeReading(reading, progress.rows.length === 0 && listens.length === 0 ? [] : [facts]);
}

function tell(reading: Reading, { order, rows }: Progress): void {
  const hidden = reading.lines.find((line) => row.test(line.text.slice(0, 400)));
  const [first] = rows;
  if (first === undefined && hidden !== undefined)
    reading.diagnostics.push(procfsDiagnostic('protocol-hidden', lineSpan(reading.section, hidden)));
  const guessed = rows.find((one) => one.trust === 'repaired');
  if (order === null && guessed !== undefined) reading.diagnostics.push(procfsDiagnostic('byte-order', guessed.span));
}

/** Protocols that the command or the path names. */
function namesIn({ command, path }: Section): readonly string[] {
  const text = command ?? path;
  return [...text.matchAll(/net[/_.-](tcp|udplite|udp|raw|icmp)6?(?![a-z])/g)].map(([, name = '']) => name);
}

/** TCP's heading is shorter; the others share theirs. */
function protocolOf(short: boolean, named: readonly string[]): string | null {
  if (short) return 'tcp';
  const others = new Set(named.filter((name) => name !== 'tcp'));
  const [only] = others;
  return others.size === 1 ? (only ?? null) : null;
}

/** A socket of 127.0.0.1 or of a group tells; so does any address that can only be one in one order. */
function orderOf(reading: Reading): ByteOrder | null {
  let little = 0;
  let big = 0;
  for (const { text } of reading.lines) {
    const [, near = '', , far = ''] = text.length < 400 ? (row.exec(text) ?? []) : [];
    for (const word of [near.slice(-8), far.slice(-8)]) {
      if (word.startsWith('7F') && !word.endsWith('7F')) big++;
      if (word.endsWith('7F') && !word.startsWith('7F')) little++;
    }
    if (near.startsWith('0000000000000000FFFF0000') || near.startsWith('000080FE')) little++;
    if (near.startsWith('00000000000000000000FFFF') || near.startsWith('FE80')) big++;
  }
  return little === big ? null : little > big ? 'little' : 'big';
}

function isWild(words: RegExpExecArray): boolean {
  return /^0+$/.test(words[1] ?? '') && /^0+$/.test(words[3] ?? '');
}

function socketOf(words: RegExpExecArray, protocol: string, order: ByteOrder): Omit<Socket, 'span' | 'trust'> | null {
  const [, near = '', nearPort = '', far = '', farPort = '', state = ''] = words;
  const local = addressOf(near, order);
  const peer = addressOf(far, order);
  if (local === null || peer === null) return null;
  const wild = isUnspecified(local);
  return {
    protocol,
    state: states[state] ?? 'UNKNOWN',
    localIp: wild ? null : local,
    localZone: null,
    localPort: hexNumber(nearPort),
    peerIp: isUnspecified(peer) ? null : peer,
    peerPort: hexNumber(farPort) || null,
    // `::` takes IPv4 too unless the socket says no, which is not shown.
    family: wild && local.family === 6 ? null : local.family,
    processes: [],
  };
}

function addressOf(digits: string, order: ByteOrder): Ip | null {
  const ip = digits.length === 8 ? ip4Of(digits, order) : ip6Of(digits, order);
  return ip === null ? null : unmapped(ip);
}

function listensOf(listed: ReadonlySet<string>): readonly ListenProtocol[] {
  return (['tcp', 'udp'] as const).filter((name) => listed.has(`${name} 4`) && listed.has(`${name} 6`));
}
