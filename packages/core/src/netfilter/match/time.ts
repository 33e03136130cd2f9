/** `-m time`: date, weekday and time of day of the packet. iptables-extensions(8); net/netfilter/xt_time.c, iptables extensions/libxt_time.c. */
import { unknown } from '../../tri.js';
import { defineMatch, negatable, option, type Refusal, refuse } from '../extension.js';
import { flag, pick, printed, word } from '../value.js';
import { readListedTime } from './time-listing.js';
import {
  formatDate,
  formatDaytime,
  lastDate,
  lastSecond,
  readDate,
  readDaytime,
  weekdayNames,
} from './time-of-packet.js';

export interface TimeMatch {
  /** Seconds since midnight, both included; a start after the stop spans midnight. */
  readonly timeStart: number;
  readonly timeStop: number;
  /** Ascending, 1 to 31; null: every day. */
  readonly monthdays: readonly number[] | null;
  /** Ascending, 1 (Monday) to 7; null: every day. */
  readonly weekdays: readonly number[] | null;
  /** Seconds since 1970, both included. */
  readonly dateStart: number;
  readonly dateStop: number;
  /** In the kernel's time zone instead of UTC. */
  readonly kerneltz: boolean;
  /** A span over midnight counts for the day it begins on. */
  readonly contiguous: boolean;
}

const daytime = word('hh:mm[:ss]', readDaytime, (choose) =>
  pick(choose, ['10:00', '18:30:05', '9:5', '23:59:59', `${choose(24)}:${choose(60)}`]),
);
const date = word('YYYY[-MM[-DD[Thh[:mm[:ss]]]]]', readDate, (choose) =>
  pick(choose, ['2024', '2024-05', '2024-02-31', '2024-05-06T07', '2030-12-31T23:59:59', '1970-01-01T00:00:01']),
);

const monthdays = word(
  'day[,day]',
  (value): readonly number[] | Refusal => {
    const days = value.split(',').map(monthdayOf);
    const wrong = days.findIndex((day) => day === null || day > 31);
    if (wrong >= 0) return refuse(`"${value.split(',')[wrong] ?? ''}" is no day of a month`);
    return inOrder(days.flatMap((day) => day || []));
  },
  (choose) => Array.from({ length: 1 + choose(4) }, () => 1 + choose(31)).join(','),
);

const weekdays = word(
  'day[,day]',
  (value): readonly number[] | Refusal => {
    const days = value.replace(/,$/, '').split(',').map(weekdayOf);
    return days.includes(0) ? refuse(`"${value}" holds something that is no weekday`) : inOrder(days);
  },
  (choose) =>
    Array.from({ length: 1 + choose(4) }, () => pick(choose, ['Mon', 'Tu', 'Wednesday', '4', '7', 'Sa'])).join(','),
);

/** The tool looks at two characters and takes them as C does (`07` is octal); what follows them is nothing to it. 0 is no day. */
function monthdayOf(text: string): number | null {
  const two = text.slice(0, 2);
  if (two === '') return 0;
  if (!/^[ +]?[0-9]+$/.test(two)) return null;
  return two.startsWith('0') && /[89]/.test(two) ? null : Number(two);
}

/** By number, or by name of which two letters are enough; 0 for anything else. */
function weekdayOf(text: string): number {
  if (/^ ?\+?0*[1-7]$/.test(text)) return Number(text);
  return text.length < 2 ? 0 : weekdayNames.findIndex((name) => name.slice(0, 2) === text.slice(0, 2)) + 1;
}

function inOrder(days: readonly number[]): readonly number[] {
  return [...new Set(days)].sort((x, y) => x - y);
}

/** Kept as the kernel keeps it: without its `!`, and null when it holds every day. */
function days(given: { readonly value: readonly number[]; readonly invert: boolean } | undefined, most: number) {
  if (given === undefined) return null;
  const all = Array.from({ length: most }, (_, index) => index + 1);
  const chosen = given.invert ? all.filter((day) => !given.value.includes(day)) : given.value;
  return chosen.length === most ? null : chosen;
}

export const time = defineMatch({
  name: 'time',
  families: [4, 6],
  options: {
    datestart: option(date),
    datestop: option(date),
    timestart: option(daytime),
    timestop: option(daytime),
    monthdays: negatable(monthdays),
    weekdays: negatable(weekdays),
    utc: option(flag),
    kerneltz: option(flag, { aliases: ['localtz'] }),
    contiguous: option(flag),
  },
  sample: (choose, cx) => {
    const night = choose(5) === 0;
    const some = (name: string, words: readonly string[]) => (choose(3) === 0 ? [name, ...words] : []);
    return [
      ...(night ? ['--timestart', '23:00', '--timestop', '1:00'] : some('--timestart', daytime.sample(choose, cx))),
      ...(night && choose(2) === 0 ? ['--contiguous'] : []),
      ...some('--datestart', date.sample(choose, cx)),
      ...some('--datestop', date.sample(choose, cx)),
      ...(choose(3) === 0 ? printed('--monthdays', monthdays.sample(choose, cx), choose(2) === 0) : []),
      ...(choose(3) === 0 ? printed('--weekdays', weekdays.sample(choose, cx), choose(2) === 0) : []),
      ...pick(choose, [[], [], ['--kerneltz'], ['--utc']]),
    ];
  },
  build: (given): TimeMatch | Refusal => {
    if (given.utc !== undefined && given.kerneltz !== undefined) {
      return refuse('--utc cannot be used together with --kerneltz');
    }
    const timeStart = given.timestart?.value ?? 0;
    const timeStop = given.timestop?.value ?? lastSecond;
    if (given.contiguous !== undefined && timeStart < timeStop) {
      return refuse('--contiguous makes sense only when --timestop is before --timestart');
    }
    return {
      timeStart,
      timeStop,
      monthdays: days(given.monthdays, 31),
      weekdays: days(given.weekdays, 7),
      dateStart: given.datestart?.value ?? 0,
      dateStop: given.datestop?.value ?? lastDate,
      kerneltz: given.kerneltz !== undefined,
      contiguous: given.contiguous !== undefined,
    };
  },
  save: (data) => [
    ...(data.timeStart === 0 && data.timeStop === lastSecond
      ? []
      : ['--timestart', formatDaytime(data.timeStart), '--timestop', formatDaytime(data.timeStop)]),
    ...(data.monthdays === null ? [] : ['--monthdays', data.monthdays.join(',')]),
    ...(data.weekdays === null ? [] : ['--weekdays', data.weekdays.map((day) => weekdayNames[day - 1]).join(',')]),
    ...(data.dateStart === 0 ? [] : ['--datestart', formatDate(data.dateStart)]),
    ...['--datestop', formatDate(data.dateStop)],
    ...(data.kerneltz ? ['--kerneltz'] : []),
    ...(data.contiguous ? ['--contiguous'] : []),
  ],
  loses: (data) =>
    data.weekdays?.length === 0 || data.monthdays?.length === 0 ? 'that it allows no day at all' : null,
  listing: readListedTime,
  test: () => unknown('the time at which the packet comes is not given'),
});
