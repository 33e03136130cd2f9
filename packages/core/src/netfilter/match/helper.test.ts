import { describe } from 'vitest';
import { helper } from './helper.js';
import { connection, itPrints, itRefuses, itTests, packet } from './testing.js';

describe('helper', () => {
  itPrints(helper, 4, [
    ['--helper ftp', '--helper ftp', 'helper match "ftp"'],
    ['! --helper ftp-2121', '! --helper ftp-2121', 'helper match ! "ftp-2121"'],
    ['--helper ""', '--helper ""', 'helper match ""'],
    ['--helper "a b"', '--helper "a b"', 'helper match "a b"'],
    [
      '--helper 012345678901234567890123456789',
      '--helper 01234567890123456789012345678',
      'helper match "01234567890123456789012345678"',
    ],
  ]);
  itRefuses(helper, 4, [['', 'missing']]);
  itTests(helper, [
    ['an untracked packet has no helper', '--helper ftp', packet(), 'no'],
    ['so the negation holds', '! --helper ftp', packet(), 'yes'],
    ['a new connection was expected by nobody', '--helper ftp', packet({ ctState: 'NEW', ct: connection() }), 'no'],
    [
      'a related one perhaps',
      '--helper ftp',
      packet({ ctState: 'RELATED', ct: connection({ expected: null }) }),
      'unknown',
    ],
    [
      'an answer to one that was new just before',
      '--helper ftp',
      packet({ ctState: 'ESTABLISHED', ct: connection() }),
      'no',
    ],
    [
      'nor is it known for the negation',
      '! --helper ftp',
      packet({ ctState: 'ESTABLISHED', ct: connection({ expected: null }) }),
      'unknown',
    ],
  ]);
});
