/** Output of tc(8): filters may drop or redirect, so that their device stays open; queues that every device has are inert. */
import type { Facts, ForeignFilter } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { foreignDiagnostic } from './codes.js';
import { readTcJson, type TcJson, tcJsonOpening } from './tc-json.js';

const qdisc =
  /^qdisc ([a-z_]{1,20}) [0-9a-f]{1,8}: (?:\[\S+\] )?(?:dev (\S{1,15}) )?(?:root|parent|ingress|clsact|block|offloaded)?/;
const filter =
  /^filter (?:dev (\S{1,15}) )?(?:block \d+ )?(?:(?:ingress|egress|root) )?(?:parent [0-9a-f]{1,8}:[0-9a-f]{0,8} )?protocol \S+ pref \d+ \S+/;
const trafficClass = /^class [a-z_]{1,20} [0-9a-f]{0,8}:[0-9a-f]{0,8} (?:root|parent|dev) ?/;
const detail =
  /^\s+(?:Sent \d+ bytes|backlog \d+b|rate \d|lended:|tokens:|match |action order|Action statistics|random type|index \d+ ref|eth_type |(?:dst|src)_(?:ip|port|mac) |ip_proto |ip_flags |not_in_hw|in_hw|skip_[sh]w|mark |vlan_|police |bytecode |new_flow|maxpacket |flows |bands |gc |throttled|used_hw_stats|direct-action |handle )/;
/** They hold packets back or throw some away, by amount and never by address. */
const shapers =
  /^(?:cake|cbq|cbs|choke|codel|drr|ets|etf|gred|hfsc|hhf|htb|multiq|pie|fq_pie|plug|prio|qfq|red|sfb|sfq|skbprio|taprio|tbf)$/;
const harmless = /^(?:bfifo|fq|fq_codel|mq|mqprio|noop|noqueue|pfifo|pfifo_fast|pfifo_head_drop)$/;

export const tcFormat: Format = {
  id: 'tc',
  title: 'traffic control',
  commands: [/^(?:\S*\/)?tc\s/],
  fileNames: [/^tc[-_].*$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 2000) return tcJsonOpening.test(text.slice(0, 200)) ? 'opens' : null;
  if (tcJsonOpening.test(text.slice(0, 200))) return 'opens';
  if (qdisc.test(text) || filter.test(text) || trafficClass.test(text)) return 'opens';
  return detail.test(text) ? 'continues' : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows = new Map<string, ForeignFilter>();
  const dev = /\bdev\s+(\S{1,15})/.exec(section.command ?? '')?.[1] ?? '';
  const json = readTcJson(section);
  if (json !== null) return parseJson(reading, json, dev);
  let inFilter = false;
  let known = false;
  for (const line of reading.lines) {
    if (isBlank(line.text) || line.text.length > 2000) continue;
    const queue = qdisc.exec(line.text);
    const found = queue === null ? filter.exec(line.text) : null;
    if (found !== null) put(reading, line, rows, found[1] ?? dev);
    else if (queue !== null) takeQueue(reading, line, rows, queue[1] ?? '', queue[2] ?? dev);
    else if (trafficClass.test(line.text)) claim(reading, line, 'inert');
    else if (/^\s/.test(line.text) && (inFilter || detail.test(line.text))) {
      claim(reading, line, inFilter ? 'opaque' : 'inert');
      continue;
    } else takeFailure(reading, line);
    inFilter = found !== null;
    known ||= found !== null || queue !== null;
  }
  return finish(reading, [...rows.values()], known);
}

function finish(reading: Reading, rows: readonly ForeignFilter[], known: boolean): Parsed<readonly Facts[]> {
  for (const { subject, span } of rows)
    reading.diagnostics.push(foreignDiagnostic('other-filter', span, { what: 'traffic control of', subject }));
  return closeReading(reading, known ? [{ kind: 'foreign-filters', rows, complete: false }] : []);
}

function parseJson(reading: Reading, { items, end }: TcJson, asked: string): Parsed<readonly Facts[]> {
  const acting = items.filter(({ filters, kind }) => filters || !isQuiet(kind));
  const rows = new Map<string, ForeignFilter>();
  for (const { span, dev } of acting) {
    const subject = dev ?? asked;
    if (!rows.has(subject)) rows.set(subject, { span, kind: 'tc', subject, active: true });
  }
  for (const line of reading.lines) {
    if (isBlank(line.text)) continue;
    if (line.start >= end) takeFailure(reading, line);
    else claim(reading, line, acting.length > 0 ? 'opaque' : 'inert');
  }
  return finish(reading, [...rows.values()], true);
}

const isQuiet = (kind: string): boolean => shapers.test(kind) || harmless.test(kind);

/** `clsact` and `ingress` exist to carry filters, and netem loses packets; a queue of unknown kind might. */
function takeQueue(reading: Reading, line: Line, rows: Map<string, ForeignFilter>, kind: string, dev: string): void {
  if (isQuiet(kind)) claim(reading, line, 'inert');
  else put(reading, line, rows, dev);
}

function put(reading: Reading, line: Line, rows: Map<string, ForeignFilter>, subject: string): void {
  const span = lineSpan(reading.section, line);
  const known = rows.get(subject);
  const row: ForeignFilter = { span: known?.span ?? span, kind: 'tc', subject, active: true };
  rows.set(subject, row);
  claim(reading, line, 'opaque');
}
