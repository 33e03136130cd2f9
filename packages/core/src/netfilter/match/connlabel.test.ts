import { describe } from 'vitest';
import { connlabel } from './connlabel.js';
import { connection, itPrints, itRefuses, itTests, packet } from './testing.js';

describe('connlabel', () => {
  itPrints(connlabel, 4, [
    ['--label 5', '--label "5"', 'connlabel 5'],
    ['! --label 127', '! --label "127"', 'connlabel ! 127'],
    ['--label 0x10', '--label "16"', 'connlabel 16'],
    ['! --label 5 --set', '! --label "5" --set', 'connlabel ! 5 set'],
    ['--label bulk-traffic', '--label "bulk-traffic"', 'connlabel bulk-traffic'],
  ]);
  itRefuses(connlabel, 4, [
    ['', 'missing'],
    ['--label 128', 'no label 128'],
  ]);
  itTests(connlabel, [
    ['an untracked packet has no label', '--label 5', packet(), 'no'],
    ['so the negation holds', '! --label 5', packet(), 'yes'],
    ['the labels of a connection are not known', '--label 5', packet({ ctState: 'NEW', ct: connection() }), 'unknown'],
  ]);
});
