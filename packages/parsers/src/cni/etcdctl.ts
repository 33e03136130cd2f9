/** flannel's configuration on a command line: `etcdctl set /coreos.com/network/config '{ "Network": … }'` (v2 set, v3 put). */
import type { Setting, SourceFile } from '@coldtrace/core';
import type { Format, Section } from '../format.js';
import { jsonExtent } from '../text/json.js';
import { claim, closeReading, openReading } from '../text/reading.js';
import { placedSection } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
import { placedScalar } from '../yaml/scalar-text.js';
import { settingsCode } from './codes.js';
import { settingsOfValue } from './json-settings.js';

const command =
  /(?:^|[\s/])etcdctl\s(?:[^'"{]{0,1000}\s)?(?:set|put|mk|update)\s{1,4}["']?\/[\w./-]{0,200}\/(?:config|subnets\/[\w.-]{1,64})["']?(?:\s|$)/;

/** Where the JSON of a line (or of the lines after it) begins; -1 for other lines. */
function jsonStart(text: string, start: number, end: number): number {
  const line = text.slice(start, Math.min(end, start + 4000));
  if (!line.includes('etcdctl') || !command.test(line)) return -1;
  const brace = text.indexOf('{', start);
  return brace >= 0 && brace < end ? brace : -1;
}

export const etcdctlFormat: Format = {
  id: 'etcdctl-set',
  title: 'flannel configuration set by etcdctl',
  commands: [],
  fileNames: [],
  line: (text) => (jsonStart(text, 0, text.length) >= 0 ? 'opens' : null),
  extent: (text, start) => {
    const feed = text.indexOf('\n', start);
    const brace = jsonStart(text, start, feed < 0 ? text.length : feed);
    const end = brace < 0 ? null : (escapedEnd(text, brace) ?? jsonExtent(text, brace));
    const after = end === null ? -1 : text.indexOf('\n', end);
    return end === null ? null : after < 0 ? text.length : after + 1;
  },
  parse: parseEtcdctl,
};

/** End of JSON in double quotes of the shell, `"{ \\"Network\\": … }"`: the offset of the closing quote; null for other JSON. */
function escapedEnd(text: string, brace: number): number | null {
  if (text[brace - 1] !== '"' || !/^\{\s{0,8}\\"/.test(text.slice(brace, brace + 12))) return null;
  for (let at = brace; at < text.length && at - brace < 10_000; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return null;
}

function unescaped(file: SourceFile, brace: number, end: number) {
  const text = file.text.slice(brace, end).replace(/\\(.)/g, '$1');
  return placedScalar(file, {
    kind: 'scalar',
    value: text,
    text,
    span: { file: file.id, start: brace - 1, end: end + 1 },
  });
}

function parseEtcdctl(section: Section) {
  const reading = openReading(section);
  const rows: Setting[] = [];
  const { text } = section.file;
  let done = section.start;
  for (const line of reading.lines) {
    if (line.start < done) {
      claim(reading, line, 'modelled');
      continue;
    }
    const brace = jsonStart(text, line.start, line.end);
    if (brace < 0) continue;
    const escaped = escapedEnd(text, brace);
    const end = escaped ?? jsonExtent(text, brace);
    if (end === null || end > section.end) {
      // It runs past the end, and so would whatever begins inside it.
      reading.diagnostics.push(settingsCode('json-cut', { file: section.file.id, start: brace, end: line.end }));
      break;
    }
    const source = escaped === null ? placedSection(section.file, brace, end) : unescaped(section.file, brace, escaped);
    for (const { value } of readYaml(source).documents) {
      const kind = text.slice(line.start, brace).includes('/subnets/') ? 'flannel-lease' : 'net-conf';
      if (value !== null) rows.push(...settingsOfValue(kind, value));
    }
    claim(reading, line, 'modelled');
    done = end;
  }
  return closeReading(reading, [{ kind: 'settings', rows, complete: false }]);
}
