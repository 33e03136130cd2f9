import { describe } from 'vitest';
import { itLoses, itPrints, itRefuses, itTests, laterFragment, packet, segment } from './testing.js';
import { udp } from './udp.js';

const udpRule = { proto: 17 };

const rows = [
  ['', '', 'udp'],
  ['--dport 53', '--dport 53', 'udp dpt:53'],
  ['--dport domain', '--dport 53', 'udp dpt:53'],
  ['--dport 53:53', '--dport 53', 'udp dpt:53'],
  ['! --sport 1024:', '! --sport 1024:65535', 'udp spts:!1024:65535'],
  ['--source-port :1023 ! --destination-port 53', '--sport 0:1023 ! --dport 53', 'udp spts:0:1023 dpt:!53'],
  ['--sport 0:9 --dport 60000:', '--sport 0:9 --dport 60000:65535', 'udp spts:0:9 dpts:60000:65535'],
  ['--dport 70000', '--dport 4464', 'udp dpt:4464'],
  ['--dport 9:7', '--dport 9:7', 'udp dpts:9:7'],
  ['--dport 0:65535', '', 'udp'],
] as const;

describe('udp', () => {
  itPrints(udp, 4, rows, udpRule);
  itPrints(udp, 6, rows, udpRule);
  itPrints(udp, 4, [['! --sport 0:9', '! --sport 0:9', 'udp spts:!0:9', '--sport 10:65535']], udpRule);
  itRefuses(udp, 4, [['--dport dns', 'dns']], udpRule);
  itLoses(udp, 4, [['! --dport 0:65535', '', 'no packet passes']], udpRule);
  itTests(udp, [
    ['the port it goes to', '--dport 53', packet(), 'yes'],
    ['another port', '--dport 54', packet(), 'no'],
    ['one of two ports that must not be', '! --sport 40000 ! --dport 54', packet(), 'no'],
    ['which nft may compare at once', '! --sport 40000 ! --dport 54', packet({}, { variant: 'nft' }), 'unknown'],
    ['both of them', '! --sport 40000 ! --dport 53', packet({}, { variant: 'nft' }), 'no'],
    ['neither of them', '! --sport 1 ! --dport 54', packet({}, { variant: 'nft' }), 'yes'],
    ['of which one is a range', '! --sport 40000:40001 ! --dport 54', packet({}, { variant: 'nft' }), 'no'],
    ['any but that port', '! --dport 54', packet(), 'yes'],
    ['the first port of a range', '--dport 53:60', packet(), 'yes'],
    ['both ports have to fit', '--sport 1: --dport 54', packet(), 'no'],
    ['no option asks for the protocol alone', '', packet(), 'yes'],
    ['the same port of TCP', '--dport 80', segment(0), 'no'],
    ['over IPv6 too', '--dport 53', packet({ family: 6 }), 'yes'],
    ['a later fragment has no port', '--dport 53', laterFragment(17), 'no'],
    ['nor one that differs', '! --dport 53', laterFragment(17), 'no'],
  ]);
});
