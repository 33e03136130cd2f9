/** `-m limit`: a token bucket for the rule. iptables-extensions(8); net/netfilter/xt_limit.c, iptables extensions/libxt_limit.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { unknown } from '../../tri.js';
import { defineMatch, isRefusal, option, type Refusal, refuse } from '../extension.js';
import { integer, pick, word } from '../value.js';

const units = ['sec', 'min', 'hour', 'day'] as const;
type Unit = (typeof units)[number];

export interface LimitMatch {
  /** As printed: what was typed, rounded as the kernel's unit of a ten-thousandth of a second makes it. */
  readonly rate: number;
  readonly unit: Unit;
  readonly burst: number;
}

const seconds: Readonly<Record<Unit, number>> = { sec: 1, min: 60, hour: 3600, day: 86400 };
const longNames: Readonly<Record<Unit, string>> = { sec: 'second', min: 'minute', hour: 'hour', day: 'day' };
/** Ticks of a second in which the kernel counts the time between packets. */
const scale = 10000;
const defaultBurst = 5;
const mostBurst = 10000;

export interface Rate {
  readonly rate: number;
  readonly unit: Unit;
}

/** `5`, `5/s`, `5/minute`: the unit may be cut short. The amount is read up to its first character that is no digit, so `5.5/s` is 5 a second. */
function readRate(value: string): Rate | Refusal {
  const [, digits = '', name = 'second'] = /^ *\+?([0-9]{1,9})(?![0-9])[^/]*(?:\/([A-Za-z]{1,6}))?$/.exec(value) ?? [];
  const unit = units.find((known) => longNames[known].startsWith(name.toLowerCase()) || known === name.toLowerCase());
  const rate = Number(digits);
  if (unit === undefined || rate === 0) return refuse(`"${value}" is not a rate`);
  const period = Math.floor((scale * seconds[unit]) / rate);
  return period === 0 ? refuse(`rate ${value} is too fast`) : rateOf(period);
}

/** The smallest unit that shows the period without much of a remainder. */
function rateOf(period: number): Rate {
  let unit: Unit = 'day';
  for (const next of ['hour', 'min', 'sec'] as const) {
    const whole = scale * seconds[next];
    if (period > whole || Math.floor(whole / period) < whole % period) break;
    unit = next;
  }
  return { rate: Math.floor((scale * seconds[unit]) / period), unit };
}

/** Credits of a second at the clock rates that kernels are built with (HZ 250 and 1000). */
const creditsPerSecond = 32000;

/** The sum that the legacy interface does in 32 bits, overflow and all, before it takes a rule. */
function overflows(rate: Rate, burst: number): boolean {
  const period = Math.floor((scale * seconds[rate.unit]) / rate.rate);
  return burst === 0 || credits((period * burst) % 2 ** 32) < credits(period);
}

function credits(ticks: number): number {
  if (ticks <= Math.floor(0xffffffff / creditsPerSecond)) return Math.floor((ticks * creditsPerSecond) / scale);
  return (Math.floor(ticks / scale) * creditsPerSecond) % 2 ** 32;
}

/** A bucket of less than 2³² credits whatever the kernel's clock rate: legacy refuses the others. */
function sampleRate(choose: (below: number) => number): string {
  return pick(choose, [
    `${1 + choose(10000)}/${pick(choose, ['sec', 'second', 's'])}`,
    `${1 + choose(1000)}/${pick(choose, ['min', 'minute', 'm'])}`,
    `${1 + choose(100)}/${pick(choose, ['hour', 'h'])}`,
    `${24 + choose(1000)}/day`,
    `${1 + choose(100)}`,
  ]);
}

export const limit = defineMatch({
  name: 'limit',
  families: [4, 6],
  options: {
    limit: option(word('rate[/second|/minute|/hour|/day]', readRate, sampleRate)),
    'limit-burst': option(integer('number', 0, mostBurst)),
  },
  sample: (choose) => {
    const burst = choose(2) === 0 ? [] : ['--limit-burst', `${1 + choose(20)}`];
    return choose(8) === 0 ? burst : ['--limit', sampleRate(choose), ...burst];
  },
  build: (given, cx): LimitMatch | Refusal => {
    const rate = given.limit?.value ?? { rate: 3, unit: 'hour' };
    const burst = given['limit-burst']?.value ?? defaultBurst;
    if (cx.variant === 'legacy' && overflows(rate, burst))
      return refuse('the burst does not fit the kernel, a smaller one is needed');
    // Where a burst of 0 is taken it stands for the default.
    return { ...rate, burst: burst || defaultBurst };
  },
  save: (data) => [
    '--limit',
    `${data.rate}/${data.unit}`,
    ...(data.burst === defaultBurst ? [] : ['--limit-burst', `${data.burst}`]),
  ],
  listing: (cursor): LimitMatch | null => {
    const at = cursor.at;
    if (cursor.accept('limit:', 'avg')) {
      const rate = readRate(cursor.take() ?? '');
      const burst = cursor.accept('burst') ? parseUint32(cursor.take() ?? '') : null;
      if (!isRefusal(rate) && burst !== null) return { ...rate, burst };
    }
    cursor.reset(at);
    return null;
  },
  test: (data) => unknown(`the limit of ${data.rate}/${data.unit} decides: it depends on the packets before`),
});
