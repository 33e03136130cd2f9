/** Output of sysctl(8) and files of sysctl.conf(5): one parameter a line. */
import { type Facts, type Sysctl, type Trust, UNRECOGNIZED } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { type Line, lineSpan, unendedLine } from '../text/lines.js';
import { addFailure, claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';
import { sysctlDiagnostic } from './codes.js';
import { isKey, isUnusualKey } from './key.js';
import { isPlainSetting, readSetting, type Setting } from './setting-line.js';
import { keysOf, readValues } from './values.js';
import { isWhole } from './whole.js';

const message = /^(?:sysctl: |error: (?:"|permission denied on key|Invalid argument|unknown error))/;
/** A number, and then words that no parameter has after one. */
const remark = /^(-?\d{1,20})(?:[;,。，)]|[;,]?\s+[^\d\s-])/u;
/** Parameters that exist but cannot be read (`stable_secret` before it is set): no failure of the capture. */
const unreadable = /^sysctl: reading key /;

export const sysctlFormat: Format = {
  id: 'sysctl',
  title: 'kernel parameters, as sysctl prints or reads them',
  commands: [
    /^(?:\S*\/)?sysctl\b/,
    /^(?:cat|less|more|grep|egrep)\b.*\bsysctl(?:\.conf|\.d\/)/,
    /^e?grep\b.*\/proc\/sys\//,
  ],
  fileNames: [/^sysctl(?:[-_.]*a(?:ll)?)?(?:\.(?:txt|log|md|conf|out))?$/i, /^\d\d-.*\.conf$/],
  line: judge,
  run: pastPlainLines,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 100_000) return null;
  const setting = readSetting(text);
  // A sentence may hold a setting: `net.ipv4.ip_forward=1; then restart`.
  if (setting !== null && remark.test(setting.value)) return 'continues';
  if (setting !== null || message.test(text)) return 'opens';
  return /^\s*[#;]/.test(text) || /^\* Applying \S/.test(text) ? 'continues' : null;
}

const plainLines = /(?:(?:fs|kernel|net|vm)\.[a-z0-9_-][\w.-]{0,200} = [-\d\t ]{0,200}\n){1,100}/y;

function pastPlainLines(text: string, start: number): number {
  plainLines.lastIndex = start;
  let past = start;
  while (plainLines.test(text)) past = plainLines.lastIndex;
  return past;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const configuration = isConfigurationFile(section, reading.lines);
  const rows: Sysctl[] = [];
  const bare: Line[] = [];
  for (const line of reading.lines) {
    if (readLine(reading, line, configuration, rows)) continue;
    if (!claimOther(reading, line) && line.text.trim() !== '') bare.push(line);
  }
  const keys = keysOf(section.command);
  if (rows.length === 0 && keys.length > 0) rows.push(...readValues(reading, bare, keys));
  const complete = !configuration && !breaksOff(reading, rows) && isWhole(section, rows);
  const ledgerOnly = rows.length === 0 && reading.failures.length > 0;
  return closeReading(reading, ledgerOnly ? [] : [{ kind: 'sysctls', rows, complete }]);
}

/** The dump ends within its last line: in a key, or before the value, which is then not known. */
function breaksOff(reading: Reading, rows: Sysctl[]): boolean {
  // `Terminated`: what the shell says of a command that a signal ended.
  if (/^(?:Terminated|Killed|已终止|已杀死)\s*$/.test(lastText(reading))) return true;
  const line = unendedLine(reading.section, reading.lines);
  if (line === null) return false;
  const last = rows.at(-1);
  if (last === undefined || last.span.end < line.start) return reading.ledger[line.index] === UNRECOGNIZED;
  // An empty value has its blank: `net.ipv4.ip_local_reserved_ports = `.
  if (last.value !== '' || !/=\r?$/.test(line.text)) return false;
  rows.pop();
  claim(reading, line, 'opaque');
  return true;
}

function lastText({ lines }: Reading): string {
  return lines.findLast((line) => line.text.trim() !== '')?.text ?? '';
}

function readLine(reading: Reading, line: Line, configuration: boolean, rows: Sysctl[]): boolean {
  const { section } = reading;
  if (section.freeForm || configuration) return readPieces(reading, line, configuration, rows);
  const setting = readSetting(line.text) ?? (rows.length > 0 ? unusual(section, line.text) : null);
  if (setting === null) return false;
  rows.push({ span: lineSpan(section, line), key: setting.key, value: setting.value });
  claim(reading, line, 'modelled');
  return true;
}

/** A line that somebody wrote or pasted: it may hold several settings, and damage. */
function readPieces(reading: Reading, line: Line, configuration: boolean, rows: Sysctl[]): boolean {
  const { section } = reading;
  const pieces = section.freeForm ? splitSettings(line) : [line];
  const span = lineSpan(section, line);
  if (pieces.length > 1) {
    reading.diagnostics.push(sysctlDiagnostic('several-on-one-line', span, { count: pieces.length }));
  }
  let read = 0;
  for (const piece of pieces) {
    const narrow = section.freeForm && piece.text.includes('＝') ? piece.text.replace('＝', '=') : piece.text;
    const lower = section.freeForm ? lowerKey(narrow) : null;
    const setting = readSetting(lower ?? narrow) ?? (rows.length > 0 ? unusual(section, piece.text) : null);
    if (setting === null) continue;
    read++;
    if (lower !== null) {
      const data = { written: piece.text.trim(), key: setting.key };
      reading.diagnostics.push(sysctlDiagnostic('wrong-case', span, data));
    }
    const { key } = setting;
    if (narrow !== piece.text) {
      const data = { written: piece.text.trim() };
      reading.diagnostics.push(sysctlDiagnostic('wrong-punctuation', span, data));
    }
    const number = section.freeForm ? remark.exec(setting.value)?.[1] : undefined;
    const value = number ?? setting.value;
    if (number !== undefined) reading.diagnostics.push(sysctlDiagnostic('text-after-value', span, { key, value }));
    const repaired = narrow !== piece.text || lower !== null || pieces.length > 1 || number !== undefined;
    const trust: Trust | null = configuration ? 'claimed' : repaired ? 'repaired' : null;
    const row = { span: { ...span, start: piece.start, end: piece.end }, key, value };
    rows.push(trust === null ? row : { ...row, trust });
  }
  if (read > 0) claim(reading, line, 'modelled');
  return read > 0;
}

/** A module's own directory (`lustre.…`) amid the keys of a dump that the tool printed; in a paste such a line may be anything. */
function unusual(section: Section, text: string): Setting | null {
  if (section.freeForm || text.length > 100_000) return null;
  const setting = readSetting(text, isUnusualKey);
  return setting?.configuration === false ? setting : null;
}

function claimOther(reading: Reading, line: Line): boolean {
  const { text } = line;
  if (message.test(text)) {
    if (unreadable.test(text)) claim(reading, line, 'inert');
    else addFailure(reading, line, text.trim());
    return true;
  }
  if (/^\s*[#;]/.test(text) || /^\* Applying \S/.test(text)) {
    claim(reading, line, 'inert');
    return true;
  }
  return takeFailure(reading, line);
}

/** A key that begins with a capital, as editors write sentences; null when nothing is wrong with the case. */
function lowerKey(text: string): string | null {
  const found = /^\s*-?([A-Za-z][\w./-]*)\s?=/.exec(text);
  const key = found?.[1];
  if (key === undefined || isKey(key) || !isKey(key.toLowerCase())) return null;
  return text.replace(key, key.toLowerCase());
}

const nextSetting = /[ \t](?=(?:net|kernel|vm|fs)\.[a-z0-9_./-]{2,120}[ \t]?=)/g;

function splitSettings(line: Line): readonly Line[] {
  const starts = [0, ...[...line.text.matchAll(nextSetting)].map((found) => found.index + 1)];
  if (readSetting(line.text) === null) return [line];
  return starts.map((from, at) => {
    const text = line.text.slice(from, starts[at + 1] ?? line.text.length).trimEnd();
    return { index: line.index, text, start: line.start + from, end: line.start + from + text.length };
  });
}

function isConfigurationFile(section: Section, lines: readonly Line[]): boolean {
  const { command, path } = section;
  if (command !== null && /^(?:\S*\/)?sysctl\b/.test(command)) return false;
  if (/(?:^|\/)(?:sysctl\.conf|sysctl\.d\/[^/]+)$/.test(path) || /sysctl(?:\.conf|\.d\/)/.test(command ?? ''))
    return true;
  let settings = 0;
  let configured = 0;
  for (const line of lines.slice(0, 500)) {
    const setting = isPlainSetting(line.text) ? 'plain' : readSetting(line.text);
    if (setting !== null) settings++;
    if (setting !== null && setting !== 'plain' && setting.configuration) configured++;
  }
  return configured * 2 > settings;
}
