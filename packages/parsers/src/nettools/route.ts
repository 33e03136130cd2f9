/** Output of route(8) and `netstat -r`: the main table of IPv4, or every table of IPv6 without its name. */
import type { Facts, Route, RouteCoverage } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { wordsOf } from '../text/words.js';
import { completes, isBegun, rejoined } from './broken-row.js';
import { nettoolsDiagnostic } from './codes.js';
import { hiddenIn, type RouteRow, readRow4, readRow6, rowWords } from './route-row.js';

/** Also as it is translated to Chinese, German and French (net-tools po/). */
const title =
  /^(?:Kernel (IP|IPv6) routing table\b|内核 ?(IP|IPv6) ?路由表|Kernel-(IP|IPv6)-Routentabelle|Table de routage (IP|IPv6) du noyau)/;
const heading4 =
  /(?:^|\s)Destination\s+Gateway\s+Genmask\s+Flags\s+(Metric|MSS)\s+\w+\s+\w+\s+Iface(?:\s+MSS\s+Window\s+irtt)?/;
/** `Destination Gateway Genmask Flags …` in the same languages. */
const translated =
  /^(?:目标|目的地址?|Ziel|Destination)\s+(?:网关|Router|Passerelle)\s+(?:子网掩码|掩码|Genmask)\s+(?:标志|Flags|Indic)\s+(\S+)\s+\S+\s+\S+\s+(?:接口|Iface)\s*$/;
const heading6 = /^Destination\s+Next Hop\s+Flags?\s+Met\w*\s+Ref\s+Use\s+If/;

export const nettoolsRouteFormat: Format = {
  id: 'nettools-route',
  title: 'routes, as route and netstat show them',
  commands: [/^(?:\S*\/)?route(?:\s|$)/, /^(?:\S*\/)?netstat\s.*-\w*r/],
  fileNames: [/^(?:route_-n|route-n|netstat_-rn|netstat-rn)(?:\.(?:txt|md|log))?$/i],
  line: judge,
  goesOn: completes,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 2000) return null;
  if (title.test(text) || heading4.test(text) || translated.test(text) || heading6.test(text)) return 'opens';
  if (!destination.test(text)) return isBegun(text) ? 'continues' : null;
  const words = text.trim().split(/\s+/, 13);
  if (readRow(words, true) !== null) return 'opens';
  return isBegun(text) ? 'continues' : null;
}

/** A destination at the beginning: what every row has, and few other lines. */
const destination = /^\s*(?:[0-9a-f:.]{2,45}[/ \t]|\[::\]\/0 |(?:default|link-local)[ \t])/i;

function readRow(words: readonly string[], metricShown: boolean): RouteRow | null {
  if (words.length === 7) return readRow6(words);
  return words.length === rowWords || words.length === rowWords + 3 ? readRow4(words, metricShown) : null;
}

/** Said of a row that is not in the model. */
const lacksRow: ReadonlySet<string> = new Set(['nettools/name-not-number', 'nettools/gateway-hidden']);

interface Progress {
  metricShown: boolean;
  /** `route -ee`. */
  cutsNames: boolean;
  readonly rows: Route[];
  readonly titled: Set<4 | 6>;
  /** False as soon as a row could not be read to its end. */
  whole: boolean;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const progress: Progress = { metricShown: true, cutsNames: false, rows: [], titled: new Set(), whole: true };
  readLines(reading, progress);
  const whole = progress.whole && isWhole(section) && !reading.diagnostics.some(({ code }) => lacksRow.has(code));
  const facts: Facts[] = [];
  for (const family of [4, 6] as const) {
    const rows = progress.rows.filter((row) => row.family === family);
    if (rows.length === 0 && !progress.titled.has(family)) continue;
    const covers: readonly RouteCoverage[] = [{ family, tables: ['main'] }];
    facts.push({ kind: 'routes', rows, covers, complete: whole && family === 4 && !progress.cutsNames });
  }
  return closeReading(reading, facts);
}

function readLines(reading: Reading, progress: Progress): void {
  const { section, lines } = reading;
  for (let at = 0; at < lines.length; at++) {
    const [line, next] = [lines[at], lines[at + 1]];
    if (line === undefined) break;
    const joined = section.freeForm ? rejoined(line, next) : null;
    if (joined === null || next === undefined) readLine(reading, line, progress);
    else {
      at++;
      reading.diagnostics.push(nettoolsDiagnostic('line-broken', lineSpan(section, joined)));
      readLine(reading, joined, progress, true);
      reading.ledger[line.index] = reading.ledger[next.index] ?? 0;
    }
  }
}

function readLine(reading: Reading, line: Line, progress: Progress, isJoined = false): void {
  const { section } = reading;
  const { text } = line;
  const named = text.length < 4000 ? title.exec(text) : null;
  const heading = text.length < 4000 ? (heading4.exec(text) ?? translated.exec(text)) : null;
  if (named !== null) progress.titled.add(named.slice(1).includes('IP') ? 4 : 6);
  if (heading !== null) takeHeading(reading, line, heading, progress);
  const rest = heading === null ? 0 : heading.index + heading[0].length;
  const words = wordsOf({ text: text.slice(rest), start: line.start + rest }).map((word) => word.text);
  if (heading6.test(text) || (heading !== null && words.length === 0) || (named !== null && heading === null)) {
    claim(reading, line, 'inert');
    return;
  }
  const groups = groupsOf(words, section.freeForm);
  const rows = groups.map((group) => readRow(group, progress.metricShown));
  if (groups.length === 0 || rows.some((row) => row === null)) {
    if (isBegun(text)) progress.whole = false;
    takeUnread(reading, line, words);
    return;
  }
  const lost = rows.length > 1 || heading !== null;
  if (lost)
    reading.diagnostics.push(nettoolsDiagnostic('lost-line-breaks', lineSpan(section, line), { count: rows.length }));
  for (const row of rows) if (row !== null) keep(reading, line, row, lost || isJoined, progress);
}

function takeHeading(reading: Reading, line: Line, heading: RegExpExecArray, progress: Progress): void {
  progress.metricShown = heading[1] !== 'MSS';
  progress.cutsNames = heading[0].endsWith('irtt') && progress.metricShown;
  progress.titled.add(4);
  const span = lineSpan(reading.section, line);
  if (!progress.metricShown) reading.diagnostics.push(nettoolsDiagnostic('metric-hidden', span));
}

/** One row a line; when line breaks were lost, rows of eight words. */
function groupsOf(words: readonly string[], freeForm: boolean): readonly (readonly string[])[] {
  if (!freeForm || words.length < 2 * rowWords || words.length % rowWords !== 0)
    return words.length === 0 ? [] : [words];
  const groups: (readonly string[])[] = [];
  for (let at = 0; at < words.length; at += rowWords) groups.push(words.slice(at, at + rowWords));
  return groups;
}

function keep(reading: Reading, line: Line, row: RouteRow, repaired: boolean, progress: Progress): void {
  const span = lineSpan(reading.section, line);
  const dev = row.route.nexthops[0]?.dev ?? '';
  if (progress.cutsNames && dev.length === 6) {
    reading.diagnostics.push(nettoolsDiagnostic('name-cut', span, { name: dev }));
    claim(reading, line, 'opaque');
    return;
  }
  reading.diagnostics.push(...hiddenIn(row, span));
  if (row.hidesGateway) {
    claim(reading, line, 'opaque');
    return;
  }
  progress.rows.push({ span, ...(repaired ? { trust: 'repaired' } : {}), ...row.route });
  // Preferred sources, scopes, protocols and `onlink` are there in the kernel, but not in this listing.
  claim(reading, line, 'conditional');
}

function takeUnread(reading: Reading, line: Line, words: readonly string[]): void {
  const [destination = '', gateway = '', genmask = '', flags = ''] = words;
  const named = words.length >= rowWords && /^[UGHDM!]{1,5}$/.test(flags) && /^[\d.]+$/.test(genmask);
  if (named) {
    const span = lineSpan(reading.section, line);
    reading.diagnostics.push(nettoolsDiagnostic('name-not-number', span, { text: `${destination} ${gateway}` }));
    claim(reading, line, 'opaque');
  } else takeFailure(reading, line);
}

function isWhole(section: Section): boolean {
  const { command } = section;
  if (command === null) return !section.freeForm;
  return !/[|<]/.test(command.replace(/\s+2?>\s*(?:&1|\S+)/g, ''));
}
