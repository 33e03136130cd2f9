/** Output of ss(8). */
import type { Facts, ListenProtocol, Socket } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { socketsDiagnostic } from './codes.js';
import type { Endpoint } from './endpoint.js';
import { mayLackFamily } from './families-shown.js';
import { readProcesses, readSsRow, type SsRow, states, transparency } from './ss-row.js';

/** To its last word: a window may have cut it, and the rows with it. */
const wholeHeading = /Peer Address ?: ?Port *(?:Process)?\s*$/;
/** Without digits: with some, rows stand behind it, whose line ends were lost. */
const heading = /^(?!.*\d)(?:Netid +)?(?:State +)?Recv-Q +Send-Q +Local Address ?: ?Port/;
/** `ss -s`. */
const summary =
  /^(?:Total: \d+|TCP: +\d+ \(estab|Transport +Total +IP +IPv6|(?:RAW|UDP|TCP|INET|FRAG|\*)\t? +\d+ +\d+ +\d+)/;
const continuation =
  /^\s+(?:users:\(\(|skmem:\(|timer:\(|ino:|sk:|uid:|cgroup:|inet-sockopt:|mem:\(|ts |sack |cubic|bbr|reno|dctcp|wscale:|rto:|cwnd:|tcp-ulp|bpf_)/;
/** What is missing in the kernel for one of the families asked for; the others are listed all the same. */
const notes =
  /^(?:Failed to find cgroup2 mount|RTNETLINK answers: Invalid argument|RTNETLINK answers: No such file or directory)/;

export const ssFormat: Format = {
  id: 'ss',
  title: 'sockets',
  commands: [/^(?:\S*\/)?ss(?:\s|$)/],
  fileNames: [/^ss(?:[-_.].*)?(?:\.(?:txt|md|log))?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 20_000) return null;
  if (heading.test(text) || /^Transport +Total +IP +IPv6/.test(text)) return 'opens';
  const row = readSsRow(text, false);
  if (row?.kind === 'socket') return 'opens';
  return row !== null || continuation.test(text) || summary.test(text) || notes.test(text) ? 'continues' : null;
}

interface Progress {
  stateless: boolean;
  readonly rows: Socket[];
  readonly ends: { readonly near: Endpoint; readonly far: Endpoint }[];
  /** False as soon as a row could not be read. */
  whole: boolean;
  headed: boolean;
  sawNetid: boolean;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const progress: Progress = { stateless: false, rows: [], ends: [], whole: true, headed: false, sawNetid: false };
  for (const line of reading.lines) readLine(reading, line, progress);
  const rows = settleWildcards(progress);
  if (rows.length === 0 && !progress.headed) return closeReading(reading, []);
  const listens = progress.whole ? listenersShown(section, progress) : [];
  const connected = showsConnected(section, rows) ? listens : [];
  return closeReading(reading, [{ kind: 'sockets', rows, complete: listens.length === 2, listens, connected }]);
}

function readLine(reading: Reading, line: Line, progress: Progress): void {
  const { text } = line;
  if (heading.test(text)) {
    progress.headed = true;
    progress.stateless = !/^(?:Netid +)?State/.test(text);
    progress.sawNetid ||= text.startsWith('Netid');
    if (!wholeHeading.test(text)) progress.whole = false;
    claim(reading, line, 'inert');
    return;
  }
  if (summary.test(text) || notes.test(text)) claim(reading, line, 'inert');
  else if (text.length < 20_000 && continuation.test(text)) takeContinuation(reading, line, progress);
  else {
    const row = readSsRow(text, progress.stateless);
    if (row !== null) takeRow(reading, line, row, progress);
    else if (!isBlank(text) && !takeFailure(reading, line)) progress.whole = false;
  }
}

function takeRow(reading: Reading, line: Line, row: SsRow, progress: Progress): void {
  const span = lineSpan(reading.section, line);
  if (row.kind === 'local') {
    claim(reading, line, 'inert');
    return;
  }
  if (row.kind === 'named') {
    reading.diagnostics.push(socketsDiagnostic('name-not-number', span, { text: row.text }));
    claim(reading, line, 'conditional');
    progress.whole = false;
    return;
  }
  const { near, far, rest } = row.socket;
  const state = row.socket.state ?? stateOf(reading.section.command);
  if (row.socket.protocol !== undefined) progress.sawNetid = true;
  progress.ends.push({ near, far });
  progress.rows.push({
    span,
    protocol: row.socket.protocol ?? protocolOf(reading.section.command, state),
    state,
    localIp: near.ip,
    localZone: near.zone,
    localPort: near.port,
    peerIp: far.ip,
    peerPort: far.port,
    family: near.family,
    ...transparency(rest),
    processes: readProcesses(rest),
  });
  claim(reading, line, 'modelled');
}

/** Process column wrapped to a line of its own, or details of `-e`, `-i`, `-m`, `-o`, `--inet-sockopt`. */
function takeContinuation(reading: Reading, line: Line, progress: Progress): void {
  const processes = readProcesses(line.text);
  const seen = transparency(line.text);
  const tells = processes.length > 0 || seen.transparent !== undefined;
  const last = progress.rows.pop();
  if (last !== undefined) {
    const span = tells ? { ...last.span, end: line.end } : last.span;
    progress.rows.push({ ...last, span, ...seen, processes: [...last.processes, ...processes] });
  }
  claim(reading, line, last !== undefined && tells ? 'modelled' : 'inert');
}

/** Before iproute2 4.x `*` was IPv4's wildcard and `::` stood without brackets; since then `*` is an IPv6 socket that takes both. */
function settleWildcards(progress: Progress): readonly Socket[] {
  const old = progress.ends.some((one) => one.near.bare || one.far.bare);
  if (!old) return progress.rows;
  return progress.rows.map((row, at) => {
    const near = progress.ends[at]?.near;
    if (near === undefined || near.ip !== null) return row;
    return { ...row, family: near.bare ? null : 4 };
  });
}

function stateOf(command: string | null): string {
  const word = /\bstate\s+([a-z][a-z0-9-]*)/.exec(command ?? '')?.[1] ?? '';
  if (word === 'established') return 'ESTAB';
  if (word === 'listening') return 'LISTEN';
  const state = word.toUpperCase();
  return states.has(state) ? state : 'UNKNOWN';
}

function protocolOf(command: string | null, state: string): string {
  const letters = optionLetters(command);
  const asked = [...letters].filter((letter) => 'tuwSd'.includes(letter));
  const [only] = asked;
  if (asked.length === 1 && only !== undefined)
    return { t: 'tcp', u: 'udp', w: 'raw', S: 'sctp', d: 'dccp' }[only] ?? 'tcp';
  return state === 'UNCONN' ? 'udp' : 'tcp';
}

function optionLetters(command: string | null): string {
  const words = (command ?? '').split(/\s+/).slice(1);
  return words
    .filter((word) => /^-[A-Za-z0-9]+$/.test(word))
    .join('')
    .replace(/-/g, '');
}

const both: readonly ListenProtocol[] = ['tcp', 'udp'];

/** Of which protocols every socket that takes new packets is here: what rules ask. Established connections may be missing even so (`-l`). */
function listenersShown(section: Section, progress: Progress): readonly ListenProtocol[] {
  const command = section.command ?? commandOfName(section, progress);
  if (command === null) {
    // Without its heading, it may be what grep(1) let through.
    if (section.freeForm || !progress.headed || !progress.rows.some((row) => row.state === 'LISTEN')) return [];
    if (mayLackFamily('ss', section.path, progress.rows)) return [];
    // The Netid column is there only when more than one protocol was asked for.
    return progress.sawNetid ? both : ['tcp'];
  }
  const letters = plainLetters(command);
  if (!/[la]/.test(letters)) return [];
  return /[tuwSdxMf]/.test(letters) ? both.filter((protocol) => letters.includes(protocol.slice(0, 1))) : both;
}

/** Whether those that have a peer are listed beside those that wait: `-a`. */
function showsConnected({ command, freeForm }: Section, rows: readonly Socket[]): boolean {
  if (command !== null) return plainLetters(command).includes('a');
  return !freeForm && rows.some((row) => row.peerPort !== null) && rows.some((row) => row.state === 'LISTEN');
}

/**
 * A file that bears its options (`ss_-peaonmi`, `ss-lntp.txt`, `ssuapn`), as support bundles name them; `ss.txt` is what the table of dumps calls `ss -antup`,
 * whose headings alone speak.
 * Without the Netid column they are those of one protocol, perhaps of its connections only.
 */
function commandOfName({ path, freeForm }: Section, { rows, sawNetid }: Progress): string | null {
  if (freeForm) return null;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const letters = /^ss[-_]*([aeilmnoptuwxHNOZ046]+)(?:\.(?:txt|log))?$/.exec(name)?.[1] ?? '';
  if (letters.includes('n') && /[la]/.test(letters)) return `ss -${letters}`;
  return rows.length === 0 && sawNetid && /^ss(?:\.txt)?$/.test(name) ? 'ss -antup' : null;
}

/** Options that show more of the same sockets. */
const details = /\s+--(?:inet-sockopt|tos|cgroup|no-header|numeric|oneline|processes|extended)(?=\s|$)/g;

/** The letters of a command that has nothing else, no filter above all; else none. */
function plainLetters(command: string): string {
  const plain = command
    .replace(/\s+2?>\s*(?:&1|\S+)/g, '')
    .replace(details, '')
    .trim();
  return /^\S*ss(?:\s+-[A-Za-z0]+)+$/.test(plain) ? optionLetters(plain) : '';
}
