/** Output of `ip xfrm policy` and `ip xfrm state` (ip-xfrm(8)). Keys of states are never kept. */
import { type Facts, type ForeignFilter, parsePrefix, parseZonedIp } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { foreignDiagnostic } from './codes.js';

const opening = /^src (\S{1,60}) dst (\S{1,60})(?: uid \d+)?(?: proto \S+(?: [sd]port \d+)*)?(?: dev \S+)?\s*$/;
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
  if (readOpening(text) !== null) return 'opens';
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
  for (const line of reading.lines) {
    if (isBlank(line.text) || line.text.length > 1000) continue;
    const subject = readOpening(line.text);
    const last = entries.at(-1);
    if (subject !== null) entries.push({ subject, lines: [line], direction: null, block: false, transforms: false });
    else if (last !== undefined && detail.test(line.text)) takeDetail(last, line);
    else takeFailure(reading, line);
  }
  const rows = entries.map((entry) => keep(reading, entry));
  return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'foreign-filters', rows, complete: false }]);
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
