import { describe } from 'vitest';
import { nfacct } from './nfacct.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--nfacct-name foo', '--nfacct-name  foo', 'nfacct-name  foo'],
  ['--nfacct-name "a b"', '--nfacct-name  "a b"', 'nfacct-name  "a b"'],
  ["--nfacct-name x'y", '--nfacct-name  "x\\\'y"', 'nfacct-name  "x\\\'y"'],
] as const;

describe('nfacct', () => {
  itPrints(nfacct, 4, rows);
  itPrints(nfacct, 6, rows);
  itRefuses(nfacct, 4, [
    ['', 'missing'],
    ['--nfacct-name n23456789012345678901234567890123', 'longer than 31'],
  ]);
  itTests(nfacct, [['an object may have a quota', '--nfacct-name foo', packet(), 'unknown']]);
});
