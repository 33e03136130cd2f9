/** A file of /proc/sys, or `cat` of some: the value stands in the text, the key in the path or the command. proc_sys(5). */
import type { Facts, Sysctl } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { isBlank } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { canonicalKey, isKey } from './key.js';
import { keysOf, readValues } from './values.js';

export const procSysFormat: Format = {
  id: 'proc-sys',
  title: 'values of /proc/sys files',
  commands: [/^(?:cat|head|tail|more|less)\s(?:.*\s)?\/proc\/sys\/\S/],
  fileNames: [],
  paths: [/^(?:.{0,200}\/)?proc\/sys\/[a-z]+\/./],
  line: () => null,
  whole: (text, path) => (text.length <= 65_536 && keyOfPath(path) !== null ? 0.95 : 0),
  parse,
};

/** The key that a path such as `bundle/proc/sys/net/ipv4/ip_forward` names. */
function keyOfPath(path: string): string | null {
  const at = path.lastIndexOf('proc/sys/');
  if (at < 0 || (at > 0 && path[at - 1] !== '/')) return null;
  const key = path.slice(at);
  return isKey(key) ? canonicalKey(key) : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const lines = reading.lines.filter((line) => !isBlank(line.text) && !takeFailure(reading, line));
  const commandKeys = keysOf(section.command);
  const pathKey = keyOfPath(section.path);
  const keys = commandKeys.length > 0 ? commandKeys : pathKey === null ? [] : [pathKey];
  const [key] = keys;
  const first = lines[0];
  const last = lines.at(-1);
  if (section.freeForm || keys.length !== 1 || key === undefined || first === undefined || last === undefined) {
    const facts: readonly Facts[] = [{ kind: 'sysctls', rows: readValues(reading, lines, keys), complete: false }];
    return closeReading(reading, lines.length === 0 ? [] : facts);
  }
  for (const line of lines) claim(reading, line, 'modelled');
  const value = lines.map((line) => line.text.trim()).join('\n');
  const row: Sysctl = { span: { file: section.file.id, start: first.start, end: last.end }, key, value };
  return closeReading(reading, [{ kind: 'sysctls', rows: [row], complete: false }]);
}
