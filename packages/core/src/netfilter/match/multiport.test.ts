import { describe } from 'vitest';
import { multiport } from './multiport.js';
import { itPrints, itRefuses, itTests, laterFragment, packet } from './testing.js';

const tcpRule = { proto: 6 };

const rows = [
  ['--dports 80,443,8080', '--dports 80,443,8080', 'multiport dports 80,443,8080'],
  ['--dports http,https,domain:100', '--dports 80,443,53:100', 'multiport dports http,https,domain:100'],
  ['! --sports 1,2', '! --sports 1,2', 'multiport sports  !1,2'],
  ['--ports 53,5000:6000', '--ports 53,5000:6000', 'multiport ports 53,5000:6000'],
  ['--source-ports 1', '--sports 1', 'multiport sports 1'],
  ['--destination-ports 1', '--dports 1', 'multiport dports 1'],
  ['--dports 0,65535', '--dports 0,65535', 'multiport dports 0,65535'],
  ['--dports 0x50,80', '--dports 80,80', 'multiport dports http,http'],
  ['--dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15', '--dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15', null],
] as const;

describe('multiport', () => {
  itPrints(multiport, 4, rows, tcpRule);
  itPrints(multiport, 6, rows, tcpRule);
  itRefuses(
    multiport,
    4,
    [
      ['', 'none of'],
      ['--sports 1 --dports 2', 'only one'],
      ['--dports 1 --dports 2', 'twice'],
      ['--dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16', 'more than 15'],
      ['--dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16', 'more than 15'],
      ['--dports 90:80', 'upwards'],
      ['--dports 80:80', 'upwards'],
      ['--dports 65536', 'over 65535'],
      ['--dports :80', 'neither'],
      ['--dports 80:', 'neither'],
      ['--dports 80,', 'neither'],
      ['--dports 080', 'neither'],
      ['--dports 1:2:3', 'not a port range'],
    ],
    tcpRule,
  );
  itRefuses(multiport, 4, [['--dports domain', 'no service of that protocol']], { proto: 132 });
  itRefuses(multiport, 4, [['--dports 53', 'must stand before']], { namedProto: null });
  const dns = packet({ sport: 1053, dport: 53 });
  itTests(
    multiport,
    [
      ['the destination port is listed', '--dports 80,53', dns, 'yes'],
      ['the destination port is within a range', '--dports 80,50:60', dns, 'yes'],
      ['the source port is not asked', '--dports 1053', dns, 'no'],
      ['either port will do', '--ports 1053', dns, 'yes'],
      ['neither port is listed', '--ports 1,2', dns, 'no'],
      ['a listed port fails the negation', '! --ports 53', dns, 'no'],
      ['an unlisted port passes the negation', '! --sports 53', dns, 'yes'],
      ['a later fragment has no ports', '--dports 53', laterFragment(17), 'no'],
      ['a later fragment does not pass the negation either', '! --dports 53', laterFragment(17), 'no'],
    ],
    { proto: 17 },
  );
});
