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
  const carried = { original: { packets: 2, bytes: 101 }, reply: { packets: 1, bytes: 60 } };
  const answered = packet({ ctState: 'ESTABLISHED', ct: connection({ carried }) });
  const unmeasured = packet({
    ctState: 'NEW',
    ct: connection({ carried: { ...carried, reply: { packets: 1, bytes: null } } }),
  });
  itTests(connbytes, [
    ['an untracked packet is of no connection', `! --connbytes 5 ${both}`, packet(), 'no'],
    ['what a connection has carried is not known', `--connbytes 5 ${both}`, fresh, 'unknown'],
    [
      'what is not counted is not compared',
      `! --connbytes 5 ${both}`,
      packet({ ct: connection({ carried: null }) }),
      'no',
    ],
    ['packets of one direction', '--connbytes 2:2 --connbytes-dir original --connbytes-mode packets', answered, 'yes'],
    ['packets of the other one', '--connbytes 2:2 --connbytes-dir reply --connbytes-mode packets', answered, 'no'],
    ['bytes of both', `--connbytes 161:161 ${both}`, answered, 'yes'],
    ['but not those', `! --connbytes 161:170 ${both}`, answered, 'no'],
    ['whole bytes a packet', '--connbytes 50:50 --connbytes-dir original --connbytes-mode avgpkt', answered, 'yes'],
    ['a length that is not known counts where bytes do', `--connbytes 5 ${both}`, unmeasured, 'unknown'],
    ['and nowhere else', '--connbytes 3:3 --connbytes-dir both --connbytes-mode packets', unmeasured, 'yes'],
  ]);
});
