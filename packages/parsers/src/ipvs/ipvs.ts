/** Output of ipvsadm(8): the table as commands (`-S`) or as a listing (`-L`), and the connections (`-Lc`). */
import type { Facts, IpvsEntry, VirtualKey } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan, unendedLine } from '../text/lines.js';
import { addFailure, claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { ipvsDiagnostic } from './codes.js';
import { type ConnectionLine, connectionTitle, readConnectionLine } from './connection-line.js';
import { type ListLine, readListLine } from './list-line.js';
import { readSaveLine, type SaveLine } from './save-line.js';
import { type IpvsTable, newTable, putServer, putService, virtualServers } from './table.js';

const version = /^IP Virtual Server version \d[\w.-]*(?: \(size=\d+\))?\s*$/;
/** Without digits: with some, rows stand behind it, whose line ends were lost. */
const heading = /^(?!.*\d)(?:Prot LocalAddress:Port |\s*-> RemoteAddress:Port)/;
const fewerColumns = /^Prot LocalAddress:Port +(?:Uthreshold|Weight) /;
const other = /^(?:Timeout \(tcp tcpfin udp\): \d|(?:master|backup) sync daemon)/;
/** Said when the module cannot be loaded: there is no table, which is not the same as an empty one. */
const noModule =
  /^(?:Can't initialize ipvs: |Are you sure that IP Virtual Server is built|modprobe: FATAL: Module ip_vs )/;

/** The kernel's own list of connections. */
const connectionFile = /^cat +\/proc\/(?:(?:self|\d+)\/)?net\/ip_vs_conn(?:_sync)?$/;

/** The kernel's own table, addresses in hexadecimal. */
const tableFile = /^cat +\/proc\/(?:(?:self|\d+)\/)?net\/ip_vs$/;

export const ipvsFormat: Format = {
  id: 'ipvsadm',
  title: 'IPVS virtual servers',
  commands: [/^(?:\S*\/)?ipvsadm(?:-save)?\b/, connectionFile, tableFile],
  fileNames: [/^ipvsadm?(?:[-_.].*)?$/i, /^ip_vs_conn(?:_sync)?(?:\.txt)?$/],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 1000) return null;
  if (version.test(text) || text.startsWith('Prot LocalAddress:Port ') || noModule.test(text)) return 'opens';
  if (/^(?:IPVS connection entries|Pro FromIP )/.test(text) || /^Timeout \(tcp tcpfin udp\)/.test(text)) return 'opens';
  if (readSaveLine(text) !== null) return 'opens';
  const list = readListLine(text);
  if (list !== null) return list.kind === 'service' || list.kind === 'server' ? 'opens' : 'continues';
  return heading.test(text) || connectionTitle.test(text) || readConnectionLine(text) !== null || other.test(text)
    ? 'continues'
    : null;
}

/** The kernel's schedulers (net/netfilter/ipvs/ip_vs_*.c). */
const schedulers: ReadonlySet<string> = new Set('dh fo lblc lblcr lc mh nq ovf rr sed sh twos wlc wrr'.split(' '));

/** `-s r`: no scheduler of that name, on a line that nothing ends. A server's line ends in its weight. */
function endsInWord(read: SaveLine | null): boolean {
  return read?.kind === 'service' && !schedulers.has(read.service.scheduler);
}

interface Progress {
  readonly table: IpvsTable;
  /** Service of the last `-L` line; null under a service that is not in the model. */
  current: VirtualKey | null;
  /** False once a row was not taken. */
  whole: boolean;
  sawVersion: boolean;
  listing: boolean;
  /** Rows of `--stats` and its like: services and servers, without scheduler and forwarding method. */
  readonly numbers: Line[];
  readonly connections: IpvsEntry[];
  /** Of the connections: the title was there, and every row was taken. */
  sawTitle: boolean;
  wholeConnections: boolean;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const progress: Progress = {
    table: newTable(),
    current: null,
    whole: true,
    sawVersion: false,
    listing: false,
    numbers: [],
    connections: [],
    sawTitle: false,
    wholeConnections: true,
  };
  for (const line of reading.lines) readLine(reading, line, progress);
  if (progress.table.services.size === 0) holdBack(reading, progress.numbers);
  const rows = virtualServers(progress.table);
  const last = unendedLine(section, reading.lines);
  if (last !== null && endsInWord(readSaveLine(last.text))) {
    progress.whole = false;
    reading.diagnostics.push(ipvsDiagnostic('cut-off', lineSpan(section, last)));
  }
  const complete = reading.failures.length === 0 && progress.whole && isWhole(section, progress, rows.length);
  const said = rows.length > 0 || complete || progress.listing;
  return closeReading(reading, [
    ...(said ? [{ kind: 'ipvs', rows, complete } as const] : []),
    ...connectionFacts(reading, progress, last),
  ]);
}

/** Half a line of connections may end in a number like any other. */
function connectionFacts(reading: Reading, progress: Progress, last: Line | null): readonly Facts[] {
  const { connections: rows, sawTitle, wholeConnections } = progress;
  if (rows.length === 0 && !sawTitle) return [];
  const cut = last !== null && readConnectionLine(last.text) !== null;
  const complete =
    sawTitle && wholeConnections && !cut && reading.failures.length === 0 && listsAllConnections(reading.section);
  return [{ kind: 'ipvs-connections', rows, complete }];
}

function listsAllConnections({ command, freeForm }: Section): boolean {
  if (command === null || command === '') return !freeForm;
  const plain = withoutErrors(command);
  return (
    connectionFile.test(plain) ||
    /^(?:\S*\/)?ipvsadm(?:\s+(?:-[LlnSc]+|--list|--connection|--numeric|--sort|--nosort|--persistent-conn))+$/.test(
      plain,
    )
  );
}

function readLine(reading: Reading, line: Line, progress: Progress): void {
  const { text } = line;
  if (noModule.test(text)) {
    if (text.startsWith('Are you sure')) claim(reading, line, 'inert');
    else addFailure(reading, line, text.trim());
    return;
  }
  const save = readSaveLine(text);
  const list = save === null ? readListLine(text) : null;
  const connection = save === null && list === null ? readConnectionLine(text) : null;
  if (save !== null) takeSaved(reading, line, save, progress);
  else if (list !== null) takeListed(reading, line, list, progress);
  else if (version.test(text) || heading.test(text)) {
    progress.sawVersion ||= version.test(text);
    progress.listing ||= text.startsWith('Prot LocalAddress:Port Scheduler ');
    if (fewerColumns.test(text)) {
      reading.diagnostics.push(ipvsDiagnostic('columns-hidden', lineSpan(reading.section, line)));
    }
    claim(reading, line, 'inert');
  } else if (connectionTitle.test(text)) {
    progress.sawTitle ||= !text.startsWith('IPVS');
    claim(reading, line, 'inert');
  } else if (connection !== null) takeConnection(reading, line, connection, progress);
  else if (other.test(text)) claim(reading, line, 'inert');
  else if (!isBlank(text) && !takeFailure(reading, line)) progress.whole = false;
}

function takeSaved(reading: Reading, line: Line, read: SaveLine, progress: Progress): void {
  const span = lineSpan(reading.section, line);
  if (read.kind === 'service') {
    putService(progress.table, read.service, span);
    claim(reading, line, 'modelled');
  } else if (read.kind === 'server') {
    const known = putServer(progress.table, read.key, { span, ...read.server });
    if (!known) refuse(reading, line, progress, ipvsDiagnostic('server-without-service', span));
    else claim(reading, line, 'modelled');
  } else if (read.kind === 'named') {
    refuse(reading, line, progress, ipvsDiagnostic('name-not-number', span, { text: read.text }));
  } else refuse(reading, line, progress, ipvsDiagnostic('unknown-option', span, { option: read.option }));
}

function takeListed(reading: Reading, line: Line, read: ListLine, progress: Progress): void {
  const span = lineSpan(reading.section, line);
  if (read.kind === 'service') {
    progress.current = read.service.key;
    putService(progress.table, read.service, span);
    claim(reading, line, 'modelled');
  } else if (read.kind === 'numbers') {
    claim(reading, line, 'inert');
    progress.numbers.push(line);
  } else if (read.kind === 'named') {
    if (!/^\s*->/.test(line.text)) progress.current = null;
    refuse(reading, line, progress, ipvsDiagnostic('name-not-number', span, { text: read.text }));
  } else {
    const known = progress.current !== null && putServer(progress.table, progress.current, { span, ...read.server });
    if (known) claim(reading, line, 'modelled');
    else refuse(reading, line, progress, ipvsDiagnostic('server-without-service', span));
  }
}

function takeConnection(reading: Reading, line: Line, read: ConnectionLine, progress: Progress): void {
  const span = lineSpan(reading.section, line);
  if (read.kind === 'connection') {
    progress.connections.push({ span, ...read.entry });
    claim(reading, line, 'modelled');
    return;
  }
  progress.wholeConnections = false;
  reading.diagnostics.push(ipvsDiagnostic('name-not-number', span, { text: read.text }));
  claim(reading, line, 'opaque');
}

/** Counters beside the table say nothing more; alone they say that there are services, but not what happens to their packets. */
function holdBack(reading: Reading, numbers: readonly Line[]): void {
  const [first] = numbers;
  if (first === undefined) return;
  for (const line of numbers) claim(reading, line, 'conditional');
  if (reading.diagnostics.length > 0) return;
  reading.diagnostics.push(ipvsDiagnostic('columns-hidden', lineSpan(reading.section, first)));
}

function refuse(reading: Reading, line: Line, progress: Progress, said: ReturnType<typeof ipvsDiagnostic>): void {
  reading.diagnostics.push(said);
  claim(reading, line, 'opaque');
  progress.whole = false;
}

/**
 * Whether this is the whole table. `-L -t SERVICE` prints no version line, and neither does a filtered listing; an empty `-S` prints
 * nothing at all, so only its command can tell.
 */
function isWhole(section: Section, progress: Progress, rows: number): boolean {
  const { command } = section;
  if (command === null || command === '') {
    return !section.freeForm && (progress.listing ? progress.sawVersion : rows > 0);
  }
  const plain = withoutErrors(command);
  if (tableFile.test(plain)) return progress.sawVersion;
  if (/^(?:\S*\/)?ipvsadm-save(?:\s+-n)?$/.test(plain)) return true;
  if (!/^(?:\S*\/)?ipvsadm(?:\s+(?:-[LlSn]+|--list|--save|--numeric|--sort|--nosort))+$/.test(plain)) return false;
  const saved = /\s-[Ln]*S|--save/.test(plain);
  return saved ? true : progress.sawVersion;
}

/** The command without what it does with its messages. */
function withoutErrors(command: string): string {
  return command.replace(/\s+2?>\s*(?:&1|\S+)/g, '').trim();
}
