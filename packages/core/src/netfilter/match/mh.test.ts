import { describe } from 'vitest';
import { mh } from './mh.js';
import { itLoses, itPrints, itRefuses, itTests, packet } from './testing.js';

const rows6 = [
  ['--mh-type 5', '--mh-type 5', 'mh 5'],
  ['--mh-type binding-update', '--mh-type 5', 'mh 5'],
  ['! --mh-type bu', '! --mh-type 5', 'mh !5'],
  ['--mh-type 1:3', '--mh-type 1:3', 'mh 1:3'],
  ['--mh-type bu:ba', '--mh-type 5:6', 'mh 5:6'],
  ['--mh-type be', '--mh-type 7', 'mh 7'],
  ['--mh-type :3', '--mh-type 0:3', 'mh 0:3'],
  ['--mh-type 3:', '--mh-type 3:255', 'mh 3:255'],
  ['--mh-type 255', '--mh-type 255', 'mh 255'],
  ['', '', 'mh'],
  ['--mh-type 0', '--mh-type 0', 'mh 0'],
  ['--mh-type 0:255', '', 'mh'],
  ['--mh-type BRR', '--mh-type 0', 'mh 0'],
  ['--mh-type brr:hoti', '--mh-type 0:1', 'mh 0:1'],
] as const;

const mobile = packet({ family: 6, proto: 135, sport: null, dport: null });

describe('mh', () => {
  itPrints(mh, 6, rows6, { proto: 135 });
  itRefuses(
    mh,
    6,
    [
      ['--mh-type 256', 'no type'],
      ['--mh-type 3:1', 'backwards'],
      ['--mh-type x', 'no type'],
    ],
    { proto: 135 },
  );
  itLoses(mh, 6, [['! --mh-type 0:255', '', 'no type at all']], { proto: 135 });
  itTests(
    mh,
    [
      ['any type', '', mobile, 'yes'],
      ['its type is not given', '--mh-type bu', mobile, 'unknown'],
      ['no type at all', '! --mh-type 0:255', mobile, 'no'],
      ['UDP is none of it', '! --mh-type 5', packet({ family: 6 }), 'no'],
    ],
    { proto: 135 },
  );
});
