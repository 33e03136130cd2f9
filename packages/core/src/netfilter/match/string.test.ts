import { describe } from 'vitest';
import { string } from './string.js';
import { itPrints, itRefuses, itTests, nothingKnown, packet } from './testing.js';

const rows = [
  ['--algo bm --string hello', '--string "hello" --algo bm', 'STRING match  "hello" ALGO name bm'],
  [
    '--algo kmp --string "hello world"',
    '--string "hello world" --algo kmp',
    'STRING match  "hello world" ALGO name kmp',
  ],
  ['--algo bm ! --string "a\\"b"', '! --string "a\\"b" --algo bm', 'STRING match ! "a\\"b" ALGO name bm'],
  ['--algo bm --string "a\'b"', '--string "a\'b" --algo bm', 'STRING match  "a\'b" ALGO name bm'],
  ['--algo bm --hex-string "|0a 0d|"', '--hex-string "|0a0d|" --algo bm', 'STRING match  "|0a0d|" ALGO name bm'],
  ['--algo bm --hex-string "GET |20|x"', '--string "GET  x" --algo bm', null],
  [
    '--algo bm --hex-string "|de ad|abc|beef|"',
    '--hex-string "|dead616263beef|" --algo bm',
    'STRING match  "|dead616263beef|" ALGO name bm',
  ],
  ['--algo bm --hex-string abc', '--string "abc" --algo bm', 'STRING match  "abc" ALGO name bm'],
  ['--algo bm --string "|0a|"', '--string "|0a|" --algo bm', null],
  [
    '--algo bm --from 10 --to 100 --string x',
    '--string "x" --algo bm --from 10 --to 100',
    'STRING match  "x" ALGO name bm FROM 10 TO 100',
  ],
  ['--algo bm --icase --string x', '--string "x" --algo bm --icase', 'STRING match  "x" ALGO name bm ICASE'],
  ['--algo bm --string x --from 0 --to 65535', '--string "x" --algo bm', 'STRING match  "x" ALGO name bm'],
  ['--algo bm --string x --to 0', '--string "x" --algo bm --to 0', 'STRING match  "x" ALGO name bm TO 0'],
  ['--algo bm --string käse', '--hex-string "|6bc3a47365|" --algo bm', 'STRING match  "|6bc3a47365|" ALGO name bm'],
  ['--algo bm --hex-string "a\\\\|b"', '--string "a|b" --algo bm', 'STRING match  "a|b" ALGO name bm'],
  ['--algo bm --hex-string "a\\\\\\\\b"', '--string "a\\\\b" --algo bm', 'STRING match  "a\\\\b" ALGO name bm'],
  ['--algo bm --string "a\\\\b"', '--string "a\\\\b" --algo bm', 'STRING match  "a\\\\b" ALGO name bm'],
  ['--algo bm --string "-j"', '--string "-j" --algo bm', 'STRING match  "-j" ALGO name bm'],
  ['--algo bm --string x-_1', '--string "x-_1" --algo bm', 'STRING match  "x-_1" ALGO name bm'],
  ['--algo bm --string "a b|c"', '--string "a b|c" --algo bm', 'STRING match  "a b|c" ALGO name bm'],
  [
    '--algo bm ! --hex-string "|0a|" --icase',
    '! --hex-string "|0a|" --algo bm --icase',
    'STRING match ! "|0a|" ALGO name bm ICASE',
  ],
  ['--algo kmp --string "$x" --from 1', '--string "$x" --algo kmp --from 1', 'STRING match  "$x" ALGO name kmp FROM 1'],
  ['--algo bm --hex-string "|22|"', '--string "\\"" --algo bm', 'STRING match  "\\"" ALGO name bm'],
  ['--algo bm --hex-string "|27|a"', '--string "\'a" --algo bm', 'STRING match  "\'a" ALGO name bm'],
  ['--algo bm --hex-string "|7c|a"', '--string "|a" --algo bm', 'STRING match  "|a" ALGO name bm'],
  [
    '--algo bm --string aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    '--string "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" --algo bm',
    'STRING match  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" ALGO name bm',
  ],
  [
    '--algo bm --string aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    '--string "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" --algo bm',
    'STRING match  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" ALGO name bm',
  ],
  [
    '--algo bm --hex-string "|0a||0b|"',
    '--hex-string "|0a7c3062|" --algo bm',
    'STRING match  "|0a7c3062|" ALGO name bm',
  ],
  ['--algo bm --string "	x"', '--hex-string "|0978|" --algo bm', 'STRING match  "|0978|" ALGO name bm'],
] as const;

describe('string', () => {
  itPrints(string, 4, rows);
  itPrints(string, 6, rows);
  itRefuses(string, 4, [
    ['--string x', '--algo is missing'],
    ['--algo bm', 'neither'],
    ['--algo foo --string x', 'none of'],
    ['--algo bm --string ""', 'empty'],
    ['--algo bm --string x --hex-string "|0a|"', 'together'],
    ['--algo bm --from 65536 --string x', 'between'],
    ['--algo bm --from 5 --to 3 --string x', 'behind'],
    [
      '--algo bm --string aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'longer than 128',
    ],
    ['--algo bm --hex-string "|0|"', 'pairs'],
    ['--algo bm --hex-string "|0a"', 'pairs'],
    ['--algo bm --hex-string "|zz|"', 'pairs'],
    ['--algo bm --hex-string "||"', 'pairs'],
    ['--algo bm --hex-string ""', 'empty'],
    ['--algo bm --hex-string "a\\\\"', 'follows the backslash'],
    ['--algo bm --hex-string "|0a\\\\|"', 'backslash stands'],
  ]);
  const body = Uint8Array.from([
    15,
    160,
    0,
    80,
    0,
    16,
    0,
    0,
    ...Array.from('GET /foo', (letter) => letter.charCodeAt(0)),
  ]);
  const newer = { ...nothingKnown, kernelIs: () => true };
  const older = { ...nothingKnown, kernelIs: () => false };
  const asked = packet({ sport: 4000, dport: 80, length: 36, body });
  itTests(string, [
    ['payload is not given', '--algo bm --string x', packet(), 'unknown'],
    ['an empty packet holds no text', '--algo bm --string hello', packet({ length: 28 }), 'no'],
    ['its checksum may be any letter', '--algo bm --string x', packet({ length: 28 }), 'unknown'],
    ['what the bytes say', '--algo bm --string "GET /" --from 28', asked, 'yes'],
    ['in other letters', '--algo bm --string "get /" --icase', asked, 'yes'],
    ['but not without that', '--algo bm --string "get /"', asked, 'no'],
    ['it ends where the search does', '--algo bm --string "GET /" --to 33', asked, 'yes'],
    ['it stands across the end', '--algo bm --string "GET /" --to 32', { ...asked, around: newer }, 'no'],
    ['which older kernels may not mind', '--algo bm --string "GET /" --to 32', { ...asked, around: older }, 'unknown'],
    ['of which this says nothing', '--algo bm --string "GET /" --to 32', asked, 'unknown'],
    ['it begins behind the end', '--algo bm --string "GET /" --to 27', { ...asked, around: older }, 'no'],
    ['it stands before the beginning', '--algo bm ! --string "GET /" --from 29', asked, 'yes'],
  ]);
});
