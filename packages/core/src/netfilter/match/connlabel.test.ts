import { describe } from 'vitest';
import { connlabel } from './connlabel.js';
import { connection, itPrints, itRefuses, itTests, nothingKnown, packet } from './testing.js';

/** A packet of a connection where rules give such labels. */
function labelled(labels: readonly (number | string)[], expected: false | null = false) {
  const around = { ...nothingKnown, labelsGiven: () => labels };
  return packet({ ctState: 'NEW', ct: connection({ expected }) }, { around });
}

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
    ['a new one has none where no rule sets any', '--label 5', labelled([]), 'no'],
    ['so the negation holds', '! --label 5', labelled([6]), 'yes'],
    ['a rule may have set it', '--label 5', labelled([5]), 'unknown'],
    ['a name stands for some number', '--label 5', labelled(['bulk']), 'unknown'],
    ['who sets the label has it', '--label 5 --set', labelled([5]), 'yes'],
    ['and the negation fails', '! --label 5 --set', labelled([5]), 'no'],
    ['a connection of the dump may have any', '--label 5', labelled([], null), 'unknown'],
  ]);
});
