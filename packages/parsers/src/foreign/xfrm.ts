/** Output of `ip xfrm policy` and `ip xfrm state` (ip-xfrm(8)). Keys of states are never kept. */
import {
  dumps,
  type Facts,
  type ForeignFilter,
  INERT,
  parsePrefix,
  parseZonedIp,
  type Row,
  UNRECOGNIZED,
} from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { foreignDiagnostic } from './codes.js';

const opening = /^src (\S{1,60}) dst (\S{1,60})(?: uid \d+)?(?: proto \S+(?: [sd]port \d+)*)?(?: dev \S+)?\s*$/;
/** Of `ip xfrm state count`. */
const count = /^\t SAD count (\d{1,10})\s*$/;
const direction = /^\s*(?:dir (in|out|fwd)|socket (?:in|out)) ?(?:.*?\baction (allow|block))?/;
const detail =
  /^\s*(?:dir (?:in|out|fwd) |socket (?:in|out) |tmpl src |proto (?:esp|ah|comp|route2|hao) |replay-window |auth(?:-trunc)? \S+\(|enc \S+|aead |comp |anti-replay |sel src |lifetime (?:config|current):|limit: |expire (?:add|use): |\d+\(bytes\)|add \d{4}-|stats:|level |mark |if_id |security |encap type |output-mark|crypto offload|mode |flag |enc-mask )/;

export const xfrmFormat: Format = {
  id: 'ip-xfrm',
  title: 'IPsec policies and states',
  commands: [/^(?:\S*\/)?ip\s+(?:-\S+\s+)*x(?:frm)?\s/],
  fileNames: [/^ip[-_](?:s[-_])?xfrm.*$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 1000) return null;
  if (readOpening(text) !== null || count.test(text)) return 'opens';
  return /^\s/.test(text) && detail.test(text) ? 'continues' : null;
}

function readOpening(text: string): string | null {
  const found = opening.exec(text);
  if (found === null) return null;
  const [, src = '', dst = ''] = found;
  const both = [src, dst].every((word) => parsePrefix(word) !== null || parseZonedIp(word) !== null);
  return both ? `${src} ${dst}` : null;
}

interface Entry {
  readonly subject: string;
  readonly lines: Line[];
  direction: string | null;
  block: boolean;
  transforms: boolean;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const entries: Entry[] = [];
  const counted: Row[] = [];
  for (const line of reading.lines) {
    if (isBlank(line.text) || line.text.length > 1000) continue;
    const subject = readOpening(line.text);
    const last = entries.at(-1);
    if (subject !== null) entries.push({ subject, lines: [line], direction: null, block: false, transforms: false });
    else if (count.test(line.text)) {
      claim(reading, line, 'inert');
      if (Number(count.exec(line.text)?.[1]) > 0) counted.push({ span: lineSpan(section, line) });
    } else if (last !== undefined && detail.test(line.text)) takeDetail(last, line);
    else takeFailure(reading, line);
  }
  const rows = entries.map((entry) => keep(reading, entry));
  return closeReading(reading, [
    ...(rows.length === 0 ? [] : [{ kind: 'foreign-filters', rows, complete: false } as const]),
    ...howMany(reading, [...counted, ...rows]),
  ]);
}

const list =
  /^(?:\S*\/)?ip\s+(?:-(?:s|d|stat\w*|det\w*)\s+)*x(?:frm)?\s+(?:(p(?:ol\w*)?)|s(?:t\w*)?)(?:\s+(?:list|ls|show|nokeys|count))*$/;

/** Whether there is any at all is known where the output, be it empty, is that of the command without a filter. */
function howMany({ section, failures, ledger }: Reading, rows: readonly Row[]): readonly Facts[] {
  const asked = list.exec(commandOf(section));
  const counts = / count$/.test(commandOf(section));
  if (asked === null || failures.length > 0 || ledger.includes(UNRECOGNIZED)) return [];
  const kind = asked[1] === undefined ? 'xfrm-states' : 'xfrm-policies';
  // The number of policies leaves out those of sockets.
  if (counts && (kind === 'xfrm-policies' || !ledger.includes(INERT))) return [];
  return [{ kind, rows: rows.map(({ span }) => ({ span })), complete: true }];
}

/** As typed (what hides its messages may hide that it was not let in), or what the collector runs for a file of this name. */
function commandOf({ command, path }: Section): string {
  if (command !== null) return command.replace(/\s*2>\s*&1/, '').trim();
  const own = [dumps['ip-xfrm'], dumps['ip-xfrm-state']].find(({ file }) => path.split('/').at(-1) === file);
  return own?.command ?? '';
}

function takeDetail(entry: Entry, line: Line): void {
  entry.lines.push(line);
  const found = direction.exec(line.text.slice(0, 300));
  if (found?.[1] !== undefined) entry.direction = found[1];
  if (found?.[2] === 'block') entry.block = true;
  if (/^\s*tmpl src /.test(line.text)) entry.transforms = true;
}

/** A policy of a direction that blocks or transforms acts on packets; a state alone, or a socket's own policy, does not. */
function keep(reading: Reading, entry: Entry): ForeignFilter {
  const active = entry.direction !== null && (entry.block || entry.transforms);
  const subject = entry.direction === null ? entry.subject : `${entry.direction} ${entry.subject}`;
  for (const line of entry.lines) claim(reading, line, active ? 'opaque' : 'inert');
  const [first] = entry.lines;
  const whole = { file: reading.section.file.id, start: first?.start ?? 0, end: entry.lines.at(-1)?.end ?? 0 };
  const span = active || first === undefined ? whole : lineSpan(reading.section, first);
  if (active) reading.diagnostics.push(foreignDiagnostic('other-filter', span, { what: 'IPsec policy', subject }));
  return { span, kind: 'xfrm', subject, active };
}
