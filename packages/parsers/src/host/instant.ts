/** Points in time as date(1) prints them: C and other locales, RFC 5322 (`-R`), ISO 8601 (`-I`), seconds since the epoch (`+%s`). */

import { readLocalDate } from './local-date.js';

export interface Instant {
  /** Milliseconds since the epoch; null when the text does not settle it. */
  readonly at: number | null;
  /** Zone as written, empty when there is none. */
  readonly zone: string;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekday = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const clock = '(\\d{1,2}):(\\d\\d):(\\d\\d)(?: ([AP]M))?';
const zone = '([A-Z][A-Za-z]{1,5}|[+-]\\d\\d(?::?\\d\\d)?)';

const monthFirst = new RegExp(`^${weekday} (${month}) {1,2}(\\d{1,2}) ${clock} ${zone} (\\d{4})$`);
const dayFirst = new RegExp(`^${weekday} {1,2}(\\d{1,2}) (${month}) ${clock} ${zone} (\\d{4})$`);
const yearThenClock = new RegExp(`^${weekday} {1,2}(\\d{1,2}) (${month}) (\\d{4}) ${clock} ${zone}$`);
const mail = new RegExp(`^${weekday}, (\\d{1,2}) (${month}) (\\d{4}) ${clock} ${zone}$`);
const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?( ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?$/;

const chinese =
  /^(\d{4})年 ?(\d{1,2})月 ?(\d{1,2})日 (?:星期|周)[一二三四五六日天] (\d{1,2}):(\d\d):(\d\d) ([A-Z][A-Za-z]{1,5}|[+-]\d\d(?::?\d\d)?)$/;

interface Parts {
  readonly year: string | undefined;
  readonly month: number;
  readonly day: string | undefined;
  readonly clock: readonly (string | undefined)[];
  readonly zone: string;
}

/** Reads a whole line as a point in time; null when it is none. */
export function parseInstant(line: string): Instant | null {
  if (line.length > 80 || !/\d:\d\d:\d\d/.test(line)) return null;
  const text = line.trim();
  const parts = partsOf(text);
  if (parts === null) return null;
  const local = localTime(parts);
  if (local === null) return null;
  const offset = zoneOffset(parts.zone);
  return { at: offset === null ? null : local - offset * 60_000, zone: parts.zone };
}

/** True for the layouts that nothing but `date` prints alone on a line. */
export function isDateOutput(line: string): boolean {
  return line.length <= 80 && !iso.test(line.trim()) && parseInstant(line) !== null;
}

function partsOf(text: string): Parts | null {
  let m = monthFirst.exec(text);
  if (m) return { month: monthOf(m[1]), day: m[2], clock: m.slice(3, 7), zone: m[7] ?? '', year: m[8] };
  m = dayFirst.exec(text);
  if (m) return { day: m[1], month: monthOf(m[2]), clock: m.slice(3, 7), zone: m[7] ?? '', year: m[8] };
  m = yearThenClock.exec(text) ?? mail.exec(text);
  if (m) return { day: m[1], month: monthOf(m[2]), year: m[3], clock: m.slice(4, 8), zone: m[8] ?? '' };
  m = iso.exec(text) ?? chinese.exec(text);
  if (m === null) return readLocalDate(text);
  return { year: m[1], month: Number(m[2]) - 1, day: m[3], clock: m.slice(4, 7), zone: (m[7] ?? '').trim() };
}

function monthOf(name: string | undefined): number {
  return months.indexOf((name ?? '').toLowerCase());
}

function localTime(parts: Parts): number | null {
  const [hourText, minuteText, secondText, half] = parts.clock;
  const day = Number(parts.day);
  const written = Number(hourText);
  if (half !== undefined && (written < 1 || written > 12)) return null;
  const hour = half === undefined ? written : (written % 12) + (half === 'PM' ? 12 : 0);
  const minute = Number(minuteText);
  const second = Number(secondText);
  if (hour > 23 || minute > 59 || second > 60) return null;
  const at = Date.UTC(Number(parts.year), parts.month, day, hour, minute, second);
  const midnight = new Date(Date.UTC(Number(parts.year), parts.month, day));
  return midnight.getUTCDate() === day && midnight.getUTCMonth() === parts.month ? at : null;
}

/** Hours east of Greenwich of names that mean one zone only. */
const zones: Readonly<Record<string, number | undefined>> = {
  ...{ WET: 0, WEST: 1, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3, JST: 9, KST: 9, HKT: 8 },
  ...{ EDT: -4, PDT: -7, AKDT: -8, AEST: 10, AEDT: 11, NZST: 12, NZDT: 13 },
};

/** Minutes east of Greenwich; null for a name that several zones share (`CST` is five of them), or for no zone. */
function zoneOffset(text: string): number | null {
  if (/^(?:UTC|GMT|Z|UT|UCT)$/.test(text)) return 0;
  const named = zones[text];
  if (named !== undefined) return named * 60;
  const numeric = /^([+-])(\d\d):?(\d\d)?$/.exec(text);
  if (numeric === null) return null;
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0);
  return numeric[1] === '-' ? -minutes : minutes;
}
