/** Internet sockets as lsof(8) lists them: `lsof -i`, best with -n and -P. */
import { type Facts, parseIp, type Socket } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';

const heading = /^COMMAND +PID +(?:TID +)?(?:TASKCMD +)?USER +FD +TYPE +DEVICE +SIZE\/OFF +NODE +NAME\s*$/;
const row =
  /^(?<name>\S{1,32}) +(?<pid>\d{1,10}) +\S+ +\d+[a-zA-Z]? +(?<type>IPv[46]) +\S+ +\S+ +(?<proto>TCP|UDP) (?<local>\S{1,80}?)(?:->(?<peer>\S{1,80}))?(?: \((?<state>[A-Z_0-9]+)\))?\s*$/;

export const lsofFormat: Format = {
  id: 'lsof',
  title: 'sockets as lsof lists them',
  commands: [/^(?:\S*\/)?lsof\s(?:.*\s)?-\w*i/],
  fileNames: [/^lsof[-_]?i?(?:[-_.].*)?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 400) return null;
  return heading.test(text) || row.test(text) ? 'opens' : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Socket[] = [];
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    const socket = line.text.length > 400 ? null : readRow(section, line);
    if (socket !== null) {
      rows.push(socket);
      claim(reading, line, 'modelled');
    } else if (heading.test(line.text)) claim(reading, line, 'inert');
    else if (row.test(line.text)) claim(reading, line, 'opaque');
    else takeFailure(reading, line);
  }
  // Sockets of the kernel and of other namespaces' processes are not in it: what it lacks may be there.
  return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'sockets', rows, complete: false, listens: [] }]);
}

/** null: names stand where addresses and ports would with -n and -P. */
function readRow(section: Section, line: Line): Socket | null {
  const groups = row.exec(line.text)?.groups;
  const local = endOf(groups?.['local'] ?? '');
  const peer = groups?.['peer'] === undefined ? { ip: null, port: null } : endOf(groups['peer']);
  if (groups === undefined || local === null || peer === null) return null;
  const protocol = (groups['proto'] ?? '').toLowerCase();
  const family = groups['type'] === 'IPv4' ? 4 : local.ip === null ? null : 6;
  return {
    span: lineSpan(section, line),
    protocol,
    state: stateOf(protocol, groups['state'], groups['peer'] !== undefined),
    localIp: local.ip,
    localZone: null,
    localPort: local.port,
    peerIp: peer.ip,
    peerPort: peer.port,
    family,
    processes: [{ name: groups['name'] ?? '', pid: Number(groups['pid']) }],
  };
}

const states: Readonly<Record<string, string>> = {
  ESTABLISHED: 'ESTAB',
  SYN_SENT: 'SYN-SENT',
  SYN_RECV: 'SYN-RECV',
  CLOSE_WAIT: 'CLOSE-WAIT',
  TIME_WAIT: 'TIME-WAIT',
  LAST_ACK: 'LAST-ACK',
  FIN_WAIT1: 'FIN-WAIT-1',
  FIN_WAIT2: 'FIN-WAIT-2',
};

function stateOf(protocol: string, state: string | undefined, connected: boolean): string {
  if (protocol === 'udp') return connected ? 'ESTAB' : 'UNCONN';
  return states[state ?? ''] ?? state ?? 'UNKNOWN';
}

function endOf(text: string): { readonly ip: Socket['localIp']; readonly port: number | null } | null {
  const at = text.lastIndexOf(':');
  const [host, port] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 0 || !/^\d{1,5}$/.test(port)) return null;
  if (host === '*') return { ip: null, port: Number(port) };
  const ip = parseIp(host.replace(/^\[|\]$/g, ''));
  return ip === null ? null : { ip, port: Number(port) };
}
