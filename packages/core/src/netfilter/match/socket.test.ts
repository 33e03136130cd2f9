import { describe } from 'vitest';
import { socket } from './socket.js';
import { itPrints, itRefuses, itTests, packet } from './testing.js';

const rows = [
  ['', '', 'socket'],
  ['--transparent', '--transparent', 'socket --transparent'],
  ['--nowildcard', '--nowildcard', 'socket --nowildcard'],
  [
    '--restore-skmark --nowildcard --transparent',
    '--transparent --nowildcard --restore-skmark',
    'socket --transparent --nowildcard --restore-skmark',
  ],
] as const;

const rows6 = [['--transparent', '--transparent', 'socket --transparent']] as const;

describe('socket', () => {
  itPrints(socket, 4, rows);
  itPrints(socket, 6, rows6);
  itRefuses(socket, 4, [['! --transparent', 'takes no !']]);
  itTests(socket, [['sockets are not asked', '--transparent', packet(), 'unknown']]);
});
