import { describe } from 'vitest';
import { connbytes } from './connbytes.js';
import { connection, itPrints, itRefuses, itTests, type PrintRow, packet } from './testing.js';

const fresh = packet({ ctState: 'NEW', ct: connection() });
const both = '--connbytes-dir both --connbytes-mode bytes';
const saved = '--connbytes-mode bytes --connbytes-dir both';
const listed = 'connbytes mode bytes connbytes direction both';
const row = (typed: string, printed: string): PrintRow => {
  const words = printed.replace('--connbytes', 'connbytes');
  return [`${typed} ${both}`, `${printed} ${saved}`, `${words} ${listed}`];
};

describe('connbytes', () => {
  itPrints(connbytes, 4, [
    row('--connbytes 10000:100000', '--connbytes 10000:100000'),
    row('! --connbytes 5', '! --connbytes 5'),
    row('--connbytes 5:', '--connbytes 5'),
    row('--connbytes :5', '--connbytes 0:5'),
    row('--connbytes 5:5', '--connbytes 5:5'),
    row('! --connbytes 5:5', '--connbytes 5:5'),
    row('--connbytes 0x10:0x20', '--connbytes 16:32'),
    row('--connbytes 010', '--connbytes 8'),
    row('--connbytes 9007199254740993', '--connbytes 9007199254740993'),
    row('--connbytes 18446744073709551615', '--connbytes 18446744073709551615'),
    row('! --connbytes 5:18446744073709551615', '! --connbytes 5'),
    [
      '--connbytes 5 --connbytes-mode avgpkt --connbytes-dir reply',
      '--connbytes 5 --connbytes-mode avgpkt --connbytes-dir reply',
      'connbytes 5 connbytes mode avgpkt connbytes direction reply',
    ],
  ]);
  itRefuses(connbytes, 4, [
    [`--connbytes 10:5 ${both}`, '10 is above 5'],
    [`--connbytes 18446744073709551616 ${both}`, '64 bits'],
    ['--connbytes 5 --connbytes-dir both', 'required'],
    ['--connbytes 5 --connbytes-mode bytes', 'required'],
    ['--connbytes 5 --connbytes-dir BOTH --connbytes-mode bytes', 'none of'],
  ]);
  itTests(connbytes, [
    ['an untracked packet is of no connection', `! --connbytes 5 ${both}`, packet(), 'no'],
    [
      'what a connection has carried is not known',
      `--connbytes 5 ${both}`,
      packet({ ctState: 'ESTABLISHED', ct: connection({ confirmed: true }) }),
      'unknown',
    ],
    ['a new one has carried one packet', '--connbytes 1:1 --connbytes-dir both --connbytes-mode packets', fresh, 'yes'],
    ['and its bytes', `! --connbytes 50:60 ${both}`, fresh, 'no'],
    ['and no answer', '--connbytes 0:0 --connbytes-dir reply --connbytes-mode avgpkt', fresh, 'yes'],
  ]);
});
