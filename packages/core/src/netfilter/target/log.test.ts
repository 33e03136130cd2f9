import { describe } from 'vitest';
import { itPrints, itRefuses } from '../match/testing.js';
import { log } from './log.js';

describe('LOG', () => {
  itPrints(log, 4, [
    ['', '', 'LOG flags 0 level 4'],
    ['', '', 'LOG level warn'],
    ['--log-level debug', '--log-level 7', 'LOG flags 0 level 7'],
    ['--log-level panic', '--log-level 0', 'LOG level emerg'],
    ['--log-level 0x4', '', 'LOG flags 0 level 4'],
    ['--log-prefix "[UFW BLOCK] "', '--log-prefix "[UFW BLOCK] "', 'LOG flags 0 level 4 prefix "[UFW BLOCK] "'],
    [
      '--log-uid --log-macdecode --log-ip-options --log-tcp-options --log-tcp-sequence --log-level info --log-prefix abc',
      '--log-prefix abc --log-level 6 --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode',
      'LOG flags 47 level 6 prefix "abc"',
    ],
    [
      '--log-level info --log-uid --log-prefix a:',
      '--log-prefix "a:" --log-level 6 --log-uid',
      'LOG level info uid prefix "a:"',
    ],
    [`--log-prefix "a\\"b\\\\c'd"`, `--log-prefix "a\\"b\\\\c\\'d"`, `LOG flags 0 level 4 prefix "a"b\\c'd"`],
    [
      '--log-prefix 123456789012345678901234567890',
      '--log-prefix 12345678901234567890123456789',
      'LOG flags 0 level 4 prefix "12345678901234567890123456789"',
    ],
  ]);
  itRefuses(log, 4, [
    ['--log-level warn', 'unknown'],
    ['--log-level 8', 'unknown'],
    ['--log-level WARNING', 'unknown'],
    ['--log-prefix ""', 'empty'],
  ]);
});
