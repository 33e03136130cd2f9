/** Kernel parameters as a JSON map, as support-bundle collectors write it: flat with dotted keys, or nested like /proc/sys. */
import type { Facts, Span, Sysctl, YamlValue } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { readJson } from '../text/json.js';
import { isBlank } from '../text/lines.js';
import { claim, closeReading, openReading } from '../text/reading.js';
import { canonicalKey, isKey } from './key.js';
import { hasWholeNet } from './whole.js';

/** Begins with a key of the flat form, or with the name of a directory that holds a map. */
const opening = /^\s*\{\s*"([^"\n]{2,200})"\s*:\s*(["{\d])/;
const directories: ReadonlySet<string> = new Set([
  'abi',
  'crypto',
  'debug',
  'dev',
  'fs',
  'kernel',
  'net',
  'user',
  'vm',
]);

export const sysctlJsonFormat: Format = {
  id: 'sysctl-json',
  title: 'kernel parameters, as a JSON map',
  commands: [],
  fileNames: [/^sysctl.*\.json$/i],
  line: () => null,
  whole: (text, path) => {
    const [, key = '', next] = opening.exec(text.slice(0, 1000)) ?? [];
    if (isKey(key) && next !== '{') return 0.95;
    return directories.has(key) && next === '{' && /sysctl[^/]*\.json$/i.test(path) ? 0.9 : 0;
  },
  parse,
};

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Sysctl[] = [];
  const { value } = readJson(section.file.text, section.file.id, section.start, section.end);
  if (value !== null) collect(value, '', rows);
  let at = 0;
  for (const line of reading.lines) {
    while (at < rows.length && (rows[at]?.span.end ?? 0) <= line.start) at++;
    if ((rows[at]?.span.start ?? Number.POSITIVE_INFINITY) < line.end) claim(reading, line, 'modelled');
    else if (!isBlank(line.text) && /^\s*(?:"[^"]{1,200}"\s*:\s*)?[{}\]],?\s*$/.test(line.text.slice(0, 400)))
      claim(reading, line, 'inert');
  }
  return closeReading(reading, rows.length === 0 ? [] : [{ kind: 'sysctls', rows, complete: hasWholeNet(rows) }]);
}

/** In document order; a nested name is a directory's or an interface's, and its dots are its own. */
function collect(value: YamlValue, path: string, rows: Sysctl[]): void {
  if (value.kind !== 'map') return;
  for (const entry of value.entries) {
    const key = path === '' && isKey(entry.key) ? canonicalKey(entry.key) : `${path}${entry.key}`;
    const span: Span = { ...entry.keySpan, end: entry.value.span.end };
    if (entry.value.kind === 'map') collect(entry.value, `${key}/`, rows);
    else if (entry.value.kind === 'scalar' && isKey(`/proc/sys/${key}`)) {
      rows.push({ span, key, value: textOf(entry.value) });
    }
  }
}

function textOf(value: Extract<YamlValue, { kind: 'scalar' }>): string {
  return typeof value.value === 'string' ? value.value.trimEnd() : value.text;
}
