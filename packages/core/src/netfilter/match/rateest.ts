/** `-m rateest`: compares what a RATEEST target measures with a rate or with another one. iptables-extensions(8); net/netfilter/xt_rateest.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { unknown } from '../../tri.js';
import {
  type Choose,
  defineMatch,
  type Given,
  negatable,
  option,
  type Refusal,
  refuse,
  type ValueType,
} from '../extension.js';
import { flag, pick, printed, text } from '../value.js';
import { readListedRateest } from './rateest-listing.js';
import { formatByteRate, readByteRate } from './rateest-rate.js';

/** What is subtracted from (or, in `second`, compared with) each side; 0 where it plays no part. */
export interface RatePair {
  readonly first: number;
  readonly second: number;
}

export interface RateestMatch {
  readonly first: string;
  /** null: the first is compared with a fixed rate. */
  readonly second: string | null;
  readonly delta: boolean;
  readonly op: 'lt' | 'gt' | 'eq';
  readonly invert: boolean;
  /** Bytes per second; null: not compared. */
  readonly bps: RatePair | null;
  readonly pps: RatePair | null;
}

const operators = ['lt', 'gt', 'eq'] as const;
const longestName = 15;
const estimator = text('name', longestName);

/** The value may be left out, where it stands for 0. */
function optionalWord(
  name: string,
  read: (value: string) => number | Refusal,
  samples: readonly [string, ...string[]],
) {
  return {
    name,
    words: 1,
    optional: true,
    read: ([value]: readonly string[]) => (value === undefined ? 0 : read(value)),
    sample: (choose: Choose) => [pick(choose, samples)],
  } satisfies ValueType<number>;
}

const rate = optionalWord('rate', readByteRate, ['1mbit', '2.5mbit', '1000', '8kbit', '5KBps', '1Mibit', '3gbit']);
const count = optionalWord('number', (value) => parseUint32(value) ?? refuse(`"${value}" is not a number`), [
  '0',
  '100',
  '0x10',
  '4294967295',
]);

export const rateest = defineMatch({
  name: 'rateest',
  families: [4, 6],
  options: {
    rateest: option(estimator, { aliases: ['rateest1'] }),
    rateest2: option(estimator),
    'rateest-bps1': option(rate),
    'rateest-pps1': option(count),
    'rateest-bps2': option(rate, { aliases: ['rateest-bps'] }),
    'rateest-pps2': option(count, { aliases: ['rateest-pps'] }),
    'rateest-delta': option(flag),
    'rateest-lt': negatable(flag, { repeatable: true }),
    'rateest-gt': negatable(flag, { repeatable: true }),
    'rateest-eq': negatable(flag, { repeatable: true }),
  },
  /** The estimators are those of {@link estimatorsOfSamples}. */
  sample: (choose, cx) => {
    const [one, two] = estimatorsOfSamples;
    const operator = printed(`--rateest-${pick(choose, operators)}`, [], choose(3) === 0);
    const relative = choose(2) === 0 ? ['--rateest2', two] : [];
    return choose(2) === 0
      ? ['--rateest1', one, ...operator, ...relative, '--rateest-pps', ...count.sample(choose)]
      : [
          '--rateest-delta',
          '--rateest1',
          one,
          '--rateest-bps1',
          ...rate.sample(choose),
          ...operator,
          ...relative,
        ].concat(['--rateest-bps2', ...rate.sample(choose)], cx.family === 4 ? [] : ['--rateest-pps2', '7']);
  },
  build: (given): RateestMatch | Refusal => {
    const { rateest: first, rateest2: second, 'rateest-delta': withDelta } = given;
    if (first === undefined) return refuse('--rateest is missing');
    const comparison = lastOf(given['rateest-lt'], given['rateest-gt'], given['rateest-eq']);
    if (comparison === null) return refuse('none of --rateest-lt, --rateest-gt and --rateest-eq is given');
    const delta = withDelta !== undefined;
    const relative = second !== undefined;
    const pair = (one: Given<number> | undefined, two: Given<number> | undefined): RatePair | null => {
      if (one === undefined && two === undefined) return null;
      return { first: delta ? (one?.value ?? 0) : 0, second: delta || !relative ? (two?.value ?? 0) : 0 };
    };
    const bps = pair(given['rateest-bps1'], given['rateest-bps2']);
    const pps = pair(given['rateest-pps1'], given['rateest-pps2']);
    if (bps === null && pps === null) return refuse('neither bytes nor packets are compared');
    return { first: first.value, second: second?.value ?? null, delta, ...comparison, bps, pps };
  },
  save: (data) => [
    ...(data.delta ? ['--rateest-delta'] : []),
    ...[data.second === null ? '--rateest' : '--rateest1', data.first],
    ...(data.bps === null ? [] : saveRates(data, 'bps', data.bps, formatByteRate)),
    ...(data.pps === null ? [] : saveRates(data, 'pps', data.pps, String)),
    ...(data.second === null ? [] : ['--rateest2', data.second]),
  ],
  loses: (data) => {
    const rates = data.bps === null ? [] : [data.bps.first, data.bps.second];
    const rounded = rates.some((bytes) => readByteRate(formatByteRate(bytes)) !== bytes);
    if (rounded) return 'the last digits of its rate';
    return data.bps !== null && data.pps !== null ? 'that there is one comparison, of which it prints two' : null;
  },
  listing: (cursor): RateestMatch | null => {
    const at = cursor.at;
    const listed = cursor.accept('rateest', 'match') ? readListedRateest(cursor) : null;
    if (listed === null) cursor.reset(at);
    return listed;
  },
  test: (data) => unknown(`the rate that the estimator ${data.first} measures is not known`),
});

const estimatorsOfSamples = ['est1', 'est2'] as const;

type GivenFlag = Given<true> | undefined;

/** The one given last counts. */
function lastOf(lt: GivenFlag, gt: GivenFlag, eq: GivenFlag): Pick<RateestMatch, 'op' | 'invert'> | null {
  let last: { readonly op: RateestMatch['op']; readonly invert: boolean; readonly at: number } | null = null;
  for (const [op, given] of [
    ['lt', lt],
    ['gt', gt],
    ['eq', eq],
  ] as const) {
    for (const { at, invert } of given?.all ?? []) if (last === null || at > last.at) last = { op, invert, at };
  }
  return last === null ? null : { op: last.op, invert: last.invert };
}

function saveRates(
  data: RateestMatch,
  unit: 'bps' | 'pps',
  { first, second }: RatePair,
  format: (n: number) => string,
) {
  const operator = printed(`--rateest-${data.op}`, [], data.invert);
  if (data.delta) return [`--rateest-${unit}1`, format(first), ...operator, `--rateest-${unit}2`, format(second)];
  return data.second === null ? [...operator, `--rateest-${unit}`, format(second)] : [...operator, `--rateest-${unit}`];
}
