import { describe } from 'vitest';
import { tcpFlag } from '../../packet/skb.js';
import { tcp } from './tcp.js';
import { itPrints, itRefuses, itTests, laterFragment, type PrintRow, packet, segment } from './testing.js';

const { SYN, ACK, RST } = tcpFlag;
/** A gap of two bytes, then timestamps. */
const stamped = segment(ACK, {
  body: Uint8Array.from([
    0x9c,
    0x40,
    0,
    80,
    ...[0, 0, 0, 1, 0, 0, 0, 1],
    0x80,
    16,
    16,
    0,
    0,
    0,
    0,
    0,
    ...[1, 1, 8, 10, 0, 4, 0, 1, 0, 0, 0, 0],
  ]),
});
const tcpRule = { proto: 6 };

const rows: readonly PrintRow[] = [
  ['--dport 80', '--dport 80', 'tcp dpt:80'],
  ['--destination-port 80', '--dport 80', 'tcp dpt:http'],
  ['--sport 80:90 ! --dport http', '--sport 80:90 ! --dport 80', 'tcp spts:80:90 dpt:!80'],
  ['--sport :1024', '--sport 0:1024', 'tcp spts:0:1024'],
  ['--dport 65535:', '--dport 65535', 'tcp dpt:65535'],
  ['--sport 0:65535', '', 'tcp'],
  ['--syn', '--tcp-flags FIN,SYN,RST,ACK SYN', 'tcp flags:0x17/0x02'],
  ['! --syn', '! --tcp-flags FIN,SYN,RST,ACK SYN', 'tcp flags:!FIN,SYN,RST,ACK/SYN'],
  ['--tcp-flags ALL NONE', '--tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE', 'tcp flags:0x3F/0x00'],
  ['--tcp-flags SYN,ACK,FIN SYN', '--tcp-flags FIN,SYN,ACK SYN', 'tcp flags:0x13/0x02'],
  ['--tcp-flags SYN,,ACK syn', '--tcp-flags SYN,ACK SYN', 'tcp flags:SYN,ACK/SYN'],
  ['--tcp-flags NONE NONE', '', 'tcp'],
  ['--tcp-flags SYN ACK', '--tcp-flags SYN ACK', 'tcp flags:0x02/0x10'],
  ['--tcp-option 2', '--tcp-option 2', 'tcp option=2'],
  ['! --tcp-option 8', '! --tcp-option 8', 'tcp option=!8'],
  [
    '--dport 1 --syn --tcp-option 3',
    '--dport 1 --tcp-option 3 --tcp-flags FIN,SYN,RST,ACK SYN',
    'tcp dpt:1 option=3 flags:0x17/0x02',
  ],
  ['', '', 'tcp'],
  ['! --dport 0:80', '! --dport 0:80', 'tcp dpts:!0:80', '--dport 81:65535'],
  ['! --dport 80:65535', '! --dport 80:65535', 'tcp dpts:!80:65535'],
  ['! --dport 0', '! --dport 0', 'tcp dpt:!0'],
  ['! --dport 0:80 --tcp-option 5', '! --dport 0:80 --tcp-option 5', 'tcp dpts:!0:80 option=5'],
  ['! --tcp-flags NONE NONE --dport 5', '--dport 5 ! --tcp-flags NONE NONE', 'tcp dpt:5 flags:!0x00/0x00', '--dport 5'],
];

describe('tcp', () => {
  itPrints(tcp, 4, rows, tcpRule);
  itPrints(tcp, 6, rows, tcpRule);
  itRefuses(
    tcp,
    4,
    [
      ['--tcp-flags ECE ECE', 'no TCP flag'],
      ['--tcp-option 0', 'between 1 and 255'],
      ['--tcp-option 256', 'between 1 and 255'],
      ['--sport 90:80', 'backwards'],
      ['--syn --tcp-flags ALL NONE', 'only one'],
    ],
    tcpRule,
  );
  itTests(tcp, [
    ['a SYN is --syn', '--syn', segment(SYN), 'yes'],
    ['a SYN-ACK is not --syn', '--syn', segment(SYN | ACK), 'no'],
    ['a RST is ! --syn', '! --syn', segment(RST), 'yes'],
    ['a SYN with ECE is still --syn', '--syn', segment(SYN | tcpFlag.ECE), 'yes'],
    ['port 80 is --dport 80', '--dport 80', segment(SYN), 'yes'],
    ['port 80 is not ! --dport 80', '! --dport 80', segment(SYN), 'no'],
    ['port 80 is within 79:81', '--dport 79:81', segment(SYN), 'yes'],
    ['a UDP packet is none of it', '--dport 53', packet(), 'no'],
    ['a bit wanted outside the mask is never set', '--tcp-flags SYN ACK', segment(SYN | ACK), 'no'],
    ['a later fragment has no port', '--dport 80', laterFragment(6), 'no'],
    ['nor another port', '! --dport 80', laterFragment(6), 'no'],
    ['nft keeps the xtables match where nothing is compared', '', { ...laterFragment(6), variant: 'nft' }, 'no'],
    ['nft reads its bytes as ports', '! --dport 80', { ...laterFragment(6), variant: 'nft' }, 'unknown'],
    ['no port is ! every port', '! --dport 0:65535', segment(SYN), 'no'],
    ['nft makes no test of it', '! --dport 0:65535', { ...segment(SYN), variant: 'nft' }, 'yes'],
    ['nor of no flags', '! --tcp-flags NONE NONE', { ...segment(SYN), variant: 'nft' }, 'yes'],
    ['an MSS is option 2', '--tcp-option 2', segment(SYN, { tcp: { flags: SYN, mss: 1460 } }), 'yes'],
    ['no MSS', '--tcp-option 2', segment(SYN), 'no'],
    ['a SYN that comes in has nothing else', '--tcp-option 8', segment(SYN, { tcp: { flags: SYN, mss: 1460 } }), 'no'],
    [
      'the node’s own may have',
      '--tcp-option 8',
      segment(SYN, { tcp: { flags: SYN, mss: 1460, plain: false } }),
      'unknown',
    ],
    ['its bytes tell', '--tcp-option 8', stamped, 'yes'],
    ['of all options', '--tcp-option 4', stamped, 'no'],
    ['nobody said whether it carries timestamps', '--tcp-option 8', segment(SYN), 'unknown'],
    ['not even for the negation', '! --tcp-option 8', segment(SYN), 'unknown'],
    ['the wrong port settles it anyway', '--dport 81 --tcp-option 8', segment(SYN), 'no'],
  ]);
});
