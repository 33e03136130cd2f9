import { describe } from 'vitest';
import { srh } from './srh.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows6 = [
  ['', '', 'srh'],
  ['--srh-next-hdr 6', '--srh-next-hdr 6', 'srh next-hdr:6'],
  ['! --srh-next-hdr 17', '! --srh-next-hdr 17', 'srh next-hdr:!17'],
  ['--srh-hdr-len-eq 4', '--srh-hdr-len-eq 4', 'srh hdr-len-eq:4'],
  ['! --srh-hdr-len-eq 4', '! --srh-hdr-len-eq 4', 'srh hdr-len-eq:!4'],
  ['--srh-hdr-len-gt 4', '--srh-hdr-len-gt 4', 'srh hdr-len-gt:4'],
  ['! --srh-hdr-len-lt 8', '! --srh-hdr-len-lt 8', 'srh hdr-len-lt:!8'],
  ['--srh-hdr-len-gt 4 --srh-hdr-len-lt 8', '--srh-hdr-len-gt 8 --srh-hdr-len-lt 8', 'srh hdr-len-gt:8 hdr-len-lt:8'],
  ['--srh-hdr-len-eq 4 --srh-hdr-len-gt 5', '--srh-hdr-len-eq 5 --srh-hdr-len-gt 5', 'srh hdr-len-eq:5 hdr-len-gt:5'],
  ['--srh-segs-left-eq 4', '--srh-segs-left-eq 4', 'srh segs-left-eq:4'],
  ['--srh-segs-left-gt 4', '--srh-segs-left-gt 4', 'srh segs-left-gt:4'],
  ['! --srh-segs-left-lt 4', '! --srh-segs-left-lt 4', 'srh segs-left-lt:!4'],
  ['--srh-last-entry-eq 4', '--srh-last-entry-eq 4', 'srh last-entry-eq:4'],
  ['--srh-last-entry-gt 4', '--srh-last-entry-gt 4', 'srh last-entry-gt:4'],
  ['--srh-last-entry-lt 4', '--srh-last-entry-lt 4', 'srh last-entry-lt:4'],
  ['--srh-tag 5', '--srh-tag 5', 'srh tag:5'],
  ['! --srh-tag 65535', '! --srh-tag 65535', 'srh tag:!65535'],
  ['--srh-psid fd00::1', '--srh-psid fd00::1/128', 'srh psid  fd00::1/128'],
  ['! --srh-psid fd00::/64', '! --srh-psid fd00::/64', 'srh psid ! fd00::/64'],
  ['--srh-nsid fd00::1/64', '--srh-nsid fd00::1/64', 'srh nsid  fd00::1/64'],
  [
    '--srh-lsid fd00::1/128 ! --srh-nsid fd00::/8',
    '! --srh-nsid fd00::/8 --srh-lsid fd00::1/128',
    'srh nsid ! fd00::/8 lsid  fd00::1/128',
  ],
  ['--srh-tag 0x10', '--srh-tag 16', 'srh tag:16'],
  ['--srh-psid fd00::1/ffff::', '--srh-psid fd00::1/16', 'srh psid  fd00::1/16'],
  [
    '--srh-segs-left-gt 4 --srh-segs-left-lt 8 --srh-last-entry-eq 1 --srh-last-entry-lt 9 --srh-tag 1 --srh-psid ::/0',
    '--srh-segs-left-gt 8 --srh-segs-left-lt 8 --srh-last-entry-eq 9 --srh-last-entry-lt 9 --srh-tag 1 --srh-psid ::/0',
    'srh segs-left-gt:8 segs-left-lt:8 last-entry-eq:9 last-entry-lt:9 tag:1 psid  ::/0',
  ],
  [
    '! --srh-hdr-len-gt 4 --srh-hdr-len-lt 8',
    '! --srh-hdr-len-gt 8 --srh-hdr-len-lt 8',
    'srh hdr-len-gt:!8 hdr-len-lt:8',
  ],
] as const;

describe('srh', () => {
  itPrints(srh, 6, rows6);
  itRefuses(srh, 6, [
    ['--srh-next-hdr tcp', 'not a number'],
    ['--srh-next-hdr 256', 'between'],
    ['--srh-segs-left-eq 256', 'between'],
    ['--srh-hdr-len-eq 4 --srh-hdr-len-eq 5', 'twice'],
  ]);
  itTests(srh, [
    ['a packet without that header', '! --srh-tag 0', packet({ family: 6 }), 'no'],
    ['one with a routing header, of whatever type', '', packet({ family: 6, extensions: [43] }), 'unknown'],
  ]);
});
