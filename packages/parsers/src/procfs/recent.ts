/** /proc/net/xt_recent/NAME: addresses that `-m recent` has seen (net/netfilter/xt_recent.c, recent_seq_show); several files below their names, as tail(1) prints them. */
import { type Facts, parseIp, type RecentEntry, type RecentList, type Span, UNRECOGNIZED } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, lineSpan, unendedLine } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { isWholeFile, procNet } from './whole.js';

const heading = /^==> \/proc\/(?:self\/)?net\/xt_recent\/(\S{1,200}) <==$/;
/** `tail` prints names only where it is given several files; this one is the last. */
const lastHeading = '==> /dev/null <==';
const entry = /^src=([0-9a-f.:]{3,39}) ttl: \d{1,3} last_seen: \d+ oldest_pkt: \d+((?: \d+(?:, \d+)*)?)$/;
const place = /(?:^|[/_.-])xt_recent\/([^/\s]{1,200})$/;
/** More packets of one address no kernel keeps: 65535. */
const longest = 1_400_000;

export const procRecentFormat: Format = {
  id: 'proc-net-xt-recent',
  title: 'lists of -m recent, as /proc/net/xt_recent shows them',
  ...procNet('xt_recent/\\S+'),
  fileNames: [/^xt[-_]recent(?:\.txt)?$/],
  line: judge,
  // Names of files look like headings of a script.
  whole: (text, path) => (/(?:^|\/)xt-recent\.txt$/.test(path) && startsWithList(text) ? 0.95 : 0),
  parse,
};

function startsWithList(text: string): boolean {
  const end = text.indexOf('\n');
  const first = text.slice(0, Math.min(end < 0 ? text.length : end, 300));
  return heading.test(first) || first === lastHeading;
}

function judge(text: string): LineVerdict {
  if (text.startsWith('==> ')) return heading.test(text) ? 'opens' : text === lastHeading ? 'continues' : null;
  return text.startsWith('src=') && text.length <= longest && entry.test(text) ? 'opens' : null;
}

interface Draft {
  readonly name: string;
  readonly span: Span;
  readonly entries: RecentEntry[];
  /** What stands behind it shows that nothing of it was cut off. */
  ended: boolean;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const lists: Draft[] = [];
  const alone = ofOneFile(section);
  if (alone !== null) lists.push(alone);
  let current = alone;
  for (const line of reading.lines) {
    const name = heading.exec(line.text)?.[1];
    if (name !== undefined || line.text === lastHeading) {
      if (current !== null) current.ended = true;
      current = name === undefined ? null : { name, span: lineSpan(section, line), entries: [], ended: false };
      if (current !== null) lists.push(current);
      claim(reading, line, current === null ? 'inert' : 'modelled');
      continue;
    }
    const read = readEntry(line.text);
    if (read !== null) {
      current?.entries.push(read);
      claim(reading, line, current === null ? 'opaque' : 'modelled');
    } else if (!isBlank(line.text)) takeFailure(reading, line);
  }
  // A collector's file goes on to the last name; of other texts the end of the last line is all that can be seen.
  if (current !== null && (current === alone || section.command !== null))
    current.ended = unendedLine(section, reading.lines) === null;
  const whole = isWhole(reading);
  const rows = lists.map(({ ended, ...list }): RecentList => ({ ...list, complete: whole && ended }));
  return closeReading(reading, rows.length > 0 ? [{ kind: 'recent-lists', rows, complete: false }] : []);
}

function readEntry(text: string): RecentEntry | null {
  if (text.length > longest) return null;
  const [, address = '', stamps = ''] = entry.exec(text) ?? [];
  const ip = parseIp(address);
  return ip === null ? null : { ip, stamps: stamps === '' ? 0 : stamps.split(',').length };
}

/** A file that is shown alone has its name in its path, or in the command. */
function ofOneFile({ command, path, file, start }: Section): Draft | null {
  const words = command?.split(/\s+/).filter((word) => place.test(word)) ?? [];
  const name = place.exec(words.length === 1 ? (words[0] ?? '') : path.replace(/\.(?:txt|log)$/, ''))?.[1];
  return name === undefined || name === '*'
    ? null
    : { name, span: { file: file.id, start, end: start }, entries: [], ended: false };
}

/** What `tail -n +1` prints is all there is; the entries of an empty file prove nothing where only a copy is left of it. */
function isWhole({ section, failures, ledger, lines }: Reading): boolean {
  if (failures.length > 0 || ledger.includes(UNRECOGNIZED)) return false;
  const plain = { ...section, command: section.command?.replace(/^tail -n \+1 /, 'cat ') ?? null };
  const copied = section.command === null && lines.every(({ text }) => isBlank(text));
  return isWholeFile(plain) && !copied;
}
