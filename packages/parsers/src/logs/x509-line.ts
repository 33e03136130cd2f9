/**
 * What a line about a refused certificate says once its neighbours are read with it: whom the client dialled, and, of a pasted line that was wrapped,
 * the rest of it. Go crypto/x509 HostnameError, net/http url.Error.
 */
import type { Section } from '../format.js';
import type { Line } from '../text/lines.js';
import { eventsOf, type FoundEvent } from './events.js';

const reach = 400;

/** Events about certificates with the address and port that were dialled (`target`); a wrapped line's with what the next line holds. */
export function wholeX509Events(events: readonly FoundEvent[], section: Section, line: Line): readonly FoundEvent[] {
  if (!events.some(isX509)) return events;
  const told = events.filter((found) => found.event.event !== 'x509-wrapped');
  const whole = told.some(isX509) ? told : [...told, ...rejoined(section, line)];
  const target = dialled(section, line);
  return target === null ? whole : whole.map((found) => (isX509(found) ? withTarget(found, target) : found));
}

function isX509({ event }: FoundEvent): boolean {
  return event.event.startsWith('x509-');
}

function withTarget(found: FoundEvent, target: string): FoundEvent {
  const { data } = found;
  const host = target.replace(/:\d{1,5}$/, '').replace(/^\[|\]$/g, '');
  const { wanted } = data;
  // A terminal breaks lines in the middle of an address; the URL has it whole.
  const mended = wanted !== undefined && host !== wanted && host.startsWith(wanted) ? { wanted: host } : {};
  return { ...found, data: { ...data, target, ...mended } };
}

/** `valid for 127.0.0.1, 10.0.0.1, not` and the name on the next line, with or without a blank at the break. */
function rejoined(section: Section, line: Line): readonly FoundEvent[] {
  if (!section.freeForm) return [];
  const after = section.file.text.slice(line.end, line.end + reach);
  const taken = /^\r?\n[ \t>|]{0,20}([^\r\n]{1,300})/.exec(after);
  const next = taken?.[1];
  if (next === undefined) return [];
  for (const gap of line.text.trimEnd().endsWith(',') ? [' '] : ['', ' ']) {
    const whole = eventsOf(line.text.trimEnd() + gap + next).filter(
      (found) => isX509(found) && found.event.event !== 'x509-wrapped',
    );
    if (whole.length > 0)
      return whole.map((found) => ({ ...found, end: line.end + (taken?.[0].trimEnd().length ?? 0) }));
  }
  return [];
}

/** `https://192.168.3.123:10250/…` before the complaint, on the line or, in a paste, on the one above. */
function dialled(section: Section, line: Line): string | null {
  const at = line.text.search(/x509: |SSL: |certificate/);
  const before = line.text.slice(0, at < 0 ? 8000 : at);
  const above = section.freeForm ? section.file.text.slice(Math.max(0, line.start - reach), line.start) : '';
  return (
    lastServer(before) ??
    (/^[ \t]*(?:Error|E\d{4}|Unable|\S+ ?Error)/.test(before) ? null : lastServer(lastLines(above)))
  );
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-2).join('\n');
}

function lastServer(text: string): string | null {
  const match = [...text.matchAll(/https:\/\/(\[[0-9A-Fa-f:.]{2,45}\]|[\w.-]{1,253})(?::(\d{1,5}))?/g)].at(-1);
  return match === undefined ? null : `${match[1]}:${match[2] ?? '443'}`;
}
