/** Dates and times of day as `-m time` takes and prints them. iptables extensions/libxt_time.c. */
import { type Refusal, refuse } from '../extension.js';

export const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

export const lastSecond = 24 * 60 * 60 - 1;
/** What the tools load when no end is given: the last second that 31 bits hold. */
export const lastDate = 0x7fffffff;

const clock = /^([0-9]{1,5}):([0-9]{1,2})(?::([0-9]{1,2}))?$/;
const calendar =
  /^([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:T([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2}))?)?)?)?)?$/;

export function readDaytime(text: string): number | Refusal {
  const [, hours, minutes, seconds = '0'] = clock.exec(text) ?? [];
  const within = Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60;
  return within
    ? Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    : refuse(`"${text}" is not a time of day, hh:mm[:ss]`);
}

/** Seconds since 1970 in UTC; a day that the month does not have runs over into the next. */
export function readDate(text: string): number | Refusal {
  const [, year, month = '1', day = '1', hours = '0', minutes = '0', seconds = '0'] = calendar.exec(text) ?? [];
  const parts = [year, month, day, hours, minutes, seconds].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts;
  const within = y >= 1970 && y <= 2038 && mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h < 24 && mi < 60 && s < 60;
  return within
    ? daysSince1970(y, mo, d) * 86400 + h * 3600 + mi * 60 + s
    : refuse(`"${text}" is not a date from 1970 to 2038, YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`);
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Between 1970 and 2038 every fourth year is a leap year. */
function isLeap(year: number): boolean {
  return year % 4 === 0;
}

function daysSince1970(year: number, month: number, day: number): number {
  let days = day - 1;
  for (let past = 1970; past < year; past++) days += isLeap(past) ? 366 : 365;
  for (let past = 1; past < month; past++) days += monthLength(year, past);
  return days;
}

function monthLength(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (monthLengths[month - 1] ?? 0);
}

/** `10:00:05` */
export function formatDaytime(seconds: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':');
}

/** `2024-01-01T00:00:00` */
export function formatDate(date: number): string {
  let days = Math.floor(date / 86400);
  let year = 1970;
  for (; days >= (isLeap(year) ? 366 : 365); year++) days -= isLeap(year) ? 366 : 365;
  let month = 1;
  for (; days >= monthLength(year, month); month++) days -= monthLength(year, month);
  return `${year}-${twoDigits(month)}-${twoDigits(days + 1)}T${formatDaytime(date % 86400)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
