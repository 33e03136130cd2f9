/** Rates and bursts of `-m hashlimit`, by packets or by bytes, in the units the kernel keeps. iptables: extensions/libxt_hashlimit.c. */
import { parseDecimal, parseUint32 } from '../../inet/decimal.js';
import { type Choose, type Refusal, refuse, type ValueType } from '../extension.js';
import { pick, word } from '../value.js';

export type HashlimitRate =
  /** Millionths of a second from one packet to the next, and how many may come at once. */
  | { readonly kind: 'packets'; readonly period: number; readonly burst: number }
  /** 2³² over the sixteens of bytes per second; the burst counts seconds' worth of the rate, 0 for none. */
  | { readonly kind: 'bytes'; readonly cost: number; readonly burst: number };

/** A rate as written, before its burst is known. */
export type WrittenRate =
  | { readonly kind: 'packets'; readonly period: number; readonly seconds: number; readonly amount: number }
  | { readonly kind: 'bytes'; readonly cost: number };

const scale = 1_000_000;
const most = 0xffffffff;
const units = [
  ['second', 'sec', 1],
  ['minute', 'min', 60],
  ['hour', 'hour', 3600],
  ['day', 'day', 86400],
] as const;
const kib = 1024;
const mib = kib * kib;
const defaultBurst = 5;
const mostBurst = 1_000_000;
/** Milliseconds after which an entry of a byte rate expires, without and with a burst. */
const byteExpire = 15_000;
const byteBurstExpire = 60_000;

export const rateValue: ValueType<WrittenRate> = word('amount[/second|/minute|/hour|/day]', readRate, sampleRate);

function sampleRate(choose: Choose): string {
  return pick(choose, [
    String(1 + choose(1000)),
    `${1 + choose(1_000_000)}/sec`,
    `${1 + choose(5000)}/minute`,
    `${1 + choose(5000)}/h`,
    `${10 + choose(5000)}/day`,
    `${1 + choose(500)}kb/s`,
    `${1 + choose(500)}mb/s`,
    `${16 + choose(5000)}b/s`,
  ]);
}

export function readRate(text: string): WrittenRate | Refusal {
  const bytes = /^ *\+?(\d{1,11})(?!\d)[^/]*?([km]?)b\/s(?:ec(?:ond)?)?$/.exec(text);
  if (bytes !== null) return byteRate(Number(bytes[1]) * factor(bytes[2]), text);
  const [, digits = '', name = 'second'] = /^ *\+?(\d{1,9})(?!\d)[^/]*(?:\/([A-Za-z]{1,6}))?$/.exec(text) ?? [];
  const seconds = units.find(([long]) => long.startsWith(name.toLowerCase()) || long.slice(0, 3) === name)?.[2];
  const rate = Number(digits);
  if (seconds === undefined || rate === 0) return refuse(`"${text}" is no rate`);
  const period = Math.floor((scale * seconds) / rate);
  return period === 0 ? refuse(`rate ${text} is too fast`) : { kind: 'packets', period, seconds, amount: rate };
}

/** With `--hashlimit-rate-match`, wherever it stands, the unit is the interval over which packets are counted, and the rate a number by itself. */
export function overItsUnit(rate: WrittenRate): WrittenRate | Refusal {
  if (rate.kind === 'bytes') return rate;
  const period = Math.floor(scale / rate.amount);
  return period === 0 ? refuse(`rate ${rate.amount} is too fast`) : { ...rate, period };
}

function byteRate(bytes: number, text: string): WrittenRate | Refusal {
  const cost = costOf(bytes);
  // The kernel's clock does not resolve a cost of 1.
  return cost < 2 ? refuse(`rate ${text} is too fast`) : { kind: 'bytes', cost };
}

function costOf(bytes: number): number {
  return Math.floor(most / (Math.floor(bytes / 16) + 1));
}

function factor(letter: string | undefined): number {
  return letter === 'm' ? mib : letter === 'k' ? kib : 1;
}

function bytesOf(cost: number): number {
  return (Math.floor(most / cost) - 1) * 16;
}

/** A number, with `b`, `kb` or `mb` behind it for bytes. */
export const burstValue: ValueType<number> = word(
  'amount',
  (text) => {
    const [, digits = '', letter] = /^(0[xX][\da-fA-F]{1,8}|\d{1,10})(?:([km]?)b)?$/.exec(text) ?? [];
    const number = parseUint32(digits);
    const value = number === null ? null : number * factor(letter);
    return value === null || value > most || value === 0 ? refuse(`"${text}" is no burst`) : value;
  },
  (choose) => String(1 + choose(1000)),
);

export function withBurst(rate: WrittenRate, burst: number | null): HashlimitRate | Refusal {
  if (rate.kind === 'packets') {
    if (burst !== null && burst > mostBurst) return refuse(`burst ${burst} is over ${mostBurst}`);
    return { kind: 'packets', period: rate.period, burst: burst ?? defaultBurst };
  }
  const bytes = bytesOf(rate.cost);
  if (burst === null) return { kind: 'bytes', cost: rate.cost, burst: 0 };
  if (bytes === 0 || burst < bytes) return refuse(`the burst cannot be smaller than ${bytes} bytes`);
  return { kind: 'bytes', cost: rate.cost, burst: Math.ceil(burst / bytes) };
}

/** What entries expire after where nothing is said: the unit as typed; for bytes it depends on the burst. */
export function typedExpire(rate: WrittenRate, burst: number | null): number {
  if (rate.kind === 'packets') return rate.seconds * 1000;
  return burst === null ? byteExpire : byteBurstExpire;
}

/** What the tools think of as the default when they print. */
export function printedExpire(rate: HashlimitRate): number {
  if (rate.kind === 'packets') return unitOf(rate.period)[2] * 1000;
  return rate.burst === 0 ? byteExpire : byteBurstExpire;
}

/** The smallest unit that shows the period without much of a remainder. */
function unitOf(period: number): (typeof units)[number] {
  let unit: (typeof units)[number] = units[3];
  for (const next of [units[2], units[1], units[0]]) {
    const whole = scale * next[2];
    if (period > whole || Math.floor(whole / period) < whole % period) break;
    unit = next;
  }
  return unit;
}

export function formatRate(rate: HashlimitRate): string {
  if (rate.kind === 'bytes') return formatByteRate(rate.cost);
  const [, name, seconds] = unitOf(rate.period);
  return `${Math.floor((scale * seconds) / rate.period)}/${name}`;
}

/** In whole megabytes or kilobytes where that reads back to the same cost; the tool rounds down in 32 bits to find out. */
function formatByteRate(cost: number): string {
  const bytes = bytesOf(cost);
  for (const unit of [mib, kib]) {
    const rounded = ((bytes % 2 ** 32) & -unit) >>> 0;
    if (bytes >= unit && costOf(rounded) === cost) return `${Math.floor(bytes / unit)}${unit === mib ? 'm' : 'k'}b/s`;
  }
  return `${bytes}b/s`;
}

/** null where no burst is printed. */
export function formatBurst(rate: HashlimitRate): string | null {
  if (rate.kind === 'packets') return `${rate.burst}`;
  return rate.burst === 0 ? null : formatBytes(bytesOf(rate.cost) * rate.burst);
}

function formatBytes(bytes: number): string {
  if (bytes >= mib) return `${Math.floor(bytes / mib)}mb`;
  return bytes >= kib ? `${Math.floor(bytes / kib)}kb` : `${bytes}b`;
}

/** `iptables -L` prints the rate of a packet counter multiplied by its interval. */
export function listedRate(written: WrittenRate, interval: number): WrittenRate {
  return written.kind === 'packets' ? { ...written, period: Math.floor(written.period / interval) } : written;
}

export function parseCount(text: string | null): number | null {
  return text === null ? null : parseDecimal(text, most);
}
