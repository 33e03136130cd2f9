import { describe } from 'vitest';
import { sctp } from './sctp.js';
import { itPrints, itRefuses, itTests, laterFragment, packet } from './testing.js';

const rows = [
  ['--sport 1:2 --dport 80', '--sport 1:2 --dport 80', 'sctp spts:1:2 dpt:80'],
  ['! --sport 1 ! --dport 80:90', '! --sport 1 ! --dport 80:90', 'sctp spt:!1 dpts:!80:90'],
  ['', '', 'sctp'],
  ['--chunk-types all DATA', '--chunk-types all DATA', 'sctp all 0x0000'],
  ['--chunk-types any DATA,INIT', '--chunk-types any DATA,INIT', 'sctp any 0x0000,0x0001'],
  ['--chunk-types only DATA,init_ack', '--chunk-types only DATA,INIT_ACK', 'sctp only 0x0000,0x0002'],
  ['! --chunk-types any DATA,INIT', '! --chunk-types any DATA,INIT', 'sctp ! any 0x0000,0x0001'],
  ['--chunk-types any DATA:beUI', '--chunk-types any DATA:IUbe', 'sctp any 0x0000:IUbe'],
  ['--chunk-types any DATA:BEui', '--chunk-types any DATA:iuBE', 'sctp any 0x0000:iuBE'],
  ['--chunk-types any DATA:IbeU', '--chunk-types any DATA:IUbe', 'sctp any 0x0000:IUbe'],
  ['--chunk-types any DATA:,ABORT:T', '--chunk-types any DATA,ABORT:T', 'sctp any 0x0000,0x0006:T'],
  [
    '--chunk-types any ABORT:t,SHUTDOWN_COMPLETE:T',
    '--chunk-types any ABORT:t,SHUTDOWN_COMPLETE:T',
    'sctp any 0x0006:t,0x000E:T',
  ],
  ['--chunk-types all ALL', '--chunk-types all ALL', 'sctp all ALL'],
  ['--chunk-types all NONE', '--chunk-types all NONE', 'sctp all NONE'],
  ['--chunk-types only ALL', '--chunk-types only ALL', 'sctp only ALL'],
  ['--chunk-types ALL DATA', '--chunk-types all DATA', 'sctp all 0x0000'],
  ['--sport 0:65535', '--sport 0:65535', null],
  ['--dport :80', '--dport 0:80', 'sctp dpts:0:80'],
  ['--dport 80:', '--dport 80:65535', 'sctp dpts:80:65535'],
  ['--source-port 1 --destination-port 2', '--sport 1 --dport 2', 'sctp spt:1 dpt:2'],
  [
    '--chunk-types any ASCONF,ASCONF_ACK,FORWARD_TSN,ECN_ECNE,ECN_CWR,SHUTDOWN_COMPLETE',
    '--chunk-types any ECN_ECNE,ECN_CWR,SHUTDOWN_COMPLETE,ASCONF_ACK,FORWARD_TSN,ASCONF',
    'sctp any 0x000C,0x000D,0x000E,0x0080,0x00C0,0x00C1',
  ],
  ['--chunk-types any I_DATA', '--chunk-types any I_DATA', 'sctp any 0x0040'],
  ['--chunk-types any RE_CONFIG', '--chunk-types any RE_CONFIG', 'sctp any 0x0082'],
  ['--chunk-types any PAD', '--chunk-types any PAD', 'sctp any 0x0084'],
  ['--chunk-types any I_FORWARD_TSN', '--chunk-types any I_FORWARD_TSN', 'sctp any 0x00C2'],
  ['--chunk-types any ALL', '--chunk-types any ALL', 'sctp any ALL'],
  ['--chunk-types any NONE', '--chunk-types any NONE', 'sctp any NONE'],
  ['--chunk-types any DATA:I,DATA:u', '--chunk-types any DATA:Iu', 'sctp any 0x0000:Iu'],
  ['--chunk-types any DATA:iI', '--chunk-types any DATA:I', 'sctp any 0x0000:I'],
  ['--chunk-types any DATA,,INIT', '--chunk-types any DATA,INIT', 'sctp any 0x0000,0x0001'],
  ['--dport 0x50', '--dport 80', 'sctp dpt:80'],
  ['! --sport 0:65535', '! --sport 0:65535', 'sctp spts:!0:65535'],
  ['! --chunk-types any DATA:Be,INIT', '! --chunk-types any DATA:Be,INIT', 'sctp ! any DATA:Be,INIT'],
] as const;

const rows6 = [
  [
    '--dport 80 ! --chunk-types any DATA,INIT',
    '--dport 80 ! --chunk-types any DATA,INIT',
    'sctp dpt:80 ! any 0x0000,0x0001',
  ],
] as const;

const chunk = packet({ proto: 132, dport: 80 });
const carrying = (...chunks: readonly number[]) =>
  packet({ proto: 132, dport: 80, body: Uint8Array.from([0x9c, 0x40, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, ...chunks]) });
/** DATA with all its flags, one byte and padding; ABORT with T; SACK. */
const bundled = carrying(0, 15, 0, 5, 9, 0, 0, 0, 6, 1, 0, 4, 3, 0, 0, 4);
const broken = carrying(0, 15, 0, 0);

describe('sctp', () => {
  itPrints(sctp, 4, rows, { proto: 132 });
  itPrints(sctp, 6, rows6, { proto: 132 });
  itRefuses(
    sctp,
    4,
    [
      ['--dport 90:80', 'backwards'],
      ['--dport http', 'neither'],
      ['--dport 65536', 'neither'],
      ['--chunk-types none ALL', 'none of all'],
      ['--chunk-types any FOO', 'no chunk type'],
      ['--chunk-types any ALL,DATA', 'no chunk type'],
      ['--chunk-types any INIT:T', 'no flag'],
      ['--chunk-types any DATA:X', 'no flag'],
      ['--chunk-types any I_DATA:U', 'no flag'],
    ],
    { proto: 132 },
  );
  itTests(
    sctp,
    [
      ['its port', '--dport 80', chunk, 'yes'],
      ['another port', '! --dport 80', chunk, 'no'],
      ['one chunk of several', '--chunk-types any SACK', bundled, 'yes'],
      ['another one', '--chunk-types any INIT', bundled, 'no'],
      ['all of a list', '--chunk-types all DATA:B,ABORT:T', bundled, 'yes'],
      ['a flag that is not set', '--chunk-types all DATA:i,ABORT', bundled, 'no'],
      ['nothing else', '! --chunk-types only DATA,ABORT,SACK', bundled, 'no'],
      ['something else', '--chunk-types only DATA,ABORT', bundled, 'no'],
      ['a chunk without length', '--chunk-types any DATA', broken, 'no'],
      ['its chunks are not given', '--dport 80 --chunk-types any DATA', chunk, 'unknown'],
      ['nor for the negation', '! --chunk-types any DATA', chunk, 'unknown'],
      ['the wrong port settles it', '--dport 81 --chunk-types any DATA', chunk, 'no'],
      ['a later fragment has no ports', '! --dport 80', laterFragment(132), 'no'],
      ['UDP is none of it', '--dport 53', packet(), 'no'],
    ],
    { proto: 132 },
  );
});
