import { describe } from 'vitest';
import { rt } from './rt.js';
import { itLoses, itPrints, itRefuses, itTests, packet } from './testing.js';

const rows6 = [
  ['--rt-type 0', '--rt-type 0', 'rt type:0'],
  ['! --rt-type 0', '! --rt-type 0', 'rt type:!0'],
  ['--rt-segsleft 1', '--rt-segsleft 1', 'rt segsleft:1'],
  ['--rt-segsleft 1:5', '--rt-segsleft 1:5', 'rt segslefts:1:5'],
  ['! --rt-segsleft :5', '! --rt-segsleft 0:5', 'rt segslefts:!0:5'],
  ['--rt-segsleft 5:', '--rt-segsleft 5:4294967295', 'rt segslefts:5:4294967295'],
  ['--rt-len 8', '--rt-len 8', 'rt length:8'],
  ['! --rt-len 9', '! --rt-len 9', 'rt length:!9'],
  ['--rt-type 0 --rt-segsleft 1 --rt-len 8', '--rt-type 0 --rt-segsleft 1 --rt-len 8', 'rt type:0 segsleft:1 length:8'],
  ['--rt-type 0 --rt-0-res', '--rt-type 0 --rt-0-res', 'rt type:0 reserved'],
  [
    '--rt-type 0 --rt-0-addrs fd00::1,fd00::2',
    '--rt-type 0 --rt-0-addrs fd00::1,fd00::2',
    'rt type:0 0-addrs fd00::1,fd00::2',
  ],
  [
    '--rt-type 0 --rt-0-addrs fd00::1 --rt-0-not-strict',
    '--rt-type 0 --rt-0-addrs fd00::1 --rt-0-not-strict',
    'rt type:0 0-addrs fd00::1 0-not-strict',
  ],
  ['', '', 'rt'],
  ['--rt-segsleft 0:4294967295', '', 'rt'],
  ['--rt-segsleft 4294967295', '--rt-segsleft 4294967295', 'rt segsleft:4294967295'],
  ['--rt-segsleft 5:1', '--rt-segsleft 5:1', 'rt segslefts:5:1'],
  ['--rt-type 4294967295', '--rt-type 4294967295', 'rt type:-1'],
  [
    '--rt-type 0 --rt-0-addrs fd00::1,fd00::2,fd00::3,fd00::4,fd00::5,fd00::6,fd00::7,fd00::8,fd00::9,fd00::a,fd00::b,fd00::c,fd00::d,fd00::e,fd00::f,fd00::10',
    '--rt-type 0 --rt-0-addrs fd00::1,fd00::2,fd00::3,fd00::4,fd00::5,fd00::6,fd00::7,fd00::8,fd00::9,fd00::a,fd00::b,fd00::c,fd00::d,fd00::e,fd00::f,fd00::10',
    'rt type:0 0-addrs fd00::1,fd00::2,fd00::3,fd00::4,fd00::5,fd00::6,fd00::7,fd00::8,fd00::9,fd00::a,fd00::b,fd00::c,fd00::d,fd00::e,fd00::f,fd00::10',
  ],
  [
    '--rt-type 0 --rt-len 40 --rt-0-addrs fd00::1 --rt-0-res --rt-segsleft 2',
    '--rt-type 0 --rt-segsleft 2 --rt-len 40 --rt-0-res --rt-0-addrs fd00::1',
    'rt type:0 segsleft:2 length:40 reserved 0-addrs fd00::1',
  ],
  ['--rt-type 256', '--rt-type 256', 'rt type:256'],
  ['--rt-len 0', '--rt-len 0', 'rt length:0'],
  ['--rt-type 4294967294', '--rt-type 4294967294', 'rt type:-2'],
  ['--rt-len 4294967295', '--rt-len 4294967295', 'rt length:4294967295'],
  ['--rt-type 2', '--rt-type 2', 'rt type:2'],
] as const;

describe('rt', () => {
  itPrints(rt, 6, rows6);
  itRefuses(rt, 6, [
    ['--rt-0-res', 'behind --rt-type 0'],
    ['--rt-type 2 --rt-0-res', 'behind --rt-type 0'],
    ['! --rt-type 0 --rt-0-res', 'behind --rt-type 0'],
    ['--rt-0-res --rt-type 0', 'behind --rt-type 0'],
    ['--rt-0-addrs fd00::1', 'behind --rt-type 0'],
    ['--rt-type 0 --rt-0-not-strict', 'behind --rt-0-addrs'],
    ['--rt-type 0 --rt-0-addrs fd00::1/64', 'not an IPv6 address'],
    [
      '--rt-type 0 --rt-0-addrs fd00::1,fd00::2,fd00::3,fd00::4,fd00::5,fd00::6,fd00::7,fd00::8,fd00::9,fd00::a,fd00::b,fd00::c,fd00::d,fd00::e,fd00::f,fd00::10,fd00::11',
      'more than 16',
    ],
  ]);
  itLoses(rt, 6, [['! --rt-segsleft 0:4294967295', '', 'no number of segments']]);
  const routed = packet({ family: 6, extensions: [43] });
  itTests(rt, [
    ['a packet without that header', '! --rt-type 0', packet({ family: 6 }), 'no'],
    ['one that has it', '', routed, 'yes'],
    ['and nobody said what stands in it', '! --rt-segsleft 0', routed, 'unknown'],
  ]);
});
