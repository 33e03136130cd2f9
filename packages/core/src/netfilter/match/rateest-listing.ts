/** `re1 delta bps 125000 gt re2 bps 250000`, behind `rateest match`. iptables: extensions/libxt_rateest.c `rateest_print`. */
import { isRefusal } from '../extension.js';
import type { ListingCursor } from '../listing-cursor.js';
import type { RateestMatch, RatePair } from './rateest.js';
import { readByteRate } from './rateest-rate.js';

type Unit = 'bps' | 'pps';

/** Units, numbers, the comparison and the second estimator come in an order that differs with the mode. */
export function readListedRateest(cursor: ListingCursor): RateestMatch | null {
  const first = cursor.take();
  const delta = cursor.accept('delta');
  const rates: Record<Unit, number[] | null> = { bps: null, pps: null };
  let unit: Unit | null = null;
  let comparison: Pick<RateestMatch, 'op' | 'invert'> | null = null;
  let second: string | null = null;
  for (;;) {
    const next = cursor.peek() ?? '';
    const rate = readListedRate(next);
    const op = readComparison(cursor);
    if (op !== null) comparison = op;
    else if (next === 'bps' || next === 'pps') {
      unit = next;
      rates[unit] ??= [];
      cursor.take();
    } else if (unit !== null && rate !== null) {
      rates[unit]?.push(rate);
      cursor.take();
    } else if (comparison !== null && second === null && isUnit(cursor.peek(1))) second = cursor.take();
    else break;
  }
  if (first === null || comparison === null || unit === null) return null;
  return { first, second, delta, ...comparison, bps: pairOf(rates.bps), pps: pairOf(rates.pps) };
}

function isUnit(word: string | null): boolean {
  return word === 'bps' || word === 'pps';
}

function readComparison(cursor: ListingCursor): Pick<RateestMatch, 'op' | 'invert'> | null {
  for (const op of ['lt', 'gt', 'eq'] as const) {
    if (cursor.accept('!', op)) return { op, invert: true };
    if (cursor.accept(op)) return { op, invert: false };
  }
  return null;
}

/** Bytes with -n, `1000Kbit` without. */
function readListedRate(word: string): number | null {
  if (/^[0-9]+$/.test(word)) return Number(word);
  const rate = /^[0-9]/.test(word) ? readByteRate(word) : null;
  return rate === null || isRefusal(rate) ? null : rate;
}

function pairOf(rates: readonly number[] | null): RatePair | null {
  if (rates === null) return null;
  const [one = 0, two] = rates;
  return two === undefined ? { first: 0, second: one } : { first: one, second: two };
}
