/** `-m statistic`: by chance, or every n-th packet. iptables-extensions(8); net/netfilter/xt_statistic.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Tri, unknown } from '../../tri.js';
import { fraction } from '../../verdict/fraction.js';
import { defineMatch, isRefusal, negatable, option, type Refusal, refuse } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import { integer, oneOf, pick, printed, word } from '../value.js';

/** A probability as the kernel keeps it: `threshold` of 2³¹ draws match. */
export interface RandomStatistic {
  readonly mode: 'random';
  readonly threshold: number;
  readonly invert: boolean;
}

export interface NthStatistic {
  readonly mode: 'nth';
  readonly every: number;
  /** Which packet of each round, from 0. */
  readonly packet: number;
  readonly invert: boolean;
}

export type StatisticMatch = RandomStatistic | NthStatistic;

/** The kernel draws 31 random bits. */
const draws = 0x80000000;

const decimal = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** lround(3) of the share: halves go up. */
function readThreshold(value: string): number | Refusal {
  const share = decimal.test(value) ? Number(value) : Number.NaN;
  return share >= 0 && share <= 1 ? Math.floor(share * draws + 0.5) : refuse(`"${value}" is not between 0 and 1`);
}

/** Eleven places as printf(3) rounds them: exact halves go to the even neighbour, where `toFixed` goes up. */
function formatShare(threshold: number): string {
  const places = 10n ** 11n;
  const denominator = BigInt(draws);
  const scaled = BigInt(threshold) * places;
  const below = scaled / denominator;
  const left = (scaled % denominator) * 2n;
  const rounded = left > denominator || (left === denominator && below % 2n === 1n) ? below + 1n : below;
  return `${rounded / places}.${String(rounded % places).padStart(11, '0')}`;
}

function readListed(mode: string | null, cursor: ListingCursor): StatisticMatch | null {
  const invert = cursor.accept('!');
  if (mode === 'random' && cursor.accept('probability')) {
    const threshold = readThreshold(cursor.take() ?? '');
    return isRefusal(threshold) ? null : { mode, threshold, invert };
  }
  if (mode !== 'nth' || !cursor.accept('every')) return null;
  const every = parseUint32(cursor.take() ?? '');
  const packet = cursor.accept('packet') ? parseUint32(cursor.take() ?? '') : 0;
  return every === null || packet === null ? null : { mode, every, packet, invert };
}

const share = word('p', readThreshold, (choose) =>
  pick(choose, ['0.5', '0.33333333349', '0', '1', '1e-3', '.25', '0.000244140625', `0.${choose(1000000)}`]),
);
const rounds = integer('n', 1, 0xffffffff);

/** The definition. `threshold` of mode random counts in 2^31ths, as the kernel stores it; what mode nth does depends on its counter, which no dump shows. */
export const statistic = defineMatch({
  name: 'statistic',
  families: [4, 6],
  options: {
    mode: option(oneOf(['random', 'nth'])),
    probability: negatable(share),
    every: negatable(rounds),
    packet: option(integer('p', 0, 0xfffffffe)),
  },
  sample: (choose, cx) => {
    const not = choose(4) === 0 ? ['!'] : [];
    if (choose(2) === 0) return ['--mode', 'random', ...not, '--probability', ...share.sample(choose, cx)];
    const every = pick(choose, [1, 2, 3, 0xffffffff, 1 + choose(1000)]);
    return ['--mode', 'nth', ...not, '--every', String(every), '--packet', String(choose(every))];
  },
  build: ({ mode, probability, every, packet }): StatisticMatch | Refusal => {
    if (mode === undefined) return refuse('--mode is missing');
    if (mode.value === 'random') {
      if (every !== undefined || packet !== undefined) return refuse('--every and --packet belong to mode nth');
      if (probability === undefined) return refuse('--probability is missing');
      return { mode: 'random', threshold: probability.value, invert: probability.invert };
    }
    if (probability !== undefined) return refuse('--probability belongs to mode random');
    if (every === undefined || packet === undefined) return refuse('mode nth needs --every and --packet');
    if (packet.value >= every.value) return refuse(`--packet ${packet.value} is not below --every ${every.value}`);
    return { mode: 'nth', every: every.value, packet: packet.value, invert: every.invert };
  },
  save: (data) =>
    data.mode === 'random'
      ? ['--mode', 'random', ...printed('--probability', [formatShare(data.threshold)], data.invert)]
      : ['--mode', 'nth', ...printed('--every', [`${data.every}`], data.invert), '--packet', `${data.packet}`],
  listing: (cursor): StatisticMatch | null => {
    const at = cursor.at;
    const listed = cursor.accept('statistic', 'mode') ? readListed(cursor.take(), cursor) : null;
    if (listed === null) cursor.reset(at);
    return listed;
  },
  chance: (data) => {
    if (data.mode === 'nth' || data.threshold === 0 || data.threshold === draws) return null;
    return fraction(data.invert ? draws - data.threshold : data.threshold, draws);
  },
  /** What chance decides is left to `chance`: here it may match. */
  test: (data): Tri => {
    if (data.mode === 'random') return data.threshold !== (data.invert ? draws : 0);
    if (data.every === 1) return !data.invert;
    return unknown(
      `the kernel counts: ${data.invert ? 'all but ' : ''}packet ${data.packet} of every ${data.every} matches`,
    );
  },
});
