/** Bridges and their ports as brctl(8) shows them. */
import { bareLink, type Facts, type Link } from '@coldtrace/core';
import type { Format, LineVerdict, Parsed, Section } from '../format.js';
import { isBlank, type Line, lineSpan } from '../text/lines.js';
import { addFailure, claim, closeReading, openReading, type Reading, takeFailure } from '../text/reading.js';

const heading = /^bridge name\s+bridge id\s+STP enabled\s+interfaces/;
const row = /^(\S{1,15})\s+[0-9a-f]{4}\.[0-9a-f]{12}\s+(yes|no)(?:\s+(\S{1,15}))?\s*$/;
const port = /^(?:\t{2,}| {16,})\s*([^\s/]{1,15})\s*$/;
/** A port whose indentation a paste lost. */
const barePort = /^\s*([A-Za-z][\w.@-]{0,14})\s*$/;
const failed = /^(?:bridge \S+ does not exist!|device \S+ is not a bridge!|\S+\s+can't get info )/;

export const brctlFormat: Format = {
  id: 'brctl',
  title: 'bridges and their ports',
  commands: [/^(?:\S*\/)?brctl\s+show\b/],
  fileNames: [/^brctl(?:[-_.].*)?$/i],
  line: judge,
  parse,
};

function judge(text: string): LineVerdict {
  if (text.length > 300) return null;
  if (heading.test(text) || row.test(text)) return 'opens';
  return port.test(text) || failed.test(text) ? 'continues' : null;
}

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const rows: Link[] = [];
  let bridge: string | null = null;
  for (const line of reading.lines) {
    if (line.text.length > 300) bridge = null;
    else bridge = readLine(reading, line, bridge, rows);
  }
  const listed = rows.length > 0 || reading.lines.some((line) => heading.test(line.text));
  return closeReading(reading, listed ? [{ kind: 'links', rows, complete: false }] : []);
}

/** The bridge that the following lines belong to. */
function readLine(reading: Reading, line: Line, bridge: string | null, rows: Link[]): string | null {
  const { text } = line;
  const span = lineSpan(reading.section, line);
  if (isBlank(text)) return bridge;
  if (heading.test(text)) {
    claim(reading, line, 'inert');
    return null;
  }
  const found = row.exec(text);
  if (found !== null) {
    const [, name = '', stp, first] = found;
    const details = {
      kind: 'bridge',
      vlanFiltering: null,
      stp: stp === 'yes',
      ageingTime: null,
      nfCallIptables: null,
      nfCallIp6tables: null,
    } as const;
    rows.push({ ...bareLink, span, name, details });
    if (first !== undefined) rows.push({ ...bareLink, span, name: first, master: name });
    claim(reading, line, 'modelled');
    return name;
  }
  const indented = port.exec(text)?.[1];
  const name = indented ?? (reading.section.freeForm ? barePort.exec(text)?.[1] : undefined);
  if (name !== undefined && bridge !== null) {
    rows.push({ ...bareLink, span, ...(indented === undefined ? { trust: 'repaired' } : {}), name, master: bridge });
    claim(reading, line, 'modelled');
    return bridge;
  }
  if (failed.test(text)) addFailure(reading, line, text.trim());
  else takeFailure(reading, line);
  return bridge;
}
