/** Sockets as netstat(8) of net-tools lists them. */
import type { Facts, ListenProtocol, Socket } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { socketsDiagnostic } from './codes.js';
import { readEndpoint } from './endpoint.js';
import { mayLackFamily } from './families-shown.js';

const title = /^Active (?:Internet|UNIX domain) (?:connections|sockets) \(/;
/** Without digits: with some, rows stand behind it, whose line ends were lost. */
const heading = /^(?!.*\d)Proto +(?:Recv-Q +Send-Q +Local Address +Foreign Address|RefCnt +Flags +Type)/;
const unix = /^unix +\d+ +\[/;
const notes =
  /^ ?\((?:Not all processes could be identified|No info could be read for)|^ will not be shown, you would have to be root/;
const protocols = /^(tcp|udp|raw|sctp|dccp|udplite|icmp)(6?)$/;

/** Its states in ss's words. */
const states: Readonly<Record<string, string>> = {
  CLOSE: 'UNCONN',
  CLOSE_WAIT: 'CLOSE-WAIT',
  CLOSING: 'CLOSING',
  ESTABLISHED: 'ESTAB',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
  LAST_ACK: 'LAST-ACK',
  LISTEN: 'LISTEN',
  SYN_RECV: 'SYN-RECV',
  SYN_SENT: 'SYN-SENT',
  TIME_WAIT: 'TIME-WAIT',
  UNKNOWN: 'UNKNOWN',
};

/** Width of the address columns unless `-W` is given; an address with its port that fills it may be cut. */
const columnWidth = 23;

export const netstatFormat: Format = {
  id: 'netstat',
  title: 'sockets, as netstat lists them',
  commands: [/^(?:\S*\/)?netstat\b(?!.*\s-\w*[rsig])/],
  fileNames: [/^netstat(?:[-_.].*)?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 2000) return null;
  if (title.test(text) || heading.test(text) || readRow(text) !== null) return 'opens';
  return unix.test(text) || notes.test(text) ? 'continues' : null;
}

interface RowWords {
  readonly protocol: string;
  readonly six: boolean;
  readonly near: string;
  readonly far: string;
  readonly rest: readonly string[];
}

function readRow(text: string): RowWords | null {
  if (!/^\s*(?:tcp|udp|raw|sctp|dccp|icmp)/.test(text)) return null;
  const words = text.trim().split(/\s+/, 20);
  const [kind, received, sent, near, far, ...rest] = words;
  const found = protocols.exec(kind ?? '');
  if (found === null || near === undefined || far === undefined) return null;
  if (!/^\d+$/.test(received ?? '') || !/^\d+$/.test(sent ?? '') || !near.includes(':') || !far.includes(':'))
    return null;
  return { protocol: found[1] ?? '', six: found[2] === '6', near, far, rest };
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Socket[] = [];
  const wide = reading.lines.some((line) => {
    const row = line.text.length < 2000 ? readRow(line.text) : null;
    return row !== null && Math.max(row.near.length, row.far.length) > columnWidth;
  });
  let whole = true;
  let listed = false;
  for (const line of reading.lines) {
    if (title.test(line.text) || heading.test(line.text)) listed = true;
    whole = readLine(reading, line, wide, rows) && whole;
  }
  if (rows.length === 0 && !listed) return closeReading(reading, []);
  const listens = whole ? listenersShown(section, rows, listed) : [];
  return closeReading(reading, [{ kind: 'sockets', rows, complete: listens.length === 2, listens }]);
}

/** False when the line is one that could not be read, perhaps a socket. */
function readLine(reading: Reading, line: Line, wide: boolean, rows: Socket[]): boolean {
  const { text } = line;
  if (title.test(text) || heading.test(text) || unix.test(text) || notes.test(text)) {
    claim(reading, line, 'inert');
    return true;
  }
  const row = text.length < 2000 ? readRow(text) : null;
  if (row === null) {
    return isBlank(text) || takeFailure(reading, line);
  }
  const socket = socketOf(reading, line, row, wide);
  if (socket === null) {
    claim(reading, line, 'conditional');
    return false;
  }
  rows.push(socket);
  claim(reading, line, 'modelled');
  return true;
}

function socketOf(reading: Reading, line: Line, row: RowWords, wide: boolean): Socket | null {
  const span = lineSpan(reading.section, line);
  const cut = [row.near, row.far].find((one) => row.six && !wide && one.length === columnWidth);
  if (cut !== undefined) {
    reading.diagnostics.push(socketsDiagnostic('address-cut', span, { text: cut }));
    return null;
  }
  const near = readEndpoint(row.near);
  const far = readEndpoint(row.far);
  if (near === null || far === null) {
    reading.diagnostics.push(socketsDiagnostic('name-not-number', span, { text: `${row.near} ${row.far}` }));
    return null;
  }
  const state = states[row.rest[0] ?? ''];
  const program = row.rest.find((word) => /^\d{1,10}\/./.test(word));
  const slash = program?.indexOf('/') ?? 0;
  const processes =
    program === undefined ? [] : [{ name: program.slice(slash + 1), pid: Number(program.slice(0, slash)) }];
  const family = near.bare ? null : near.family;
  return {
    span,
    protocol: row.protocol,
    state: state ?? 'UNCONN',
    localIp: near.ip,
    localZone: near.zone,
    localPort: near.port,
    peerIp: far.ip,
    peerPort: far.port,
    family,
    processes,
  };
}

const both: readonly ListenProtocol[] = ['tcp', 'udp'];

/** Of which protocols every socket that takes new packets is here. */
function listenersShown(section: Section, rows: readonly Socket[], titled: boolean): readonly ListenProtocol[] {
  const { command } = section;
  if (command === null) {
    // Without its title, it may be what grep(1) let through.
    if (section.freeForm || !titled || mayLackFamily('netstat', section.path, rows)) return [];
    if (!rows.some((row) => row.state === 'LISTEN')) return [];
    return both.filter((protocol) => rows.some((row) => row.protocol === protocol));
  }
  const plain = command.replace(/\s+2?>\s*(?:&1|\S+)/g, '').trim();
  if (!/^\S*netstat(?:\s+-[A-Za-z]+)+$/.test(plain)) return [];
  const letters = plain.split(/\s+/).slice(1).join('').replace(/-/g, '');
  if (!/[la]/.test(letters)) return [];
  return /[tuwxSU]/.test(letters) ? both.filter((protocol) => letters.includes(protocol.slice(0, 1))) : both;
}
