/** flannel's configuration on a command line: `etcdctl set /coreos.com/network/config '{ "Network": … }'` (v2 set, v3 put). */
import type { Setting } from '@coldtrace/core';
import type { Format, Section } from '../format.js';
import { jsonExtent } from '../text/json.js';
import { claim, closeReading, openReading } from '../text/reading.js';
import { placedSection } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
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
    const end = brace < 0 ? null : jsonExtent(text, brace);
    const after = end === null ? -1 : text.indexOf('\n', end);
    return end === null ? null : after < 0 ? text.length : after + 1;
  },
  parse: parseEtcdctl,
};

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
    const end = jsonExtent(text, brace);
    if (end === null || end > section.end) {
      // It runs past the end, and so would whatever begins inside it.
      reading.diagnostics.push(settingsCode('json-cut', { file: section.file.id, start: brace, end: line.end }));
      break;
    }
    for (const { value } of readYaml(placedSection(section.file, brace, end)).documents) {
      const source = text.slice(line.start, brace).includes('/subnets/') ? 'flannel-lease' : 'net-conf';
      if (value !== null) rows.push(...settingsOfValue(source, value));
    }
    claim(reading, line, 'modelled');
    done = end;
  }
  return closeReading(reading, [{ kind: 'settings', rows, complete: false }]);
}
