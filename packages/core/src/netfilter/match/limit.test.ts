import { describe } from 'vitest';
import { limit } from './limit.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['', '--limit 3/hour', 'limit: avg 3/hour burst 5'],
  ['--limit 5/sec', '--limit 5/sec', 'limit: avg 5/sec burst 5'],
  ['--limit 5/second', '--limit 5/sec', 'limit: avg 5/sec burst 5'],
  ['--limit 5/minute --limit-burst 10', '--limit 5/min --limit-burst 10', 'limit: avg 5/min burst 10'],
  ['--limit 5/h', '--limit 5/hour', 'limit: avg 5/hour burst 5'],
  ['--limit 5', '--limit 5/sec', 'limit: avg 5/sec burst 5'],
  ['--limit 7/sec', '--limit 7/sec', 'limit: avg 7/sec burst 5'],
  ['--limit 10000/sec', '--limit 10000/sec', 'limit: avg 10000/sec burst 5'],
  ['--limit 1000/minute', '--limit 1000/min', 'limit: avg 1000/min burst 5'],
  ['--limit 90/minute', '--limit 90/min', 'limit: avg 90/min burst 5'],
  ['--limit 60/minute', '--limit 1/sec', 'limit: avg 1/sec burst 5'],
  ['--limit 600000/minute', '--limit 10000/sec', 'limit: avg 10000/sec burst 5'],
  ['--limit 24/day', '--limit 1/hour', 'limit: avg 1/hour burst 5'],
  ['--limit 5/sec --limit-burst 10000', '--limit 5/sec --limit-burst 10000', 'limit: avg 5/sec burst 10000'],
  ['--limit 5/sec --limit-burst 5', '--limit 5/sec', 'limit: avg 5/sec burst 5'],
  ['--limit 1/day --limit-burst 49', '--limit 1/day --limit-burst 49', 'limit: avg 1/day burst 49'],
  ['--limit 1/day --limit-burst 51', '--limit 1/day --limit-burst 51', 'limit: avg 1/day burst 51'],
  ['--limit 5/M', '--limit 5/min', 'limit: avg 5/min burst 5'],
  ['--limit 5/SEC', '--limit 5/sec', 'limit: avg 5/sec burst 5'],
  ['--limit 5.5x/sec', '--limit 5/sec', 'limit: avg 5/sec burst 5'],
  ['--limit 05/sec', '--limit 5/sec', 'limit: avg 5/sec burst 5'],
  ['--limit-burst 5', '--limit 3/hour', 'limit: avg 3/hour burst 5'],
  ['--limit 3/day', '--limit 3/day', 'limit: avg 3/day burst 5'],
  ['--limit 7001/sec', '--limit 10000/sec', 'limit: avg 10000/sec burst 5'],
  ['--limit 5/sec --limit-burst 0', '--limit 5/sec', 'limit: avg 5/sec burst 5'],
] as const;

describe('limit', () => {
  itPrints(limit, 4, rows);
  itPrints(limit, 6, rows);
  itRefuses(limit, 4, [
    ['--limit 10001/sec', 'too fast'],
    ['--limit 600059/min', 'too fast'],
    ['--limit 0/sec', 'not a rate'],
    ['--limit 0.5/sec', 'not a rate'],
    ['--limit 5/secx', 'not a rate'],
    ['--limit 5/', 'not a rate'],
    ['--limit 0x5/sec', 'not a rate'],
    ['! --limit 5/sec', 'takes no !'],
    ['--limit 5/sec --limit-burst 10001', 'between'],
  ]);
  itTests(limit, [['the packets before decide', '--limit 5/sec', packet(), 'unknown']]);
});
