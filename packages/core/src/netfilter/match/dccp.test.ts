import { describe } from 'vitest';
import { dccp } from './dccp.js';
import { itPrints, itRefuses, itTests, laterFragment, packet } from './testing.js';

const dccpRule = { proto: 33 };
const sent = packet({ proto: 33, dport: 80 });

const carrying = (type: number) =>
  packet({ proto: 33, dport: 80, body: Uint8Array.from([0x9c, 0x40, 0, 80, 4, 0, 0, 0, type << 1, 0, 0, 1]) });
const nonsense = carrying(12);
const reset = carrying(7);

describe('dccp', () => {
  itPrints(
    dccp,
    4,
    [
      ['--dport 80', '--dport 80', 'dccp dpt:80'],
      ['! --sport 80:90 ! --dport http', '! --sport 80:90 ! --dport 80', 'dccp spts:!80:90 dpt:!80'],
      ['--source-port 5: --destination-port :9', '--sport 5:65535 --dport 0:9', 'dccp spts:5:65535 dpts:0:9'],
      ['--sport 0:65535', '--sport 0:65535', null],
      ['! --sport 0:65535', '! --sport 0:65535', 'dccp spts:!0:65535'],
      [
        '--dccp-types REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID',
        '--dccp-types REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID',
        'dccp 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15',
      ],
      ['! --dccp-types request', '! --dccp-types REQUEST', 'dccp ! REQUEST'],
      ['--dccp-types ACK,DATA,', '--dccp-types DATA,ACK', 'dccp DATA,ACK'],
      ['! --dccp-option 32', '! --dccp-option 32', 'dccp option=!32'],
      [
        '--dport 5 --dccp-option 32 --dccp-types ACK',
        '--dport 5 --dccp-types ACK --dccp-option 32',
        'dccp dpt:5 3 option=32',
      ],
      ['', '', 'dccp'],
    ],
    dccpRule,
  );
  itRefuses(
    dccp,
    4,
    [
      ['--dccp-types REQ', 'no DCCP type'],
      ['--dccp-option 0', 'between 1 and 255'],
      ['--dccp-option 256', 'between 1 and 255'],
    ],
    dccpRule,
  );
  itTests(
    dccp,
    [
      ['its ports are known', '--dport 80', sent, 'yes'],
      ['its type is not', '--dport 80 --dccp-types REQUEST', sent, 'unknown'],
      ['a type that its bytes tell', '--dccp-types DATA,RESET', reset, 'yes'],
      ['another one', '! --dccp-types DATA', reset, 'yes'],
      ['10 to 15 are invalid', '--dccp-types INVALID', nonsense, 'yes'],
      ['the wrong port settles it', '--dport 81 --dccp-types REQUEST', sent, 'no'],
      ['nor are its options', '--dccp-option 32', sent, 'unknown'],
      ['a later fragment has no port', '! --dport 80', laterFragment(33), 'no'],
      ['UDP is another protocol', '', packet(), 'no'],
    ],
    dccpRule,
  );
});
