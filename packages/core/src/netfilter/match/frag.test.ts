import { describe } from 'vitest';
import { frag } from './frag.js';
import { itPrints, itRefuses, itTests, laterFragment, packet } from './testing.js';

const first = packet({ family: 6, fragment: { offset: 0, more: true } });
const last = laterFragment(17, { family: 6 });

describe('frag', () => {
  itPrints(frag, 6, [
    ['--fragid 5', '--fragid 5', 'frag id:5'],
    ['! --fragid 5:10', '! --fragid 5:10', 'frag ids:!5:10'],
    ['--fragid :10', '--fragid 0:10', 'frag ids:0:10'],
    ['--fragid 0:4294967295', '', 'frag '],
    ['--fraglen 8', '--fraglen 8', 'frag  length:8'],
    ['! --fraglen 8', '! --fraglen 8', 'frag  length:!8'],
    ['--fraglen 0', '--fraglen 0', 'frag  length:0'],
    ['--fragres', '--fragres', 'frag  reserved'],
    ['--fraglast', '--fraglast', 'frag  last'],
    [
      '--fragfirst --fragmore --fragres --fragid 5',
      '--fragid 5 --fragres --fragfirst --fragmore',
      'frag id:5 reserved first more',
    ],
  ]);
  itRefuses(frag, 6, [['--fragmore --fraglast', 'together']]);
  itTests(frag, [
    ['a whole packet has no fragment header', '', packet({ family: 6 }), 'no'],
    ['a fragment has one', '', last, 'yes'],
    ['the first fragment is followed by more', '--fragfirst --fragmore', first, 'yes'],
    ['it is not the last', '--fraglast', first, 'no'],
    ['the last is not the first', '--fragfirst', last, 'no'],
    ['the last is', '--fraglast', last, 'yes'],
    ['its identification is anyone’s guess', '--fragid 5', last, 'unknown'],
    ['no kernel looks at the length', '--fraglen 99', last, 'yes'],
  ]);
});
