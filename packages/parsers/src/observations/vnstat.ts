/** vnstat(1): totals, `-tr` samples and `-l` monitoring of devices. */
import { parseDecimal, type SeenTraffic } from '@coldtrace/core';
import type { Format, LineVerdict, Section } from '../format.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';

const dev =
  /^\s{0,4}(?:Sampling (\S{1,15}) \((\d{1,5}) seconds average\)|Traffic average for (\S{1,15})|Monitoring (\S{1,15})\.\.\.|(\S{1,15}) {1,3}(?:since (?:\d|[A-Z][a-z]{2} )\S*|\/ {1,3}(?:traffic statistics|daily|monthly|hourly)))/;
const both =
  /\brx:\s{1,12}([\d.]{1,12})\s([KMGTPkmgtp]?i?(?:B|bit\/s|B\/s)).{1,60}?\btx:\s{1,12}([\d.]{1,12})\s([KMGTPkmgtp]?i?(?:B|bit\/s|B\/s))/;
const one = /^\s{2,10}(rx|tx)\s{2,16}([\d.]{1,12})\s([KMGTPkmgtp]?i?(?:bit\/s|B\/s))\s{2,20}\d+ packets\/s/;
const bytesRow = /^\s{1,4}bytes\s{2,30}([\d.]{1,12}) ([KMGT]?i?B)\s{1,4}\|\s{2,20}([\d.]{1,12}) ([KMGT]?i?B)/;

/** `--oneline`: version of the format, device, then four figures of today and of the month with their dates, then of all time. */
const oneline =
  /^1;([^;\s]{1,15});[^;]{1,20};(?:[^;]{1,30};){4}[^;]{1,20};(?:[^;]{1,30};){4}([\d.]{1,20})(?: ([KMGTP]?i?B))?;([\d.]{1,20})(?: ([KMGTP]?i?B))?;/;

const powers = 'KMGTP';

/** Bytes of a figure; a rate counts for the seconds it was taken over. */
function bytesOf(figure: string, unit: string, seconds: number | null): number | null {
  const value = Number(figure);
  const power = powers.indexOf((unit[0] ?? '').toUpperCase()) + 1;
  const scaled = value * (unit[1] === 'i' ? 1024 : 1000) ** (unit.length > 1 && /^[KMGTPkmgtp]/.test(unit) ? power : 0);
  if (!Number.isFinite(scaled)) return null;
  if (!unit.endsWith('/s')) return Math.round(scaled);
  return seconds === null ? null : Math.round((scaled * seconds) / (unit.includes('bit') ? 8 : 1));
}

function verdictOf(text: string): LineVerdict {
  const head = text.slice(0, 200);
  if (dev.test(head) || oneline.test(head)) return 'opens';
  return both.test(head) || one.test(head) || bytesRow.test(head) ? 'continues' : null;
}

/** What is known of the output up to a line. */
interface Watched {
  readonly section: Section;
  readonly rows: SeenTraffic[];
  device: string | null;
  /** How long rates were taken over; null: not told. */
  seconds: number | null;
  /** The `rx` line of a pair, whose `tx` comes below. */
  half: { readonly rx: number | null; readonly start: number } | null;
}

function add({ section, rows, device }: Watched, rxBytes: number | null, txBytes: number | null, at: At): void {
  if (device === null) return;
  const { start, end } = at;
  const text = section.file.text.slice(start, end);
  rows.push({ kind: 'traffic', dev: device, rxBytes, txBytes, text, span: { file: section.file.id, start, end } });
}

interface At {
  readonly start: number;
  readonly end: number;
}

const trimmings =
  /^\s*(?:\d+ packets sampled in|Database updated|[-+ |]{10,}$|(?:max|average|min|packets|time|received|rx|tx|estimated|today|yesterday|day|month)\b)/;

/** null: no line of this output. */
function readRow(watched: Watched, head: string, at: At): 'modelled' | 'inert' | null {
  const total = oneline.exec(head);
  if (total !== null) {
    watched.device = total[1] ?? watched.device;
    add(watched, bytesOf(total[2] ?? '', total[3] ?? 'B', null), bytesOf(total[4] ?? '', total[5] ?? 'B', null), at);
    return 'modelled';
  }
  const named = dev.exec(head);
  if (named !== null) {
    watched.device = named[1] ?? named[3] ?? named[4] ?? named[5] ?? watched.device;
    if (named[2] !== undefined) watched.seconds = parseDecimal(named[2], 86_400);
    return 'modelled';
  }
  const { seconds } = watched;
  const pair = both.exec(head) ?? bytesRow.exec(head);
  if (pair !== null) {
    add(watched, bytesOf(pair[1] ?? '', pair[2] ?? '', seconds), bytesOf(pair[3] ?? '', pair[4] ?? '', seconds), at);
    return 'modelled';
  }
  const single = one.exec(head);
  if (single === null) return trimmings.test(head) ? 'inert' : null;
  readHalf(watched, single[1] === 'rx', bytesOf(single[2] ?? '', single[3] ?? '', seconds), at);
  return 'modelled';
}

function readHalf(watched: Watched, isRx: boolean, bytes: number | null, { start, end }: At): void {
  const { half } = watched;
  if (isRx) watched.half = { rx: bytes, start };
  else if (half !== null) {
    add(watched, half.rx, bytes, { start: half.start, end });
    watched.half = null;
  }
}

export const vnstatFormat: Format = {
  id: 'vnstat',
  title: 'traffic of a device (vnstat)',
  commands: [/^(?:\S*\/)?vnstat(?:\s|$)/],
  fileNames: [/^vnstat/],
  line: verdictOf,
  parse: (section) => {
    const reading = openReading(section);
    const device = /\s-i\s?(\S+)/.exec(section.command ?? '')?.[1] ?? null;
    const watched: Watched = { section, rows: [], device, seconds: null, half: null };
    for (const line of reading.lines) {
      const state = readRow(watched, line.text.slice(0, 200), line);
      if (state === null) takeFailure(reading, line);
      else claim(reading, line, state);
    }
    return closeReading(reading, [{ kind: 'observations', rows: watched.rows, complete: false }]);
  },
};
