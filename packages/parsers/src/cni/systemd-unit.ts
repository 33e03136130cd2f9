/** systemd units as files and as `systemctl cat` prints them (systemd.syntax(7)): every option, and what daemons' command lines set. */
import type { Facts, Setting } from '@coldtrace/core';
import type { Format, LineVerdict, Section } from '../format.js';
import { lineSpan } from '../text/lines.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { unquote } from './arguments.js';
import { lastOfContinued } from './continued.js';
import { factsOfCommandLine } from './daemon-flags.js';
import { settingsOfAssignment } from './environment.js';

const header =
  /^\[(?:Unit|Service|Install|Socket|Timer|Mount|Match|Network|Link|NetDev|Address|Route|DHCP|DHCPv4|VXLAN|Bridge)\]$/;
const option = /^[A-Z][A-Za-z0-9]{1,40}=/;

function verdictOf(text: string): LineVerdict {
  const line = text.slice(0, 400).trimEnd();
  if (header.test(line) || /^# \/(?:etc|usr\/lib|lib|run)\/systemd\/\S+$/.test(line)) return 'opens';
  // A continued command line: its options, each on its own line, often quoted.
  if (/^\s{1,16}(?:['"]?-{1,2}[a-z]|(?:server|agent)\b)/.test(line)) return 'continues';
  return /^(?:Exec(?:Start|StartPre|StartPost|Stop|Reload)|Environment(?:File)?|Description|After|Wants|Requires|WantedBy|Restart|RestartSec|Type|Limit[A-Z]+|Delegate|KillMode|TasksMax)=/.test(
    line,
  )
    ? 'continues'
    : null;
}

export const systemdUnitFormat: Format = {
  id: 'systemd-unit',
  title: 'systemd unit',
  commands: [/^systemctl\s+cat\s/, /^cat\s+\S+\.(?:service|network|netdev|link|conf\.d\/\S+)$/],
  fileNames: [/\.(?:service|socket|timer|network|netdev|link)$/, /^[\w.-]{1,60}-unit\.txt$/],
  line: verdictOf,
  parse: parseUnit,
};

function parseUnit(section: Section) {
  const reading = openReading(section);
  const rows: Setting[] = [];
  const others: Facts[] = [];
  let group = '';
  for (let at = 0; at < reading.lines.length; at++) {
    const line = reading.lines[at];
    if (line === undefined) break;
    const text = line.text.trim();
    if (text === '') continue;
    if (header.test(text)) {
      group = text.slice(1, -1);
      claim(reading, line, 'inert');
      continue;
    }
    if (text.startsWith('#') || text.startsWith(';')) {
      claim(reading, line, 'inert');
      continue;
    }
    if (!option.test(line.text)) {
      takeFailure(reading, line);
      continue;
    }
    const last = lastOfContinued(reading.lines, at);
    for (let each = line.index; each <= last.index; each++) claim(reading, reading.lines[each] ?? line, 'modelled');
    at = last.index;
    const whole = section.file.text
      .slice(line.start, last.end)
      .replace(/\\[ \t\r]*\n/g, (gap) => ' '.repeat(gap.length));
    const equals = whole.indexOf('=');
    const span = { ...lineSpan(section, line), end: last.end };
    const key = `${group === '' ? '' : `${group}.`}${whole.slice(0, equals)}`;
    const value = whole.slice(equals + 1).trim();
    rows.push({ source: 'systemd-unit', key, value, span });
    if (/^Exec/.test(whole)) collect(factsOfCommandLine(whole, line.start, section.file.id), rows, others);
    else if (whole.startsWith('Environment='))
      rows.push(...environmentOf(whole.slice(equals + 1), line.start + equals + 1, section.file.id, span));
  }
  return closeReading(reading, [{ kind: 'settings', rows, complete: false }, ...others]);
}

function collect(facts: readonly Facts[], rows: Setting[], others: Facts[]): void {
  for (const one of facts) {
    if (one.kind === 'settings') rows.push(...one.rows);
    else others.push(one);
  }
}

/** `Environment="A=b" C=d` */
function environmentOf(text: string, start: number, file: number, span: Setting['span']): readonly Setting[] {
  const rows: Setting[] = [];
  for (const match of text
    .slice(0, 20_000)
    .matchAll(/"([A-Za-z_]\w*)=([^"]*)"|'([A-Za-z_]\w*)=([^']*)'|([A-Za-z_]\w*)=(\S+)/g)) {
    const key = match[1] ?? match[3] ?? match[5] ?? '';
    const value = unquote(match[2] ?? match[4] ?? match[6] ?? '');
    const valueStart = start + match.index + match[0].indexOf('=') + 1;
    rows.push(...settingsOfAssignment({ key, value, valueStart, end: valueStart + value.length }, file, span));
  }
  return rows;
}
