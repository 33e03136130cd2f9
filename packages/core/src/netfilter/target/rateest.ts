/** `-j RATEEST`: counts the packet for a rate estimator that `-m rateest` asks. iptables-extensions(8); iptables: extensions/libxt_RATEEST.c. */
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { firstBytes, pick, text, word } from '../value.js';
import { bareWord } from './bare-word.js';

export interface RateestTarget {
  readonly name: string;
  /** A sample is taken every 2^interval seconds; -2 to 3. */
  readonly interval: number;
  /** The average forgets over interval × 2^ewmaLog. */
  readonly ewmaLog: number;
}

const longestName = 15;
const microseconds: Readonly<Record<string, number>> = {
  s: 1e6,
  sec: 1e6,
  secs: 1e6,
  ms: 1e3,
  msec: 1e3,
  msecs: 1e3,
  us: 1,
  usec: 1,
  usecs: 1,
  '': 1,
};

const time = word(
  'time',
  (typed) => readTime(typed) ?? refuse(`"${typed}" is no time`),
  (choose) => pick(choose, ['250ms', '1s', '0.5sec', '2000000us']),
);

function readTime(typed: string): number | null {
  const [, number = '', unit = ''] = /^([0-9]{1,9}(?:\.[0-9]{0,9})?)([a-z]*)$/.exec(typed.toLowerCase()) ?? [];
  const scale = Object.hasOwn(microseconds, unit) ? microseconds[unit] : undefined;
  return number === '' || scale === undefined ? null : Math.trunc(Number(number) * scale);
}

export const rateest = defineTarget({
  name: 'RATEEST',
  families: [4, 6],
  options: {
    'rateest-name': option(text('name', Number.POSITIVE_INFINITY)),
    'rateest-interval': option(time),
    'rateest-ewmalog': option(time),
  },
  // A name keeps the parameters that it got first, so each choice of them has a name of its own.
  sample: (choose) =>
    pick(choose, [
      ['--rateest-name', 'quick', '--rateest-interval', '250ms', '--rateest-ewmalog', '0.5s'],
      ['--rateest-name', 'slow-1', '--rateest-interval', '1s', '--rateest-ewmalog', '4secs'],
      ['--rateest-ewmalog', '100s', '--rateest-interval', '2000000us', '--rateest-name', 'slower'],
      ['--rateest-name', 'a-name-too-long-to-keep', '--rateest-interval', '300ms', '--rateest-ewmalog', '3.3s'],
    ]),
  build: (given): RateestTarget | Refusal => {
    const name = given['rateest-name']?.value;
    const typed = given['rateest-interval']?.value;
    const ewma = given['rateest-ewmalog']?.value;
    if (name === undefined || typed === undefined || ewma === undefined) {
      return refuse('--rateest-name, --rateest-interval and --rateest-ewmalog are all needed');
    }
    const interval = intervalOf(typed);
    const ewmaLog = ewmaLogOf(typed, ewma);
    if (interval > 3) return refuse('the interval is too long');
    if (ewmaLog === 0 || ewmaLog >= 31) return refuse('the time of the average does not fit the interval');
    return { name: firstBytes(name, longestName), interval, ewmaLog };
  },
  save: (data) => [
    '--rateest-name',
    data.name,
    '--rateest-interval',
    formatTime(1e6 * 2 ** data.interval),
    '--rateest-ewmalog',
    formatTime(averageOf(data) % 2 ** 32),
  ],
  loses: (data) =>
    bareWord('name', data.name) ??
    (averageOf(data) < 2 ** 32 ? null : 'the time of its average, which it counts in 32 bits'),
  listing: (cursor): RateestTarget | null => {
    const at = cursor.at;
    const name = cursor.accept('name') ? cursor.take() : null;
    const interval = listedTime(cursor, 'interval');
    const ewma = listedTime(cursor, 'ewmalog');
    if (name !== null && interval !== null && ewma !== null) {
      return { name, interval: Math.round(Math.log2(interval / 1e6)), ewmaLog: Math.round(Math.log2(ewma / interval)) };
    }
    cursor.reset(at);
    return null;
  },
  apply: (_data, { skb }) => ({ kind: 'continue', skb }),
});

/** The next of 250 ms, 500 ms … 8 s, as power of two seconds. */
function intervalOf(typed: number): number {
  let step = 0;
  while (step <= 5 && typed > 2 ** step * 250_000) step++;
  return step - 2;
}

/** Computed from the interval as it was typed, not from the one that the kernel takes. */
function ewmaLogOf(typed: number, ewma: number): number {
  let log = 1;
  while (log < 32 && typed / -Math.log(1 - 1 / 2 ** log) <= ewma) log++;
  return log - 1;
}

/** In microseconds. */
function averageOf({ interval, ewmaLog }: RateestTarget): number {
  return 1e6 * 2 ** (interval + ewmaLog);
}

function formatTime(time: number): string {
  if (time >= 1e6) return `${(time / 1e6).toFixed(1)}s`;
  return time >= 1e3 ? `${(time / 1e3).toFixed(1)}ms` : `${time}us`;
}

function listedTime(cursor: ListingCursor, label: string): number | null {
  return cursor.accept(label) ? readTime(cursor.take() ?? '') : null;
}
