/** Output of conntrack(8) and /proc/net/nf_conntrack: entries, events, the summary that says how many there were. */
import { type ConnEntry, type Facts, type Observation, type Span, type Trust, UNRECOGNIZED } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, unendedLine } from '../text/lines.js';
import { addFailure, claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { conntrackDiagnostic } from './codes.js';
import { spokenFor } from './coverage.js';
import { type EntryReading, readEntry } from './entry-words.js';
import { eventObservation } from './event.js';
import { isFlowXml, readFlow } from './flow-xml.js';

const summary =
  /conntrack v[\d.]{1,20} \(conntrack-tools\): (\d{1,12}) (flow entries|expectations|flow events) have been (?:shown|created|deleted|updated|flushed)\./;
/** `conntrack -S`, and the older form with a line per CPU and other names. */
const statistics = /^cpu=\d+\s+(?:searched|found|clashres|invalid)=\d/;
/** `conntrack -L expect`: connections that helpers await. They make packets RELATED, which no row of the model says. */
const expectation = /^\s*(?:\d{1,10} )?(?:l3proto = \d+ )?proto=\d{1,3} src=\S{2,45} dst=\S{2,45} .*\bmask-src=/;
const failed = /^conntrack v[\d.]{1,20} \(conntrack-tools\): (?!\d)/;

export const conntrackFormat: Format = {
  id: 'conntrack',
  title: 'tracked connections',
  commands: [/^(?:\S*\/)?conntrack\b/, /^(?:cat|grep|less|more)\b.*\/proc\/net\/(?:nf|ip)_conntrack\b/],
  fileNames: [/^(?:nf_|ip_)?conntrack6?(?:[-_.].*)?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 8000) return null;
  if (isFlowXml(text) || expectation.test(text)) return 'opens';
  if (text.includes('src='))
    return readEntry(text).kind === 'entry' || summary.test(text) ? 'opens' : couldContinue(text);
  if (summary.test(text) || statistics.test(text) || failed.test(text)) return 'opens';
  return couldContinue(text);
}

/** The rest of a wrapped entry: nothing but its words. */
function couldContinue(text: string): LineVerdict {
  if (text.startsWith('nfct_labelmap_new: ')) return 'continues';
  if (!/(?:src|dst|port|mark|use)=/.test(text)) return null;
  const words = text.trim().split(/\s+/, 40);
  const fits = words.every((word) => /^(?:[a-z-]+=\S+|\[[A-Z_]+\])$/.test(word));
  return fits && words.some((word) => /^(?:src|dst|sport|dport|mark|use)=/.test(word)) ? 'continues' : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: ConnEntry[] = [];
  const events: Observation[] = [];
  let announced: number | null = null;
  for (let at = 0; at < reading.lines.length; ) {
    const line = reading.lines[at];
    if (line === undefined) break;
    const said = line.text.length < 8000 ? summary.exec(line.text) : null;
    if (said !== null && said[2] === 'flow entries') announced = (announced ?? 0) + Number(said[1]);
    const used = said === null ? takeEntry(reading, at, rows, events) : takeSummary(reading, at, said, rows, events);
    if (used === 0) takeOther(reading, line);
    at += Math.max(used, 1);
  }
  const read = reading.failures.length === 0 && !reading.ledger.includes(UNRECOGNIZED);
  const enough =
    isEnded(section) &&
    checkCount(reading, rows.length, announced) &&
    read &&
    !reading.diagnostics.some((one) => one.code === 'conntrack/not-read');
  const listed = rows.length > 0 || (announced !== null && events.length === 0);
  const facts: Facts[] = [];
  const spoken = spokenFor(section, rows);
  if (listed) facts.push({ kind: 'conntrack', rows, complete: enough && spoken.whole, ...spoken.family });
  if (events.length > 0) facts.push({ kind: 'observations', rows: events, complete: false });
  return closeReading(reading, facts);
}

/** How many lines the entry at an index takes; 0 when there is none. Every entry ends in its number of uses, or it is cut off. */
function takeEntry(reading: Reading, at: number, rows: ConnEntry[], events: Observation[]): number {
  const { lines, section } = reading;
  const line = lines[at];
  if (line === undefined) return 0;
  const flow = isFlowXml(line.text);
  const read = flow ? readFlow(line.text) : readEntry(line.text);
  if (read.kind === 'other') return 0;
  const joined = section.freeForm && !flow ? joinFollowing(lines, at) : null;
  if (joined !== null) {
    const { parts } = joined;
    keep(reading, parts, joined.read, 'repaired', rows, events);
    const data = { count: parts.length };
    reading.diagnostics.push(conntrackDiagnostic('joined-lines', spanOfLines(reading, parts), data));
    return parts.length;
  }
  const cut =
    !flow &&
    read.kind === 'entry' &&
    read.event === null &&
    line === unendedLine(section, lines) &&
    !/\buse=\d/.test(line.text);
  if (read.kind === 'entry' && !cut) return keep(reading, [line], read, null, rows, events);
  const word = read.kind === 'broken' ? read.word : 'the end';
  reading.diagnostics.push(conntrackDiagnostic('not-read', spanOfLines(reading, [line]), { word }));
  claim(reading, line, 'opaque');
  return 1;
}

/** The entry that begins on a line and the lines after it make together; null when the next line is none of it. */
function joinFollowing(
  lines: readonly Line[],
  at: number,
): { readonly parts: readonly Line[]; readonly read: EntryReading } | null {
  let best: { readonly parts: readonly Line[]; readonly read: EntryReading } | null = null;
  for (let count = 2; count <= 4; count++) {
    const parts = lines.slice(at, at + count);
    const last = parts[count - 1];
    if (last === undefined || isBlank(last.text) || summary.test(last.text.slice(0, 8000))) break;
    if (readEntry(last.text).kind !== 'other') break;
    const read = readJoined(parts);
    if (read !== null) best = { parts, read };
  }
  return best;
}

/** A terminal breaks a line anywhere, an editor at blanks: both are tried, the first that is an entry counts. */
function readJoined(parts: readonly Line[]): EntryReading | null {
  for (const glue of ['', ' ']) {
    const read = readEntry(parts.map((part) => part.text.trim()).join(glue));
    if (read.kind === 'entry') return read;
  }
  return null;
}

/** The summary alone on a line; or, since it goes to standard error unbuffered, inside or after an entry. */
function takeSummary(
  reading: Reading,
  at: number,
  said: RegExpExecArray,
  rows: ConnEntry[],
  events: Observation[],
): number {
  const { lines } = reading;
  const line = lines[at];
  if (line === undefined) return 0;
  const before = line.text.slice(0, said.index);
  const after = line.text.slice(said.index + said[0].length);
  const next = lines[at + 1];
  claim(reading, line, 'inert');
  if (isBlank(before) && isBlank(after)) return 1;
  const parts = next !== undefined && isBlank(after) ? [line, next] : [line];
  const read = readEntry(before + (isBlank(after) ? (next?.text ?? '') : after));
  if (read.kind !== 'entry') {
    claim(reading, line, 'opaque');
    return 1;
  }
  keep(reading, parts, read, 'repaired', rows, events);
  reading.diagnostics.push(conntrackDiagnostic('summary-inside-line', spanOfLines(reading, [line])));
  return parts.length;
}

function keep(
  reading: Reading,
  parts: readonly Line[],
  read: EntryReading,
  trust: Trust | null,
  rows: ConnEntry[],
  events: Observation[],
): number {
  if (read.kind !== 'entry') return 0;
  const span = spanOfLines(reading, parts);
  const row: ConnEntry = { span, ...read.entry, ...(trust === null ? {} : { trust }) };
  if (read.event === null) rows.push(row);
  else events.push(eventObservation(row, read.event, parts.map((part) => part.text.trim()).join(' ')));
  for (const part of parts) claim(reading, part, 'modelled');
  return parts.length;
}

function takeOther(reading: Reading, line: Line): void {
  const { text } = line;
  if (text.length < 8000 && expectation.test(text)) claim(reading, line, 'opaque');
  else if (statistics.test(text) || text.startsWith('nfct_labelmap_new: ')) claim(reading, line, 'inert');
  else if (failed.test(text)) addFailure(reading, line, text.trim());
  else if (/^\d{1,9}$/.test(text.trim()) && printsCount(reading.section)) {
    claim(reading, line, 'inert');
  } else if (isFlowXml(text)) claim(reading, line, 'inert');
  else takeFailure(reading, line);
}

/** `-C` alone prints the number of entries; collectors run `conntrack -LSC`, and no command shows. */
function printsCount({ command, freeForm }: Section): boolean {
  return command === null ? !freeForm : /\s(?:-C|--count)\b|-\w*C/.test(command);
}

function checkCount(reading: Reading, found: number, announced: number | null): boolean {
  if (announced === null || announced <= found) return true;
  const { section } = reading;
  const span: Span = { file: section.file.id, start: section.start, end: section.end };
  reading.diagnostics.push(conntrackDiagnostic('fewer-than-announced', span, { announced, found }));
  return false;
}

/** XML has an end of its own. */
function isEnded({ file, start, end }: Section): boolean {
  const text = file.text.slice(start, end);
  return !text.includes('<conntrack>') || text.includes('</conntrack>');
}

function spanOfLines(reading: Reading, parts: readonly Line[]): Span {
  return { file: reading.section.file.id, start: parts[0]?.start ?? 0, end: parts.at(-1)?.end ?? 0 };
}
