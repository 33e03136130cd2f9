/** Processes as ps(1) of procps and BusyBox lists them; the command line is what rules read. */
import type { Facts, Process } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';

/** A heading: names of columns, the last of which is the command. */
const heading = /^\s*(?:[A-Z%]+\s+){1,16}(?:CMD|COMMAND)\s*$/;
/** UID PID PPID C STIME TTY TIME CMD */
const full =
  /^(\S{1,32})\s+(\d{1,8})\s+\d{1,8}\s+\d{1,3}\s+[\w:]{4,8}\s+(?:\?|pts\/\d+|tty\S{0,8}|console)\s+\d+(?:-\d\d)?:\d\d:\d\d\s+(\S.*)$/;
/** USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND */
const aux =
  /^(\S{1,32})\s+(\d{1,8})\s+[\d.]+\s+[\d.]+\s+\d+\s+\d+\s+(?:\?|pts\/\d+|tty\S{0,8}|console)\s+[A-Za-z<+]{1,6}\s+[\w:]{4,8}\s+\d+:\d\d\s+(\S.*)$/;
/** The rest of a command line that was wrapped at an option. */
const wrapped = /^\s*--[a-z][a-z0-9-]+(?:[= ]|$)/;

interface Columns {
  readonly pid: number;
  readonly user: number;
  /** Number of columns before the command. */
  readonly command: number;
}

export const processesFormat: Format = {
  id: 'ps',
  title: 'processes',
  commands: [/^(?:\S*\/)?ps(?:\s|$)/],
  fileNames: [/^ps(?:[-_](?:ef|aux|auxwww|faux|alxwww)\w*)?(?:\.(?:txt|md|log))?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 20_000) return null;
  const head = text.slice(0, 400);
  if (isHeading(text) || full.test(head) || aux.test(head)) return 'opens';
  return wrapped.test(head) ? 'continues' : null;
}

function isHeading(text: string): boolean {
  return text.length < 200 && heading.test(text) && /\bPID\b/.test(text);
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Process[] = [];
  let columns: Columns | null = null;
  for (const line of reading.lines) {
    if (isHeading(line.text)) {
      columns = columnsOf(line.text);
      claim(reading, line, 'inert');
    } else if (!isBlank(line.text)) takeLine(reading, line, columns, rows);
  }
  const { command } = section;
  const every =
    command === null
      ? !section.freeForm
      : /^(?:\S*\/)?ps\s+(?:-[a-z]*[eA][a-z]*|a[a-z]*x[a-z]*|-aux[a-z]*)\s*$/.test(command);
  const listed = rows.length > 0 || columns !== null;
  return closeReading(reading, listed ? [{ kind: 'processes', rows, complete: every && columns !== null }] : []);
}

function columnsOf(text: string): Columns {
  const names = text.trim().split(/\s+/);
  return {
    pid: names.indexOf('PID'),
    user: names.findIndex((name) => /^(?:UID|USER|RUSER)$/.test(name)),
    command: names.length - 1,
  };
}

function takeLine(reading: Reading, line: Line, columns: Columns | null, rows: Process[]): void {
  const process = readProcess(line.text, columns);
  if (process !== null) {
    rows.push({ span: lineSpan(reading.section, line), ...process });
    claim(reading, line, 'modelled');
    return;
  }
  const last = rows.at(-1);
  if (last !== undefined && reading.section.freeForm && wrapped.test(line.text.slice(0, 400))) {
    const span = { ...last.span, end: line.end };
    rows[rows.length - 1] = { ...last, span, trust: 'repaired', command: `${last.command} ${line.text.trim()}` };
    claim(reading, line, 'modelled');
    return;
  }
  takeFailure(reading, line);
}

function readProcess(text: string, columns: Columns | null): Omit<Process, 'span'> | null {
  const head = text.slice(0, 400);
  const found = full.exec(head) ?? aux.exec(head);
  if (found !== null) {
    const command = (found[3] ?? '') + text.slice(400);
    return { pid: Number(found[2]), user: found[1] ?? '', command: command.trimEnd() };
  }
  return columns === null ? null : readByColumns(text, columns);
}

/** Splits off as many words as the heading has columns before the command. BusyBox leaves memory of kernel threads out. */
function readByColumns(text: string, columns: Columns): Omit<Process, 'span'> | null {
  const before: string[] = [];
  let at = 0;
  while (before.length < columns.command) {
    while (text[at] === ' ') at++;
    const end = text.indexOf(' ', at);
    if (end < 0) return null;
    before.push(text.slice(at, end));
    at = end;
  }
  const pid = before[columns.pid] ?? '';
  // BusyBox puts the kernel's name of the process in braces where the command line begins otherwise.
  const command = text
    .slice(at)
    .trim()
    .replace(/^\{[^}\s]{1,16}\} /, '');
  if (!/^\d{1,8}$/.test(pid) || command === '') return null;
  return { pid: Number(pid), user: columns.user < 0 ? null : (before[columns.user] ?? null), command };
}
