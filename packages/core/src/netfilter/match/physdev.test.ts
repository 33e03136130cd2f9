import { describe } from 'vitest';
import { physdev } from './physdev.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['--physdev-in eth0', '--physdev-in eth0', 'PHYSDEV match --physdev-in eth0'],
  ['! --physdev-in eth+', '! --physdev-in eth+', 'PHYSDEV match ! --physdev-in eth+'],
  ['--physdev-in a --physdev-out b', '--physdev-in a --physdev-out b', 'PHYSDEV match --physdev-in a --physdev-out b'],
  [
    '--physdev-is-in --physdev-is-out --physdev-is-bridged',
    '--physdev-is-in --physdev-is-out --physdev-is-bridged',
    'PHYSDEV match --physdev-is-in --physdev-is-out --physdev-is-bridged',
  ],
  [
    '! --physdev-is-in ! --physdev-is-out ! --physdev-is-bridged',
    '! --physdev-is-in ! --physdev-is-out ! --physdev-is-bridged',
    'PHYSDEV match ! --physdev-is-in ! --physdev-is-out ! --physdev-is-bridged',
  ],
  ['--physdev-out b', '--physdev-out b', 'PHYSDEV match --physdev-out b'],
  ['! --physdev-is-out', '! --physdev-is-out', 'PHYSDEV match ! --physdev-is-out'],
  ['--physdev-is-in --physdev-in a', '--physdev-is-in --physdev-in a', 'PHYSDEV match --physdev-is-in --physdev-in a'],
  [
    '--physdev-is-in ! --physdev-in a',
    '--physdev-is-in ! --physdev-in a',
    'PHYSDEV match --physdev-is-in ! --physdev-in a',
  ],
  [
    '--physdev-is-bridged --physdev-out b',
    '--physdev-out b --physdev-is-bridged',
    'PHYSDEV match --physdev-out b --physdev-is-bridged',
  ],
  [
    '! --physdev-out b --physdev-is-bridged',
    '! --physdev-out b --physdev-is-bridged',
    'PHYSDEV match ! --physdev-out b --physdev-is-bridged',
  ],
  ['--physdev-is-out', '--physdev-is-out', 'PHYSDEV match --physdev-is-out'],
  ['--physdev-is-bridged', '--physdev-is-bridged', 'PHYSDEV match --physdev-is-bridged'],
  ['--physdev-in +', '--physdev-in +', 'PHYSDEV match --physdev-in +'],
  ['--physdev-in abcdefghijklmno', '--physdev-in abcdefghijklmno', 'PHYSDEV match --physdev-in abcdefghijklmno'],
  ['--physdev-in a/b', '--physdev-in a/b', 'PHYSDEV match --physdev-in a/b'],
  ['--physdev-in b', '--physdev-in b', 'PHYSDEV match --physdev-in b'],
  [
    '--physdev-out b --physdev-is-out --physdev-in a --physdev-is-in --physdev-is-bridged',
    '--physdev-is-in --physdev-in a --physdev-is-out --physdev-out b --physdev-is-bridged',
    'PHYSDEV match --physdev-is-in --physdev-in a --physdev-is-out --physdev-out b --physdev-is-bridged',
  ],
] as const;

const rows6 = [
  [
    '--physdev-in a ! --physdev-out b',
    '--physdev-in a ! --physdev-out b',
    'PHYSDEV match --physdev-in a ! --physdev-out b',
  ],
] as const;

const bridged = packet({ physIn: 'veth1', physOut: 'veth2' });
const toHost = packet({ physIn: 'veth1' });

describe('physdev', () => {
  itPrints(physdev, 4, rows);
  itPrints(physdev, 6, rows6);
  itRefuses(physdev, 4, [
    ['', 'none of its options'],
    ['--physdev-in abcdefghijklmnop', 'longer than 15'],
    ['--physdev-in ""', 'empty'],
  ]);
  itTests(physdev, [
    ['the port it came in by', '--physdev-in veth1', bridged, 'yes'],
    ['any port of that kind', '--physdev-in veth+', bridged, 'yes'],
    ['another port', '! --physdev-in veth1', bridged, 'no'],
    ['the port it leaves by', '--physdev-out veth2', bridged, 'yes'],
    ['it is bridged', '--physdev-is-bridged', bridged, 'yes'],
    ['a frame for the node is not', '! --physdev-is-bridged', toHost, 'yes'],
    ['it has no leaving port', '! --physdev-is-out', toHost, 'yes'],
    ['nor one that is not something', '! --physdev-out veth2', toHost, 'no'],
    ['a routed packet came by no port', '--physdev-in +', packet(), 'no'],
    ['but by no port that is named either', '! --physdev-in veth1', packet(), 'yes'],
    ['all options must be negated for that', '! --physdev-in veth1 --physdev-is-out', packet(), 'no'],
  ]);
});
