/** `TIME from 08:00:00 to 17:00:00 on Mon,Fri on 1st,15th until date 2024-12-31 23:59:59 UTC`. iptables extensions/libxt_time.c `time_print`. */
import { isRefusal, type Refusal } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import type { TimeMatch } from './time.js';
import { lastDate, lastSecond, readDate, readDaytime, weekdayNames } from './time-of-packet.js';

export function readListedTime(cursor: ListingCursor): TimeMatch | null {
  const at = cursor.at;
  const listed = cursor.accept('TIME') ? readWords(cursor) : null;
  if (listed === null) cursor.reset(at);
  return listed;
}

function readWords(cursor: ListingCursor): TimeMatch | null {
  const ranged = cursor.accept('from');
  const timeStart = ranged ? readDaytime(cursor.take() ?? '') : 0;
  const timeStop = ranged && cursor.accept('to') ? readDaytime(cursor.take() ?? '') : lastSecond;
  let weekdays: readonly number[] | null = null;
  let monthdays: readonly number[] | null = null;
  while (cursor.accept('on')) {
    const days = readOrdinals(cursor.peek());
    if (days !== null) monthdays = days;
    else weekdays = readWeekdays(cursor.peek());
    // Where no day at all is allowed, nothing is printed between `on` and the next word.
    if (days !== null || weekdays?.length !== 0) cursor.take();
  }
  const dateStart = cursor.accept('starting', 'from') ? readListedDate(cursor) : 0;
  const dateStop = cursor.accept('until', 'date') ? readListedDate(cursor) : lastDate;
  const kerneltz = !cursor.accept('UTC');
  const contiguous = cursor.accept('contiguous');
  if (isRefusal(timeStart) || isRefusal(timeStop) || isRefusal(dateStart) || isRefusal(dateStop)) return null;
  return { timeStart, timeStop, monthdays, weekdays, dateStart, dateStop, kerneltz, contiguous };
}

/** `1st,13rd`; null when it is something else. */
function readOrdinals(word: string | null): readonly number[] | null {
  if (word === null || !/^[0-9]{1,2}(?:st|nd|rd|th)(?:,|$)/.test(word)) return null;
  return word.split(',').map((day) => Number.parseInt(day, 10));
}

function readWeekdays(word: string | null): readonly number[] {
  const names: readonly string[] = weekdayNames;
  const days = (word ?? '').split(',').map((day) => names.indexOf(day) + 1);
  return days.includes(0) ? [] : days;
}

function readListedDate(cursor: ListingCursor): number | Refusal {
  const day = cursor.take() ?? '';
  return readDate(`${day}T${cursor.take() ?? ''}`);
}
